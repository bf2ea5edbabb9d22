#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// Who is no customer, or not any more: people who withdraw, staff, and what only looks like
/// people.
namespace raiten {
namespace {

constexpr std::size_t long_days_max = 4;
constexpr std::chrono::days long_days_within{7};

}  // namespace

void Engine::Impl::on(const Event&, const MemberNotice& notice)
{
    Hot& who = hot(notice.member);
    const MemberRecord told = members_.load(notice.member);
    MemberRecord& member = who.record;
    member.kinds = told.kinds;
    member.staff = told.staff;
    member.consent = told.consent;
    member.birth_month = told.birth_month;
    member.channels = told.channels;
    who.audible(audible(member.kinds));

    using What = MemberNotice::What;
    if (notice.what == What::equipment_confirmed) member.equipment = Equipment::confirmed;
    if (notice.what == What::equipment_rejected) {
        member.equipment = Equipment::rejected;
        member.long_days.clear();
    }
    changed(who);
    who.out = member.left_out() || notice.what == What::erased;
    if (notice.what == What::erased) {
        part_with(who, CloseReason::erased);
    } else if (!member.consent) {
        part_with(who, CloseReason::consent_withdrawn);
    } else if (member.left_out()) {
        part_with(who, CloseReason::withdrawn);
    }
}

/// Ends whatever there is of this member, now. Visits of one who withdraws were made with consent
/// and settle as they stand; those of equipment were none.
void Engine::Impl::part_with(Hot& who, CloseReason reason)
{
    const Stay* live = live_.stay_of(*who.live);
    if (live && who.current)
        if (VisitRecord* visit = open_visit_of(who, *who.current)) {
            write(*visit, *live);
            visit->blind = live_.blind(*who.live, *live);
        }
    live_.drop(*who.live);
    settled_.drop(*who.settled);
    who.current.reset();
    who.behind.clear();

    auto unsettled = std::move(who.open);
    who.open.clear();
    for (auto& visit : unsettled) {
        visit.state = VisitState::settled;
        visit.revision = 1;
        visit.close_reason = reason;
        take_undone(visit, who.record.id);
        if (reason == CloseReason::withdrawn) {
            drop_visit(who, visit, now_);
            continue;
        }
        account(who.record, visit, +1);
        changed(visit);
        figures_.note(visit, now_);
        effect(now_, VisitSettled{visit});
        insert_recent(who.record, std::move(visit));
    }
    revoke(
        who, [](const CouponRecord&) { return true; }, std::string{text_of(reason)});
    unplan(who.record.id);
    changed(who);
}

/// Counts a business day on which this member was here for longer than customers are.
void Engine::Impl::note_presence(Hot& who, std::chrono::sys_days day)
{
    Millis sum{0};
    for (const auto& visit : who.record.recent)
        if (setup_.clock.day_of(visit.opened_at) == day) sum += visit.dwell().value_or(Millis{0});
    if (sum > setup_.rules.staff_hours) note_long_day(who, day);
}

void Engine::Impl::note_long_day(Hot& who, std::chrono::sys_days day)
{
    MemberRecord& member = who.record;
    if (member.equipment != Equipment::no) return;
    auto& days = member.long_days;
    const auto place = std::lower_bound(days.begin(), days.end(), day);
    if (place != days.end() && *place == day) return;
    days.insert(place, day);
    std::erase_if(days,
                  [newest = days.back()](auto each) { return each + long_days_within <= newest; });
    changed(who);
    if (days.size() < long_days_max) return;
    member.equipment = Equipment::suspected;
    who.out = true;
    ++counts_.suspected;
    part_with(who, CloseReason::withdrawn);
}

}  // namespace raiten
