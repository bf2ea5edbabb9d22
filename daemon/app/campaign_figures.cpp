#include "daemon/app/campaign_figures.hpp"

#include <utility>

namespace raiten::app {
namespace {

/// A campaign's decisions, put together member by member.
class Experiment {
 public:
    Experiment(CampaignFigures& figures, const StoreClock& clock) : figures_{figures}, clock_{clock}
    {
    }

    /// Ascending by member, and then in order of decision.
    void take(const ledger::PastDecision& one)
    {
        if (one.partly_blind) return void(++figures_.partly_blind);
        if (one.guessed && !one.bought) return void(++figures_.guessed);
        if (members_.empty() || whose_ != one.member) {
            whose_ = one.member;
            auto& member = members_.emplace_back();
            member.withheld = one.withheld;
            member.control_share = one.control;
            member.first_day = clock_.day_of(one.decided_at).time_since_epoch().count();
        }
        auto& member = members_.back();
        if (member.withheld != one.withheld) return void(++figures_.changed_group);
        ++figures_.decisions;
        ++member.decisions;
        if (one.bought) ++member.bought;
        member.spent += one.spent.units();
        if (one.redeemed) member.cost += one.cost.units();
    }
    void finish()
    {
        auto effect = decision::effect_of(members_);
        auto look = decision::always_valid(members_);
        if (effect && look) {
            figures_.effect = *std::move(effect);
            figures_.look = *std::move(look);
        } else {
            figures_.trouble = effect ? look.error() : effect.error();
        }
    }

 private:
    CampaignFigures& figures_;
    const StoreClock& clock_;
    MemberId whose_{};
    std::vector<decision::ExperimentMember> members_;
};

}  // namespace

std::uint64_t CampaignFigures::unknown() const
{
    const auto known = counts.pending + decisions + partly_blind + guessed + changed_group;
    const auto all = counts.decisions();
    return all > known ? all - known : 0;
}

Result<CampaignsFigures> campaigns_figures(ledger::Histories& past,
                                           const std::vector<std::string>& campaigns,
                                           const VisitRules& rules, const StoreClock& clock,
                                           const std::atomic<bool>& cancelled)
{
    const auto time = past.engine_time();
    if (!time) return time.error();
    CampaignsFigures out;
    out.as_of = *time;
    out.settled_before = ledger::outcomes_settled_by(*time, rules);
    for (const auto& id : campaigns) {
        auto& figures = out.campaigns.emplace_back();
        figures.campaign = id;
        Experiment experiment{figures, clock};
        const auto read =
            past.each_decision(id, out.settled_before, [&](const ledger::PastDecision& one) {
                experiment.take(one);
                return !cancelled;
            });
        if (!read) return read.error();
        if (cancelled) return Problem{"the service is stopping"};
        auto counts = past.decision_counts(id, out.settled_before);
        if (!counts) return counts.error();
        figures.counts = *counts;
        experiment.finish();
    }
    return out;
}

}  // namespace raiten::app
