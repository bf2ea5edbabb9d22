#include "daemon/app/ctl/backtest_report.hpp"

#include "daemon/decision/expected_reward.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace raiten::app::ctl {
namespace {

using ledger::DecisionOutcome;

constexpr double errors_off_max = 4;

/// A decision that can be used, and the probability of what was done.
struct Used {
    const DecisionOutcome* outcome;
    double probability;
};

double probability(const DecisionOutcome& outcome, double control)
{
    return outcome.offer.empty() ? control : (1 - control) * outcome.arm_probability;
}

/// Whether some decisions are from before the share of control was kept: one was withheld without.
bool control_was_not_kept(const std::vector<DecisionOutcome>& outcomes)
{
    return std::any_of(outcomes.begin(), outcomes.end(), [](const DecisionOutcome& outcome) {
        return outcome.offer.empty() && outcome.control == 0;
    });
}

/// Those that can be used; the others are counted.
std::vector<Used> usable(const std::vector<DecisionOutcome>& outcomes, Instant now, Backtest& out)
{
    const bool some_old = control_was_not_kept(outcomes);
    std::vector<Used> used;
    // A member stays where the first decision put them, whatever the share became later.
    std::optional<MemberId> whose;
    double control = 0;
    for (const auto& outcome : outcomes) {
        const bool old = some_old && outcome.control == 0;
        if (!old && whose != outcome.member) {
            whose = outcome.member;
            control = outcome.control;
        }
        const double p = probability(outcome, control);
        if (outcome.left_out)
            ++out.not_agreed;
        else if (old || !(p > 0 && p <= 1))
            ++out.no_probability;
        else if (outcome.unsettled || outcome.expires_at + receipts_awaited > now)
            ++out.not_over;
        else if (outcome.uncertain)
            ++out.uncertain;
        else
            used.push_back({&outcome, p});
    }
    return used;
}

/// Withheld, the campaign's offers, then those that were only given.
std::vector<BacktestAction> actions_of(const Campaign& campaign, const std::vector<Used>& used)
{
    std::vector<BacktestAction> out{{{}, 0, 0, campaign.control}};
    std::set<std::string> known{""};
    const auto arms = static_cast<double>(campaign.offers.size());
    for (const auto& offer : campaign.offers)
        if (known.insert(offer.code).second)
            out.push_back({offer.code, 0, 0, (1 - campaign.control) / arms});
    std::set<std::string> others;
    for (const auto& each : used)
        if (!known.contains(each.outcome->offer)) others.insert(each.outcome->offer);
    for (const auto& offer : others) out.push_back({offer, 0, 0, 0});
    return out;
}

/// The standard error of the mean weight follows from how far the sample shrinks.
bool weights_are_doubtful(const PolicyValue& value, std::size_t members)
{
    const auto n = static_cast<double>(members);
    const double error = value.mean_weight * std::sqrt((n / value.effective_members - 1) / n);
    return std::abs(value.mean_weight - 1) > errors_off_max * error + 1e-6;
}

Result<PolicyValue> value_of(const DecisionLog& log, const std::vector<double>& policy)
{
    const auto expected = cross_fitted_rewards(log);
    if (!expected) return expected.error();
    return evaluate_policy(log, policy, *expected);
}

}  // namespace

Backtest backtest(const Campaign& campaign, const std::vector<DecisionOutcome>& outcomes,
                  Instant now)
{
    Backtest out;
    out.campaign = campaign.id;
    const auto used = usable(outcomes, now, out);
    out.decisions = used.size();
    out.actions = actions_of(campaign, used);
    std::map<std::string, std::size_t> place;
    for (std::size_t i = 0; i < out.actions.size(); ++i) place[out.actions[i].offer] = i;

    std::vector<LoggedDecision> bought, spent;
    std::vector<std::uint64_t> members;
    for (const auto& [outcome, chance] : used) {
        const auto action = place[outcome->offer];
        auto& row = out.actions[action];
        ++row.decisions;
        if (outcome->bought) ++row.bought;
        bought.push_back({action, outcome->bought ? 1.0 : 0.0, chance});
        spent.push_back({action, outcome->spend.units(), chance});
        members.push_back(outcome->member.value());
        out.from = std::min(out.from.value_or(outcome->decided_at), outcome->decided_at);
        out.to = std::max(out.to.value_or(outcome->decided_at), outcome->decided_at);
    }
    out.members = std::set<std::uint64_t>{members.begin(), members.end()}.size();
    if (used.empty()) {
        out.refused = Problem{"no decision of this campaign can be used"};
        return out;
    }
    std::vector<double> policy;
    for (std::size_t row = 0; row < used.size(); ++row)
        for (const auto& action : out.actions) policy.push_back(action.asked);

    const auto rate = value_of({out.actions.size(), bought, members}, policy);
    if (!rate) {
        out.refused = rate.error();
        return out;
    }
    out.bought = *rate;
    out.doubtful_weights = weights_are_doubtful(*rate, out.members);
    if (const auto money = value_of({out.actions.size(), spent, members}, policy))
        out.spend = *money;
    return out;
}

}  // namespace raiten::app::ctl
