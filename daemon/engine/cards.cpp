#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"
#include "daemon/scoring/card.hpp"

#include <algorithm>

/// What is known of a member at one moment: what was seen, and what the night's models make of it.
namespace raiten {
namespace {

double days_between(Instant from, Instant to)
{
    return std::chrono::duration<double, std::ratio<86'400>>(to - from).count();
}

}  // namespace

ScoreCard Engine::Impl::card_of(const MemberRecord& member, const VisitRecord* visit, Instant at)
{
    ScoreCard card;
    card.member = member.name;
    card.visits = member.settled_visits;
    card.purchases = member.purchases;
    card.spend = member.spend;
    card.birth_month = member.birth_month;
    if (visit) {
        card.zone = visit->zone;
        card.streak = visit->streak;
        const bool settled = visit->state == VisitState::settled;
        card.dwell_min = days_between(visit->opened_at, settled ? visit->left_at : at) * 24 * 60;
        if (settled) --card.visits;  // before this one
    }
    if (const auto last = link_before(member, visit ? visit->opened_at : at)) {
        card.days_since_visit = days_between(last->left_at, at);
        if (!visit) card.streak = last->streak;
    }
    if (member.last_purchase_at)
        card.days_since_purchase = days_between(*member.last_purchase_at, at);
    if (member.first_visit_at)
        card.days_since_first_visit = days_between(*member.first_visit_at, at);

    if (!models_) return card;
    auto habits = members_.habits(member.id);
    if (!habits) return card;
    for (const auto& settled : member.recent)
        if (settled.ordinal >= habits->next_visit)
            habits->note(scoring::past_visit(settled, setup_.clock), true);
    scoring::score(card, *habits, *models_, scoring::today_at(at, setup_.clock));
    if (visit && visit->state != VisitState::settled && models_->propensity)
        card.propensity = propensity_of(member, *visit, card, at);
    return card;
}

/// To buy on this visit. Nothing once they have.
std::optional<double> Engine::Impl::propensity_of(const MemberRecord& member,
                                                  const VisitRecord& visit, const ScoreCard& card,
                                                  Instant at) const
{
    if (visit.outcome() == VisitOutcome::purchase) return std::nullopt;
    scoring::OpeningFacts facts;
    facts.streak = visit.streak;
    facts.visits = member.settled_visits;
    facts.purchases = member.purchases;
    facts.bought_at = member.last_purchase_at;
    facts.stage = card.stage.value_or(Stage::fresh);
    const auto by = visit.opened_at + setup_.rules.enter_window;
    facts.coupon =
        std::any_of(member.coupons.begin(), member.coupons.end(), [&](const CouponRecord& c) {
            return c.state != CouponState::withheld && c.decided_at <= by
                   && c.closed_at.value_or(c.expires_at) > visit.opened_at;
        });
    if (!visit.readers.empty()) {
        const auto first = reader_ids_.find(visit.readers.front());
        facts.checked_in =
            first == reader_ids_.end() || !readers_.at(first->second.value()).passive;
    }
    const auto opening = scoring::opening_features(visit, facts, setup_.clock);
    return models_->propensity->probability(scoring::features_at(visit, opening, at));
}

ScoreCard Engine::Impl::card(MemberId member, Instant at)
{
    const auto near = hot_.find(member);
    if (near == hot_.end()) return card_of(members_.load(member), nullptr, at);
    Hot& who = near->second;
    const VisitRecord* open = who.current ? open_visit_of(who, *who.current) : nullptr;
    if (!open) return card_of(who.record, nullptr, at);
    VisitRecord visit = *open;
    if (const Stay* stay = live_.stay_of(*who.live)) write(visit, *stay);
    return card_of(who.record, &visit, at);
}

}  // namespace raiten
