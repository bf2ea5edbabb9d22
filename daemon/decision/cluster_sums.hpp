#pragma once

#include "daemon/decision/experiment.hpp"
#include "daemon/decision/score_interval.hpp"

#include <cstdint>
#include <span>

/// What two groups of members did per decision, and how far chance alone may carry it: all of a
/// member's decisions stand or fall together.
namespace raiten::decision {

enum class Outcome : std::uint8_t { purchases, spend };

/// Chance decided over this member: the share withheld was neither nobody nor everybody.
bool has_part(const ExperimentMember& member);

/// One outcome of one group, each member weighted by the inverse of the chance that he came into
/// the group, normalised (Hájek 1971): where the share withheld was raised on the way, members of
/// before and after count alike in both groups.
struct GroupSums {
    std::uint64_t members{}, decisions{}, bought{};
    std::uint64_t buyers{};    ///< members who bought at least once
    double weighted{};         ///< Σ weight · decisions
    double squared_weights{};  ///< Σ weight²
    double independent{};      ///< Σ weight² · decisions
    double mean{};             ///< of the outcome per decision: ratio of the weighted sums
    double
        squared_residuals{};  ///< Σ (weight (outcome − mean · decisions))² · members/(members − 1)
};

GroupSums group_sums(std::span<const ExperimentMember> members, bool withheld, Outcome outcome);

/// The two means of the outcome, with variances by member (linearised ratio: Cochran 1977,
/// Sampling Techniques, chapter 6). Each group's factor (how much wider than of independent
/// decisions with the variance of `Spread`) is drawn to that of both together, as if that had been
/// seen in 20 more of its buyers: with few buyers withheld, their variance and their mean are off
/// in the same direction, and an interval by their own variance covers too seldom.
TwoMeans two_means(const GroupSums& given, const GroupSums& withheld, Outcome outcome);

inline constexpr double factor_prior_buyers = 20;

/// Enough for the figures to be trusted: 20 members in each group, and 3 purchases to be expected
/// in each if all bought alike (purchases, not spend, are looked at).
bool enough(const GroupSums& given, const GroupSums& withheld);

inline constexpr std::uint64_t group_members_min = 20;
inline constexpr double group_purchases_min = 3;

/// Purchases to be expected in the smaller group if all bought alike.
double expected_purchases_of_smaller(const GroupSums& given, const GroupSums& withheld);

}  // namespace raiten::decision
