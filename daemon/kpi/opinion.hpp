#pragma once

#include <cstdint>
#include <optional>

namespace raiten {

/// Answers to "would you recommend us", 0 to 10. Net promoter score (Reichheld 2003): percentage
/// of promoters less percentage of detractors, −100 to 100.
struct Opinion {
    std::uint64_t promoters{};   ///< 9, 10
    std::uint64_t passives{};    ///< 7, 8
    std::uint64_t detractors{};  ///< 0 to 6

    constexpr std::uint64_t answers() const { return promoters + passives + detractors; }
    constexpr std::optional<double> net_promoter_score() const
    {
        if (answers() == 0) return std::nullopt;
        const auto lead =
            static_cast<std::int64_t>(promoters) - static_cast<std::int64_t>(detractors);
        return 100.0 * static_cast<double>(lead) / static_cast<double>(answers());
    }
    constexpr void add(const Opinion& other)
    {
        promoters += other.promoters;
        passives += other.passives;
        detractors += other.detractors;
    }
    friend bool operator==(const Opinion&, const Opinion&) = default;
};

}  // namespace raiten
