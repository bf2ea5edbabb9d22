#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace raiten::accuracy {

/// So many of so many.
struct Share {
    std::size_t hits{};
    std::size_t of{};

    /// Nothing of nothing is nothing.
    std::optional<double> value() const;
    void count(bool hit)
    {
        hits += hit ? 1 : 0;
        ++of;
    }
    Share& operator+=(const Share& other)
    {
        hits += other.hits;
        of += other.of;
        return *this;
    }
};

/// The middle one, of an even count the mean of the two; nothing of nothing.
std::optional<double> median(std::vector<double> values);

struct Interval {
    double low{};
    double high{};
};

/// 95 % of the share over stores like these: whole stores are drawn with replacement, 2,000 times
/// (Efron 1979, percentiles). The same for the same seed. Nothing where no store has anything.
std::optional<Interval> bootstrap(const std::vector<Share>& stores, std::uint64_t seed);

}  // namespace raiten::accuracy
