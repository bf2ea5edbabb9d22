#include "daemon/app/campaign_learner.hpp"

#include "daemon/app/model_store.hpp"

#include <algorithm>
#include <optional>

namespace raiten::app {
namespace {

using scoring::CampaignUplift;

/// A night looks up from its reading this often.
constexpr std::size_t decisions_at_once = 1000;

std::optional<scoring::OfferOutcome> outcome_of(const ledger::PastDecision& decision)
{
    scoring::OfferFeatures features{};
    if (decision.features.size() != features.size()) return std::nullopt;
    std::copy(decision.features.begin(), decision.features.end(), features.begin());
    return scoring::outcome_of(features, 1 - decision.control, !decision.withheld, decision.bought);
}

/// One campaign's decisions, and of each member the newest that was made whatever was expected.
class Samples {
 public:
    Samples(std::string campaign, std::uint64_t tenant_seed)
        : campaign_{std::move(campaign)}, tenant_seed_{tenant_seed}
    {
    }
    void note(const ledger::PastDecision& decision)
    {
        const auto outcome = outcome_of(decision);
        if (!outcome) return;
        decisions_.add(decision.id.value(), *outcome);
        if (newest_ && whose_ != decision.member) member_ends();
        whose_ = decision.member;
        const bool by_lot =
            !decision.uplift || scoring::is_explored(tenant_seed_, campaign_, decision.member_name);
        if (by_lot) newest_ = {decision.id.value(), *outcome};
    }
    void member_ends()
    {
        if (newest_) anybody_.add(newest_->first, newest_->second);
        newest_.reset();
    }
    const scoring::OfferSample& decisions() const { return decisions_; }
    const scoring::OfferSample& anybody() const { return anybody_; }

 private:
    const std::string campaign_;
    const std::uint64_t tenant_seed_;
    scoring::OfferSample decisions_, anybody_;
    MemberId whose_;
    std::optional<std::pair<std::uint64_t, scoring::OfferOutcome>> newest_;
};

/// What is still good of the last night's.
void keep_last(const scoring::Models* last, Instant at, scoring::Models& models)
{
    models.uplift.clear();
    if (last == nullptr) return;
    for (const auto& [campaign, learned] : last->uplift)
        if (at - learned->made_at <= ledger::uplift_kept) models.uplift.emplace(campaign, learned);
}

}  // namespace

Result<bool> learn_campaigns(Past& past, const NightRules& rules, Instant at,
                             const scoring::Models* last, scoring::Models& models,
                             std::vector<ledger::ModelRow>& rows,
                             const std::function<bool()>& go_on)
{
    keep_last(last, at, models);
    const auto settled_before = ledger::outcomes_settled_by(at, rules.visits);
    for (const auto& campaign : rules.targets) {
        Samples samples{campaign, rules.tenant_seed};
        std::size_t read = 0;
        bool going = true;
        const auto told =
            past.each_decision(campaign, settled_before, [&](const ledger::PastDecision& decision) {
                samples.note(decision);
                return ++read % decisions_at_once != 0 || (going = go_on());
            });
        if (!told) return told.error();
        if (!going || !go_on()) return false;
        samples.member_ends();
        const auto found = models.uplift.find(campaign);
        const auto* in_use = found == models.uplift.end() ? nullptr : found->second.get();
        const auto learned =
            scoring::learn_campaign(samples.decisions(), samples.anybody(), at, in_use);
        if (!learned) continue;  // too few so far
        const auto verdict = scoring::judge(*learned, in_use, samples.decisions());
        rows.push_back(uplift_row(campaign, *learned, verdict));
        if (verdict.accepted)
            models.uplift[campaign] = std::make_shared<const CampaignUplift>(*learned);
    }
    return true;
}

}  // namespace raiten::app
