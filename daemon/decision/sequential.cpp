#include "daemon/decision/sequential.hpp"

#include "daemon/decision/cluster_sums.hpp"
#include "daemon/decision/effect.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::decision {
namespace {

constexpr double alpha = 0.05;

/// What both groups are worth together, in decisions.
double worth(const GroupSums& given, const GroupSums& withheld)
{
    const auto inverse = [](const GroupSums& group) {
        return group.independent / (group.weighted * group.weighted);
    };
    return 1 / (inverse(given) + inverse(withheld));
}

}  // namespace

double always_valid_deviations(double decisions)
{
    const double grown = decisions / tuned_decisions;
    return std::sqrt((1 + 1 / grown) * (2 * std::log(1 / alpha) + std::log1p(grown)));
}

Result<LookSoFar> always_valid(std::span<const ExperimentMember> members_so_far)
{
    if (auto problem = problem_of(members_so_far)) return *std::move(problem);
    LookSoFar out;
    out.sample_ratio = sample_ratio(members_so_far);
    if (out.sample_ratio.mismatch()) return out;
    const auto given = group_sums(members_so_far, false, Outcome::purchases);
    const auto withheld = group_sums(members_so_far, true, Outcome::purchases);
    if (!enough(given, withheld)
        || expected_purchases_of_smaller(given, withheld) < first_look_purchases)
        return out;
    const auto given_spend = group_sums(members_so_far, false, Outcome::spend);
    const auto withheld_spend = group_sums(members_so_far, true, Outcome::spend);
    AlwaysValid figures;
    figures.deviations = always_valid_deviations(worth(given, withheld));
    figures.rate = two_means(given, withheld, Outcome::purchases).interval(figures.deviations);
    figures.spend =
        two_means(given_spend, withheld_spend, Outcome::spend).interval(figures.deviations);
    out.figures = figures;
    return out;
}

}  // namespace raiten::decision
