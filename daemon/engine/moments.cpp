#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"
#include "daemon/scoring/campaign_uplift.hpp"
#include "daemon/scoring/offer_features.hpp"

#include <algorithm>

/// What happens in a member's life that a campaign can answer: when each moment comes, what there
/// is one decision for, and what the decision may look at.
namespace raiten {
namespace {

/// How much of a receipt a campaign can ask about.
constexpr std::size_t basket_bytes_max = 2000;

std::string basket_of(const Receipt& receipt)
{
    std::string out = "|";
    const auto put = [&](const std::string& word) {
        const bool known = word.empty() || out.find('|' + word + '|') != std::string::npos;
        if (!known && out.size() + word.size() < basket_bytes_max) out += word + '|';
    };
    for (const auto& line : receipt.lines) {
        put(line.category);
        put(line.sku);
    }
    return out;
}

std::uint8_t weekday_of(std::chrono::sys_days day)
{
    return static_cast<std::uint8_t>(std::chrono::weekday{day}.iso_encoding());
}

}  // namespace

double Engine::Impl::local_hour(Instant at) const
{
    const auto wall = at + setup_.clock.offset_at(at);
    return std::chrono::duration<double, std::ratio<3600>>(
               wall - std::chrono::floor<std::chrono::days>(wall))
        .count();
}

void Engine::Impl::tell_moment(ScoreCard& card, const MemberRecord& member, const Said& said,
                               Instant at) const
{
    card.hour = local_hour(at);
    card.weekday = weekday_of(setup_.clock.day_of(at));
    for (const auto& coupon : member.coupons)
        if (coupon.state != CouponState::withheld)
            card.days_since_coupon =
                std::chrono::duration<double, std::ratio<86'400>>(at - coupon.decided_at).count();
    if (said.move) {
        card.stage = said.move->stage;
        card.stage_before = said.move->was;
    }
    if (said.receipt) {
        card.basket_total = said.receipt->total;
        card.basket = basket_of(*said.receipt);
    }
    card.survey_score = said.survey_score;
}

void Engine::Impl::decide(Hot& who, const Occasion& occasion, const Said& said)
{
    if (who.out || !decisions_.listens(occasion.moment)) return;
    const MemberRecord& member = who.record;
    ScoreCard card;
    Asked asked;
    asked.look = [&]() -> Look {
        card = card_of(member, said.visit, occasion.at);
        tell_moment(card, member, said, occasion.at);
        return {&card, segments_of(occasion.moment).matching(card)};
    };
    asked.decided_before = [&](CouponId id) {
        return coupon_of(who, id) != nullptr || members_.owner_of(id).has_value();
    };
    asked.expected = [&](const Campaign& campaign, const ScoreCard& of) {
        return expected_of(campaign, of);
    };
    for (auto& coupon : decisions_.decide(occasion, member, setup_.clock, asked)) {
        changed(coupon);
        changed(who);
        expiries_.insert({coupon.expires_at, coupon.id, member.id});
        if (coupon.state == CouponState::withheld) {
            effect(occasion.at, CouponWithheld{coupon});
        } else {
            effect(occasion.at, CouponTriggered{coupon});
        }
        who.record.coupons.push_back(std::move(coupon));
    }
}

/// What is kept of a member to learn an offer's effect from, and what was learned so far. While
/// that is nothing, everybody is in the target: that is how it is learned.
Expected Engine::Impl::expected_of(const Campaign& campaign, const ScoreCard& card) const
{
    Expected out;
    const auto features = scoring::offer_features(card, card.hour.value_or(0));
    out.features.assign(features.begin(), features.end());
    const auto* learned = uplift_of(campaign.id);
    if (!learned) {
        out.why = "target: the effect is not learned yet, so everybody is in it";
        return out;
    }
    const bool explored = scoring::is_explored(setup_.tenant_seed, campaign.id, card.member);
    auto said = scoring::targeted(*learned, *campaign.target, features, explored);
    out.uplift = said.uplift;
    out.in_target = said.in_target;
    out.why = std::move(said.why);
    return out;
}

const scoring::CampaignUplift* Engine::Impl::uplift_of(const std::string& campaign) const
{
    if (!models_) return nullptr;
    const auto found = models_->uplift.find(campaign);
    return found == models_->uplift.end() ? nullptr : found->second.get();
}

SegmentSet& Engine::Impl::segments_of(Moment moment)
{
    auto& set = segment_sets_.at(static_cast<std::size_t>(moment));
    if (!set) set = segments_.together(decisions_.wheres(moment));
    return *set;
}

void Engine::Impl::replace_campaigns(std::vector<Campaign> campaigns)
{
    decisions_.replace(std::move(campaigns));
    for (auto& set : segment_sets_) set.reset();
    plan();
}

// ---- a visit ----------------------------------------------------------------------------------

/// The rarer moment first: where a limit allows one coupon, it is the one that says more.
void Engine::Impl::decide_opened(Hot& who, const VisitRecord& visit, bool returned, Instant at)
{
    const Said said{&visit, nullptr, nullptr, {}};
    const auto about = [&](Moment moment) {
        decide(who, {moment, text_of(visit.id), visit.id, at, {}}, said);
    };
    if (visit.ordinal == 0) about(Moment::first_visit);
    if (returned) about(Moment::non_purchase_return);
    about(Moment::visit_opened);
}

void Engine::Impl::decide_left(Hot& who, const VisitRecord& visit, Instant at)
{
    if (visit.outcome() != VisitOutcome::no_purchase || visit.doubtful) return;
    decide(who, {Moment::left_without_purchase, text_of(visit.id), visit.id, at, {}},
           {&visit, nullptr, nullptr, {}});
}

// ---- a receipt --------------------------------------------------------------------------------

std::string Engine::Impl::occasion_of(const std::string& pos, const std::string& number,
                                      std::chrono::sys_days day)
{
    return pos + '/' + number + '/' + std::to_string(day.time_since_epoch().count());
}

void Engine::Impl::decide_bought(Hot& who, const Event& event, const Receipt& receipt)
{
    const VisitRecord* visit = who.current ? open_visit_of(who, *who.current) : nullptr;
    if (!visit) return;
    std::size_t sales = 0;
    for (const auto& each : who.open)
        sales += static_cast<std::size_t>(
            std::count_if(each.receipts.begin(), each.receipts.end(),
                          [](const VisitReceipt& sale) { return sale.counts(); }));
    const VisitRecord now = *visit;
    const Said said{&now, &receipt, nullptr, {}};
    if (who.record.purchases == 0 && sales == 1)
        decide(who, {Moment::first_purchase, text_of(now.id), now.id, event.at, {}}, said);
    decide(who,
           {Moment::purchased,
            occasion_of(receipt.pos, receipt.number, setup_.clock.day_of(event.at)),
            now.id,
            event.at,
            {}},
           said);
}

// ---- what the night says ----------------------------------------------------------------------

void Engine::Impl::on(const Event& event, const StageMove& move)
{
    Hot& who = hot(move.member);
    if (who.out) {
        out_->verdict = Verdict::left_out;
        return;
    }
    effect(event.at, StageChanged{move.name, move.was, move.stage, move.number});
    const Said said{nullptr, nullptr, &move, {}};
    const auto key = std::to_string(move.number);
    if (move.stage == Stage::dormant)
        decide(who, {Moment::went_dormant, key, {}, event.at, {}}, said);
    decide(who, {Moment::stage_changed, key, {}, event.at, {}}, said);
}

void Engine::Impl::on(const Event& event, const Birthday& birthday)
{
    decide(hot(birthday.member),
           {Moment::birthday_month, std::to_string(birthday.year), {}, event.at, {}}, {});
}

void Engine::Impl::on(const Event& event, const LeaseGrant& grant)
{
    if (!decisions_.grant(grant)) {
        out_->verdict = Verdict::duplicate;
        return;
    }
    if (const auto report = decisions_.standings().at(grant.campaign).account.report())
        effect(event.at, LeaseReported{*report});
}

void Engine::Impl::on(const Event& event, const SurveyAnswered& answer)
{
    Hot& who = hot(answer.member);
    const VisitRecord* open = who.current ? open_visit_of(who, *who.current) : nullptr;
    std::optional<VisitRecord> visit;
    if (open) visit = *open;
    decide(who, {Moment::survey_answered, answer.survey, answer.visit, event.at, {}},
           {visit ? &*visit : nullptr, nullptr, nullptr, answer.score});
}

// ---- a predicted visit ------------------------------------------------------------------------

void Engine::Impl::on(const Event& event, const VisitForecast& told)
{
    unplan(told.member);
    if (told.visit_at <= event.at) return;
    if (forecasts_.size() >= forecasts_max) {
        ++counts_.forecasts_dropped;
        return;
    }
    const Forecast forecast{told.visit_at, told.after_visits, told.first_expected, event.at};
    forecasts_[told.member] = forecast;
    for (const auto lead : planned_leads_) planned_.insert({forecast.due(lead), lead, told.member});
}

/// All of them, after the campaigns have changed. What was due before is over.
void Engine::Impl::plan()
{
    planned_.clear();
    planned_leads_ = decisions_.leads();
    for (const auto& [member, forecast] : forecasts_)
        for (const auto lead : planned_leads_)
            if (forecast.due(lead) >= now_) planned_.insert({forecast.due(lead), lead, member});
}

void Engine::Impl::unplan(MemberId member)
{
    const auto found = forecasts_.find(member);
    if (found == forecasts_.end()) return;
    for (const auto lead : planned_leads_) planned_.erase({found->second.due(lead), lead, member});
    forecasts_.erase(found);
}

/// Whom the night expects, a while before. Who has come meanwhile needs no invitation.
void Engine::Impl::invite(const Planned& planned, Instant at)
{
    const auto found = forecasts_.find(planned.member);
    if (found == forecasts_.end()) return;
    const Forecast forecast = found->second;
    if (forecast.visit_at <= at || at < forecast.due(planned.lead)) return;
    Hot& who = hot(planned.member);
    if (who.record.visits != forecast.after_visits) return;
    decide(who,
           {Moment::visit_predicted,
            std::to_string(forecast.first_expected.time_since_epoch().count()),
            {},
            at,
            planned.lead},
           {});
    // Whoever must not be bothered now is asked again when the quiet is over.
    const auto loud =
        decisions_.quiet_until(Moment::visit_predicted, planned.lead, at, setup_.clock);
    if (loud && *loud < forecast.visit_at) planned_.insert({*loud, planned.lead, planned.member});
}

}  // namespace raiten
