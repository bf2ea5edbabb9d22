#include "daemon/decision/cluster_sums.hpp"

#include <algorithm>

namespace raiten::decision {
namespace {

double weight_of(const ExperimentMember& member)
{
    return 1 / (member.withheld ? member.control_share : 1 - member.control_share);
}

double outcome_of(const ExperimentMember& member, Outcome outcome)
{
    return outcome == Outcome::purchases ? static_cast<double>(member.bought) : member.spent;
}

double variance_at(double mean, Outcome outcome)
{
    return outcome == Outcome::purchases ? mean * (1 - mean) : mean;
}

/// Variance of the sum, if decisions were independent and the factor 1.
double plain_variance(const GroupSums& group, Outcome outcome)
{
    return variance_at(group.mean, outcome) * group.independent;
}

/// Variance by member beside the plain one, of both groups together, each member counting once.
double common_factor(const GroupSums& given, const GroupSums& withheld, Outcome outcome)
{
    double found = 0, plain = 0;
    for (const auto* group : {&given, &withheld}) {
        const double scale = static_cast<double>(group->members) / group->squared_weights;
        found += scale * group->squared_residuals;
        plain += scale * plain_variance(*group, outcome);
    }
    return found > 0 && plain > 0 ? found / plain : 1;
}

Mean mean_of(const GroupSums& group, double common, Outcome outcome)
{
    const double plain = plain_variance(group, outcome);
    const auto buyers = static_cast<double>(group.buyers);
    const double own = plain > 0 ? group.squared_residuals / plain : 0;
    const double factor =
        own > 0 ? (buyers * own + factor_prior_buyers * common) / (buyers + factor_prior_buyers)
                : common;
    return {group.mean, factor * group.independent / (group.weighted * group.weighted)};
}

}  // namespace

bool has_part(const ExperimentMember& member)
{
    return member.decisions > 0 && member.control_share > 0 && member.control_share < 1;
}

GroupSums group_sums(std::span<const ExperimentMember> members, bool withheld, Outcome outcome)
{
    GroupSums out;
    double sum = 0;
    const auto belongs = [withheld](const ExperimentMember& member) {
        return member.withheld == withheld && has_part(member);
    };
    for (const auto& member : members) {
        if (!belongs(member)) continue;
        const double weight = weight_of(member);
        ++out.members;
        out.decisions += member.decisions;
        out.bought += member.bought;
        out.buyers += member.bought > 0 ? 1 : 0;
        out.weighted += weight * member.decisions;
        out.squared_weights += weight * weight;
        out.independent += weight * weight * member.decisions;
        sum += weight * outcome_of(member, outcome);
    }
    if (out.members < 2) return out;
    out.mean = sum / out.weighted;
    if (outcome == Outcome::purchases) out.mean = std::min(out.mean, 1.0);  // but for rounding
    for (const auto& member : members) {
        if (!belongs(member)) continue;
        const double off =
            weight_of(member) * (outcome_of(member, outcome) - out.mean * member.decisions);
        out.squared_residuals += off * off;
    }
    const auto count = static_cast<double>(out.members);
    out.squared_residuals *= count / (count - 1);
    return out;
}

TwoMeans two_means(const GroupSums& given, const GroupSums& withheld, Outcome outcome)
{
    const double common = common_factor(given, withheld, outcome);
    const auto spread = outcome == Outcome::purchases ? Spread::share : Spread::amount;
    return {spread, mean_of(given, common, outcome), mean_of(withheld, common, outcome)};
}

double expected_purchases_of_smaller(const GroupSums& given, const GroupSums& withheld)
{
    const auto decisions = static_cast<double>(given.decisions + withheld.decisions);
    if (decisions == 0) return 0;
    const auto smaller = static_cast<double>(std::min(given.decisions, withheld.decisions));
    return static_cast<double>(given.bought + withheld.bought) / decisions * smaller;
}

bool enough(const GroupSums& given, const GroupSums& withheld)
{
    return std::min(given.members, withheld.members) >= group_members_min
           && expected_purchases_of_smaller(given, withheld) >= group_purchases_min;
}

}  // namespace raiten::decision
