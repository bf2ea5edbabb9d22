#include "daemon/base/keyed_hash.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// What is decided at once, in order of arrival: a visit opened, a member is back, a coupon.
namespace raiten {
void Engine::Impl::write(VisitRecord& visit, const Stay& stay)
{
    visit.opened_at = stay.opened_at;
    visit.left_at = stay.left_at;
    visit.passive = stay.passive;
    visit.zones = stay.zones;
    visit.zone = stay.zone;
    visit.zone_since = stay.zone_since;
    visit.readers = stay.readers;
    visit.receipts = stay.receipts;
    visit.close_reason = stay.close_reason;
    visit.doubtful = stay.doubtful;
    if (visit.state != VisitState::settled)
        visit.state = stay.ended ? VisitState::ended : VisitState::open;
}

void Engine::Impl::on_live(const Transitions& transitions)
{
    using Kind = Transition::Kind;
    for (const auto& t : transitions) {
        if (t.kind == Kind::passed_by || t.kind == Kind::lingered) {
            hot(t.member);
            continue;
        }
        Hot& who = hot(t.member);
        if (t.kind == Kind::opened) {
            open_visit(who, t);
            continue;
        }
        VisitRecord* visit = who.current ? open_visit_of(who, *who.current) : nullptr;
        if (t.kind == Kind::closed) {
            // What the settled side knows nothing of, once it has come this far, was no visit.
            if (who.current)
                withdrawals_.insert(
                    {t.at + setup_.rules.lateness + Millis{1}, t.member, *who.current});
            who.current.reset();
        }
        if (!visit) continue;
        write(*visit, t.stay);
        if (t.kind == Kind::closed)
            visit->doubtful |= !doubt(visit->receipts, visit->left_at).empty();
        take_undone(*visit, t.member);
        changed(*visit);
        if (t.kind == Kind::ended)
            effect(t.at, VisitEnded{visit->id, visit->member_name, visit->left_at, visit->dwell()});
    }
}

VisitRecord Engine::Impl::new_visit(Hot& who, Instant opened_at)
{
    MemberRecord& member = who.record;
    VisitRecord visit;
    visit.ordinal = member.visits++;
    visit.id = Engine::visit_id(setup_.seed, member.name, visit.ordinal);
    visit.member = member.id;
    visit.member_name = member.name;
    member.first_visit_at = std::min(member.first_visit_at.value_or(opened_at), opened_at);
    return visit;
}

void Engine::Impl::open_visit(Hot& who, const Transition& opened)
{
    MemberRecord& member = who.record;
    VisitRecord visit = new_visit(who, opened.stay.opened_at);
    write(visit, opened.stay);

    const auto previous = who.open.empty() ? link_before(member, visit.opened_at)
                                           : std::optional{link_of(who.open.back())};
    visit.streak = streak_after(previous, visit.opened_at, setup_.rules.return_window);
    who.current = visit.id;
    changed(who);
    effect(opened.at, VisitOpened{visit.id, member.name, visit.opened_at, opened.stay.by,
                                  opened.stay.opener.name, visit.zone, visit.streak});
    if (visit.streak > 0)
        effect(opened.at, ReturnDetected{visit.id, member.name, visit.streak, previous->left_at,
                                         visit.opened_at - previous->left_at});
    who.open.push_back(visit);
    changed(visit);
    unplan(member.id);
    decisions_.note_visit(visit.opened_at, setup_.clock);
    decide_opened(who, visit, visit.streak > 0 && !previous->doubtful, opened.at);
}

// ---- restart ----------------------------------------------------------------------------------

Checkpoint Engine::Impl::checkpoint()
{
    Checkpoint out;
    for (auto& [id, who] : hot_) {
        const Stay* stay = live_.stay_of(*who.live);
        VisitRecord* visit = stay && who.current ? open_visit_of(who, *who.current) : nullptr;
        if (!visit || visit->left_at == stay->left_at) continue;
        write(*visit, *stay);
        take_undone(*visit, id);
        out.visits.push_back(*visit);
    }
    std::sort(out.visits.begin(), out.visits.end(), [](const VisitRecord& a, const VisitRecord& b) {
        return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    out.summaries = figures_.unissued();
    if (exits_.news()) out.exits = exits_.models();
    if (now_ - campaigns_kept_at_ >= std::chrono::hours{1}) {
        campaigns_kept_at_ = now_;
        out.campaigns_learned = decisions_.learned();
    }
    return out;
}

void Engine::Impl::restore(const Remembered& remembered)
{
    now_ = remembered.engine_time;
    forgotten_until_ = now_;
    for (const auto& each : remembered.receipts) {
        receipts_.tell({each.pos, each.number, each.kind, each.day},
                       {each.content, each.at, each.total, {}, {}, {}});
        if (each.kind != ReceiptKind::sale)
            receipts_.undo(each.pos, each.refers_to.empty() ? each.number : each.refers_to,
                           each.kind, each.total);
    }
    for (const auto& each : remembered.checkins)
        if (const auto id = reader(each.reader, false))
            checkins_.is_new(*id, each.token, each.id, each.at);
    // Who bought: a sale that is undone takes its coupons with it.
    const auto bought = [&](const VisitRecord& visit) {
        for (const auto& sale : visit.receipts) {
            if (sale.attribution != Attribution::token) continue;
            auto* known = receipts_.find({sale.pos, sale.number, ReceiptKind::sale, sale.day});
            if (known) known->buyer = visit.member;
        }
    };
    for (const auto& visit : remembered.unsettled) bought(visit);
    for (const auto& visit : remembered.settled) bought(visit);
    decisions_.recall_learned(remembered.campaigns_learned);
    for (const auto& [campaign, rows] : remembered.standings)
        decisions_.recall(campaign, rows, setup_.clock);
    for (const auto& each : remembered.readers)
        if (const auto id = reader(each.name, each.passive)) hearing_.set(*id, each.at, each.up);

    auto unsettled = remembered.unsettled;
    std::sort(unsettled.begin(), unsettled.end(),
              [](const VisitRecord& a, const VisitRecord& b) { return a.ordinal < b.ordinal; });
    for (const auto& visit : unsettled) {
        Hot& who = hot(visit.member);
        Stay stay;
        stay.opened_at = visit.opened_at;
        stay.left_at = visit.left_at;
        stay.ended = visit.state == VisitState::ended;
        stay.passive = visit.passive;
        stay.sealed = visit.close_reason == CloseReason::too_long;
        stay.close_reason = visit.close_reason;
        stay.doubtful = visit.doubtful;
        stay.zones = visit.zones;
        stay.zone = visit.zone;
        stay.zone_since = visit.zone_since;
        stay.readers = visit.readers;
        stay.receipts = visit.receipts;
        for (const auto& name : visit.readers) {
            const auto known = reader_ids_.find(name);
            if (known != reader_ids_.end() && readers_[known->second.value()].passive)
                stay.heard.set(known->second.value());
        }
        if (!visit.passive) stay.heard.reset();
        who.open.push_back(visit);
        live_.resume(*who.live, stay);  // the newest stays
        who.current = visit.id;
        if (settled_.stay_of(*who.settled)) {
            who.behind.push_back(std::move(stay));
        } else {
            settled_.resume(*who.settled, std::move(stay));
        }
    }
    for (VisitRecord visit : remembered.settled) {
        figures_.note(visit, now_);
        take_undone(visit, visit.member);
    }
    for (const auto& model : remembered.exits) exits_.restore(model);
    for (const auto& coupon : remembered.coupons) figures_.note(coupon, now_);
    for (const auto& summary : remembered.summaries) figures_.restore(summary);
    figures_.restored(now_);
    for (const auto& forecast : remembered.forecasts)
        forecasts_[forecast.member] = {forecast.visit_at, forecast.after_visits,
                                       forecast.first_expected, Instant::min()};
    plan();
    for (const auto& coupon : remembered.unexpired)
        if (!coupon.closed_at) expiries_.insert({coupon.expires_at, coupon.id, coupon.member});
    for (Hot* who : touched_) who->touched = false;
    touched_.clear();
}

}  // namespace raiten
