#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// Recency, frequency and monetary value as ranks 1 (worst) to 5 (best) among a store's members.
namespace raiten::scoring {

/// What it ranks one member by. Without a purchase F and M rank 1, and `recency` counts from the
/// last visit.
struct Custom {
    double recency{};  ///< days since the last purchase
    double frequency{};
    double monetary{};
    bool bought{true};
};

struct RfmRanks {
    std::uint8_t r{}, f{}, m{};
    unsigned sum() const { return static_cast<unsigned>(r) + f + m; }
    friend bool operator==(const RfmRanks&, const RfmRanks&) = default;
};

/// The quantile of ascending values by Hyndman & Fan's definition 7, as R computes it.
double quantile(std::span<const double> ascending, double share);

/// Where one rank ends and the next begins: one unit above the quantiles .2, .4, .6, .8. A rank
/// takes [lower, upper), so that of whole numbers a quantile itself still belongs below; heavy
/// ties skip ranks. As in R's package rfm.
class RankCuts {
 public:
    RankCuts() = default;
    /// Any order; without values every rank is 1.
    static RankCuts of(std::vector<double> values);

    std::uint8_t rank(double value) const;  ///< 1 to 5
    const std::array<double, 4>& cuts() const { return cuts_; }
    bool any() const { return any_; }  ///< there were values
    template <class Archive>
    void archive(Archive& a)
    {
        a(cuts_, any_);
    }

 private:
    std::array<double, 4> cuts_{};
    bool any_{};
};

/// The cuts of a store, kept from one night to the next.
struct RfmCuts {
    RankCuts recency, frequency, monetary;
    template <class Archive>
    void archive(Archive& a)
    {
        a(recency, frequency, monetary);
    }

    /// From all members who ever bought.
    static RfmCuts of(std::span<const Custom> members);
    RfmRanks rank(const Custom& member) const;
};

}  // namespace raiten::scoring
