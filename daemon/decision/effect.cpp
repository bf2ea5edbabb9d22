#include "daemon/decision/effect.hpp"

#include "daemon/decision/cluster_sums.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace raiten::decision {
namespace {

bool amount(double value)
{
    return std::isfinite(value) && value >= 0;
}

bool contradicts_itself(const ExperimentMember& member)
{
    const bool share = member.control_share >= 0 && member.control_share <= 1;
    return !share || !amount(member.spent) || !amount(member.cost)
           || member.bought > member.decisions;
}

GroupFigures figures_of(const GroupSums& purchases, const GroupSums& spend)
{
    return {purchases.members, purchases.decisions, purchases.bought,
            purchases.buyers,  purchases.mean,      spend.mean};
}

/// Cost per decision given, and how it moves with the rate of those given.
struct CostSums {
    double mean{}, variance{}, covariance{};
};

CostSums cost_sums(std::span<const ExperimentMember> members, const GroupSums& given)
{
    CostSums out;
    const auto decisions = static_cast<double>(given.decisions);
    for (const auto& member : members)
        if (!member.withheld && has_part(member)) out.mean += member.cost / decisions;
    for (const auto& member : members) {
        if (member.withheld || !has_part(member)) continue;
        const double cost_off = (member.cost - out.mean * member.decisions) / decisions;
        const double rate_off = (member.bought - given.mean * member.decisions)
                                / ((1 - member.control_share) * given.weighted);
        out.variance += cost_off * cost_off;
        out.covariance += cost_off * rate_off;
    }
    const auto count = static_cast<double>(given.members);
    out.variance *= count / (count - 1);
    out.covariance *= count / (count - 1);
    return out;
}

/// All ratios θ > 0 for which cost − θ · rate lies within 1.96 of its deviations of 0: those
/// between the roots of aθ² − 2bθ + c, or above the one that is positive where a ≤ 0.
std::optional<PurchaseCost> purchase_cost(const CostSums& cost, const Interval& rate,
                                          double rate_variance)
{
    const double square = normal_95 * normal_95;
    const double a = rate.value * rate.value - square * rate_variance;
    const double b = cost.mean * rate.value - square * cost.covariance;
    const double c = cost.mean * cost.mean - square * cost.variance;
    const double sum = b + std::sqrt(std::max(0.0, b * b - a * c));
    if (rate.below_nothing() || sum <= 0) return std::nullopt;
    PurchaseCost out;
    if (rate.value > 0) out.value = cost.mean / rate.value;
    out.low = std::max(0.0, c / sum);
    if (rate.above_nothing() && a > 0) out.high = sum / a;
    return out;
}

Interval times(const Interval& interval, double factor)
{
    return {interval.value * factor, interval.low * factor, interval.high * factor};
}

Verdict verdict_of(const Interval& rate)
{
    if (rate.above_nothing()) return Verdict::more;
    return rate.below_nothing() ? Verdict::fewer : Verdict::no_difference_shown;
}

}  // namespace

std::optional<Problem> problem_of(std::span<const ExperimentMember> members)
{
    const auto bad = std::find_if(members.begin(), members.end(), contradicts_itself);
    if (bad == members.end()) return std::nullopt;
    return Problem{"a member's part in the campaign contradicts itself",
                   "member " + std::to_string(bad - members.begin()) + " of the experiment",
                   "purchases are at most the decisions, spend and cost 0 or more, the share "
                   "withheld 0 to 1"};
}

Result<CampaignEffect> effect_of(std::span<const ExperimentMember> members)
{
    if (auto problem = problem_of(members)) return *std::move(problem);
    CampaignEffect out;
    const auto given = group_sums(members, false, Outcome::purchases);
    const auto withheld = group_sums(members, true, Outcome::purchases);
    const auto given_spend = group_sums(members, false, Outcome::spend);
    const auto withheld_spend = group_sums(members, true, Outcome::spend);
    out.given = figures_of(given, given_spend);
    out.withheld = figures_of(withheld, withheld_spend);
    out.without_part = members.size() - given.members - withheld.members;
    out.sample_ratio = sample_ratio(members);
    if (out.sample_ratio.mismatch()) {
        out.verdict = Verdict::mismatch;
        return out;
    }
    if (!enough(given, withheld)) return out;

    const auto rates = two_means(given, withheld, Outcome::purchases);
    const auto amounts = two_means(given_spend, withheld_spend, Outcome::spend);
    EffectFigures figures;
    figures.rate = rates.interval(normal_95);
    figures.spend = amounts.interval(normal_95);
    figures.purchases = times(figures.rate, static_cast<double>(given.decisions));
    out.verdict = verdict_of(figures.rate);
    figures.purchase_cost =
        purchase_cost(cost_sums(members, given), figures.rate, rates.variance());
    out.figures = figures;
    return out;
}

}  // namespace raiten::decision
