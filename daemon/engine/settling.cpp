#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// What is decided once and for good: how a visit ended, what its streak is, and what changes
/// when the truth comes late.
namespace raiten {

void Engine::Impl::on_settled(const Transitions& transitions)
{
    using Kind = Transition::Kind;
    if (exits_.news() && !learn_due_)
        learn_due_ = setup_.clock.start_of(setup_.clock.day_of(now_) + std::chrono::days{1})
                     + setup_.rules.lateness;
    for (const auto& t : transitions) {
        if (t.kind == Kind::opened || t.kind == Kind::moved || t.kind == Kind::joined) continue;
        hot(t.member);
        if (t.kind == Kind::passed_by) {
            ++counts_.passers_by;
            figures_.note_passer_by(t.at, now_);
        } else if (t.kind == Kind::lingered) {
            note_long_day(hot(t.member), setup_.clock.day_of(t.at));
        } else if (t.kind == Kind::closed) {
            Hot& who = hot(t.member);
            settle(who, t.stay, std::max(now_, t.at + setup_.rules.lateness));
            if (who.behind.empty() || settled_.stay_of(*who.settled)) continue;
            settled_.resume(*who.settled, std::move(who.behind.front()));
            who.behind.erase(who.behind.begin());
        }
    }
}

/// Whoever looks in at the door for a moment stands as near to its reader as one who enters; but
/// who enters is soon heard best by another, where there is one.
bool Engine::Impl::stayed_outside(const Hot& who, const Stay& stay) const
{
    if (stay.left_at - stay.opened_at >= setup_.rules.door_stay) return false;
    const bool heard_only =
        stay.passive && stay.by == OpenedBy::sightings && stay.readers.size() == stay.heard.count();
    Millis elsewhere{0};
    for (const auto& [zone, span] : stay.zones)
        if (zone != entrance_zone) elsewhere += span;
    if (!heard_only || elsewhere * 4 > stay.left_at - stay.opened_at) return false;
    const auto inside = who.guest.audible & ~in_zone(entrance_zone) & ~in_zone("");
    return inside.any()
           && hearing_.listened(inside, stay.opened_at, stay.left_at)
                  == stay.left_at - stay.opened_at;
}

void Engine::Impl::settle(Hot& who, const Stay& stay, Instant at)
{
    const auto overlaps = [&](const VisitRecord& visit) {
        const Stay* live = live_.stay_of(*who.live);
        const Instant left = live && who.current == visit.id ? live->left_at : visit.left_at;
        return visit.opened_at <= stay.left_at && left >= stay.opened_at;
    };
    auto found = std::find_if(who.open.begin(), who.open.end(), overlaps);
    if (found == who.open.end()) {
        // Only in order of time does it show that this was a visit.
        VisitRecord visit = new_visit(who, stay.opened_at);
        effect(at, VisitOpened{visit.id, visit.member_name, stay.opened_at, stay.by,
                               stay.opener.name, stay.zone, 0});
        found = who.open.insert(who.open.begin(), std::move(visit));
    }
    VisitRecord visit = std::move(*found);
    who.open.erase(found);
    if (stayed_outside(who, stay)) {
        if (who.current == visit.id) {
            live_.drop(*who.live);
            who.current.reset();
        }
        write(visit, stay);
        ++counts_.passers_by;
        figures_.note_passer_by(stay.opened_at, now_);
        return drop_visit(who, visit, at);
    }
    if (who.current == visit.id) {
        live_.drop(*who.live);
        who.current.reset();
    }

    write(visit, stay);
    const auto taken = doubt(visit.receipts, visit.left_at);
    for (const auto& receipt : taken) note_missed(Inferred::none, receipt.at);
    visit.doubtful |= !taken.empty();
    visit.blind = settled_.blind(*who.settled, stay);
    visit.state = VisitState::settled;
    visit.revision = 1;
    take_undone(visit, who.record.id);
    const auto was = visit.streak;
    visit.streak = streak_after(link_before(who.record, visit.opened_at), visit.opened_at,
                                setup_.rules.return_window);
    if (was != visit.streak) correct_return(who, visit, was);

    account(who.record, visit, +1);
    changed(who);
    changed(visit);
    figures_.note(visit, now_);
    effect(at, VisitSettled{visit});
    const auto place = insert_recent(who.record, std::move(visit));
    const VisitRecord settled = who.record.recent[place];
    rechain_after(who, place);
    recheck_open(who);
    decide_left(who, settled, at);
    trim_recent(who.record, now_ - setup_.rules.late_receipt - setup_.rules.max_visit);
    note_presence(who, setup_.clock.day_of(stay.opened_at));
}

void Engine::Impl::withdraw(MemberId member, VisitId id, Instant at)
{
    Hot& who = hot(member);
    if (!open_visit_of(who, id) || who.current == id) return;
    const Stay* stay = settled_stay(who);  // which may settle it
    const auto found = std::find_if(who.open.begin(), who.open.end(),
                                    [&](const VisitRecord& visit) { return visit.id == id; });
    if (found == who.open.end()) return;
    if (stay && stay->opened_at <= found->left_at && stay->left_at >= found->opened_at) {
        withdrawals_.insert(
            {at + setup_.rules.lateness, member, id});  // it is, only not yet closed
        return;
    }
    VisitRecord visit = std::move(*found);
    who.open.erase(found);
    drop_visit(who, visit, at);
}

/// It was none: it is told so, and stands in no figure.
void Engine::Impl::drop_visit(Hot& who, VisitRecord& visit, Instant at)
{
    visit.state = VisitState::settled;
    visit.revision = 1;
    visit.close_reason = CloseReason::withdrawn;
    if (visit.streak > 0) {
        const auto was = visit.streak;
        visit.streak = 0;
        correct_return(who, visit, was);
    }
    revoke(
        who, [&](const CouponRecord& coupon) { return coupon.visit == visit.id; },
        "the visit was withdrawn");
    changed(visit);
    effect(at, VisitAmended{visit, "withdrawn"});
}

void Engine::Impl::settle_alone(Hot& who, Instant at, const Source& source, OpenedBy by,
                                const VisitReceipt* receipt)
{
    MemberRecord& member = who.record;
    VisitRecord visit = new_visit(who, at);
    visit.opened_at = visit.left_at = visit.zone_since = at;
    visit.zone = source.zone;
    visit.readers = {source.name};
    visit.close_reason = CloseReason::timeout;
    visit.state = VisitState::settled;
    visit.revision = 1;
    if (receipt) visit.receipts.push_back(*receipt);
    take_undone(visit, member.id);
    visit.streak = streak_after(link_before(member, at), at, setup_.rules.return_window);

    account(member, visit, +1);
    changed(who);
    changed(visit);
    figures_.note(visit, now_);
    out_->visit = visit.id;
    effect(at, VisitOpened{visit.id, member.name, at, by, source.name, visit.zone, visit.streak});
    effect(now_, VisitSettled{visit});
    // What lies before all that can still change does not change what came after it.
    if (member.before_recent && at < member.before_recent->left_at) return;
    const auto place = insert_recent(member, std::move(visit));
    rechain_after(who, place);
    recheck_open(who);
}

void Engine::Impl::amend(Hot& who, VisitRecord& visit, const std::string& reason)
{
    ++visit.revision;
    changed(visit);
    changed(who);
    figures_.note(visit, now_);
    effect(now_, VisitAmended{visit, reason});
    if (visit.outcome() == VisitOutcome::purchase)
        revoke_about(who, visit.id, Moment::left_without_purchase, "the member has bought");
    const auto place = static_cast<std::size_t>(&visit - who.record.recent.data());
    rechain_after(who, place);
    recheck_open(who);
}

void Engine::Impl::rechain_after(Hot& who, std::size_t first)
{
    rechain(who.record, first + 1, setup_.rules.return_window,
            [&](VisitRecord& later, std::uint32_t was) {
                correct_return(who, later, was);
                ++later.revision;
                changed(later);
                changed(who);
                figures_.note(later, now_);
                effect(now_, VisitAmended{later, "an earlier visit was amended"});
            });
}

void Engine::Impl::recheck_open(Hot& who)
{
    auto previous = who.record.recent.empty() ? who.record.before_recent
                                              : std::optional{link_of(who.record.recent.back())};
    for (auto& visit : who.open) {
        const auto streak = streak_after(previous, visit.opened_at, setup_.rules.return_window);
        if (streak != visit.streak) {
            const auto was = visit.streak;
            visit.streak = streak;
            correct_return(who, visit, was);
            changed(visit);
        }
        previous = link_of(visit);
    }
}

void Engine::Impl::correct_return(Hot& who, VisitRecord& visit, std::uint32_t was)
{
    effect(now_, ReturnCorrected{visit.id, visit.member_name, was, visit.streak});
    if (was > 0 && visit.streak == 0)
        revoke_about(who, visit.id, Moment::non_purchase_return,
                     "the visit before it ended with a purchase");
}

void Engine::Impl::account(MemberRecord& member, const VisitRecord& visit, int sign)
{
    const auto by = static_cast<std::uint32_t>(sign);
    member.settled_visits += by;
    if (sign > 0) {
        member.spend += visit.spend();
    } else {
        member.spend -= visit.spend();
    }
    if (visit.outcome() == VisitOutcome::no_purchase) return;
    member.purchases += by;
    if (member.currency.empty()) member.currency = visit.currency();
    for (const auto& receipt : visit.receipts)
        if (receipt.counts())
            member.last_purchase_at =
                std::max(member.last_purchase_at.value_or(receipt.at), receipt.at);
}

void Engine::Impl::recall_purchase(MemberRecord& member, const VisitRecord& visit)
{
    const bool gone =
        std::any_of(visit.receipts.begin(), visit.receipts.end(), [&](const VisitReceipt& each) {
            return !each.counts() && each.at == member.last_purchase_at;
        });
    if (!gone) return;
    std::optional<Instant> last;
    for (const auto& each : member.recent)
        for (const auto& receipt : each.receipts)
            if (receipt.counts()) last = std::max(last.value_or(receipt.at), receipt.at);
    if (last || member.purchases == 0) member.last_purchase_at = last;
}

}  // namespace raiten
