#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

/// What an offer does on average: how many more of a hundred members come with it than without.
namespace raiten::scoring {

/// A share, or a difference of two, with its 95 % interval.
struct Effect {
    double value{};
    double low{}, high{};

    bool above_nothing() const { return low > 0; }
    bool below_nothing() const { return high < 0; }

    template <class Archive>
    void archive(Archive& a)
    {
        a(value, low, high);
    }
};

struct Outcomes {
    double members{};
    double came{};  ///< of them
};

/// The score interval of a share: Wilson (1927), JASA 22(158). `members` above 0.
Effect share_of(const Outcomes& outcomes);

/// The share that came of the first less that of the second, with the hybrid score interval of
/// Newcombe (1998), "Interval estimation for the difference between independent proportions",
/// Statistics in Medicine 17, method 10: good also where shares are near 0 or members few. Both
/// have members.
Effect difference_of(const Outcomes& first, const Outcomes& second);

/// What came of decisions whose chances were known: the spans are only looked at.
struct OfferDecisions {
    std::size_t features{};               ///< how many numbers were known of a member; 0 to 64
    std::span<const double> values;       ///< decisions × features, decision by decision; finite
    std::span<const std::uint8_t> given;  ///< 1 given, 0 withheld
    std::span<const std::uint8_t> came;   ///< 1 or 0
    /// The chance there was that it is given, .001 to .999; empty: alike for all, and not known.
    std::span<const double> chance{};

    std::size_t size() const { return given.size(); }
};

inline constexpr std::size_t offer_each_min = 20;  ///< decisions given, and withheld
inline constexpr double offer_chance_min = 0.001;

struct AverageEffect {
    Effect effect;
    std::uint64_t given{}, given_came{}, withheld{}, withheld_came{};
    bool weighted{};  ///< the chances differed

    template <class Archive>
    void archive(Archive& a)
    {
        a(effect, given, given_came, withheld, withheld_came, weighted);
    }
};

/// The average effect. Where all had the same chance it is the difference of the shares, after
/// Newcombe; else both shares are weighted by the inverse of the chance of what was done and
/// normalised (Hájek 1971; Lunceford & Davidian 2004, Statistics in Medicine 23, IPW2), with a
/// robust normal interval. A Problem where sizes do not fit, a number is none, or either group is
/// worth fewer than 20 decisions ((Σ weight)² / Σ weight², Kish 1965): a few large weights carry
/// no effect.
Result<AverageEffect> average_effect(const OfferDecisions& decisions);

}  // namespace raiten::scoring
