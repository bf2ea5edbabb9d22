#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// Two groups of members, the share of each of whom something became true, and how far these
/// shares lie apart.
namespace raiten::scoring {

struct Group {
    std::uint64_t members{};
    std::uint64_t kept{};  ///< of them: those of whom it became true

    double rate() const
    {
        return members == 0 ? 0 : static_cast<double>(kept) / static_cast<double>(members);
    }
    friend bool operator==(const Group&, const Group&) = default;
};

struct TwoGroups {
    Group did;
    Group did_not;
};

/// Rate of those who did less rate of those who did not, −1 to 1, with its 95 % interval.
struct Difference {
    double value{};
    double lower{};
    double upper{};
    double p{1};  ///< of the two-sided test that there is none
    double q{1};  ///< p among all differences of a list; p itself until it is in one
};

/// Interval: Newcombe (1998), Statistics in Medicine 17, 873–890, method 10: two Wilson score
/// intervals, squared and added. It lies within [−1, 1], and is an interval too where everybody
/// or nobody came. p: Pearson's chi-squared without correction. Nothing where a group is empty.
std::optional<Difference> difference(const TwoGroups& groups);

/// Of fewer members than this in either group the adjusted interval would be too narrow.
inline constexpr std::uint64_t adjusted_group_min = 20;

/// The difference among members who are alike in what the strata stand for: Mantel and Haenszel's
/// weights n₁n₀/N (Greenland & Robins 1985, Biometrics 41, 55–68), interval by the variance of
/// Sato (1989), Biometrics 45, 1323–1324, which holds for few large strata and for many small
/// ones; p: Mantel and Haenszel (1959) without correction. Nothing where the strata that have
/// both groups hold fewer than adjusted_group_min of either, or nobody's outcome differs in them.
std::optional<Difference> adjusted_difference(std::span<const TwoGroups> strata);

/// For each p the least share of false discoveries in a list that reaches so far, in the order
/// given: Benjamini & Hochberg (1995), JRSS B 57(1), 289–300.
std::vector<double> false_discovery_rates(std::span<const double> p);

}  // namespace raiten::scoring
