#include "daemon/engine/presence.hpp"

#include <algorithm>
#include <tuple>

namespace raiten {
namespace {

constexpr std::size_t candidate_max = 64;
constexpr Millis echo_within{500};
constexpr std::size_t readers_named_max = 16;

void add_reader(Stay& stay, const Source& source)
{
    auto& all = stay.readers;
    if (std::find(all.begin(), all.end(), source.name) == all.end()
        && all.size() < readers_named_max) {
        all.push_back(source.name);
    }
}

}  // namespace

Presence::Person& Presence::person(const Guest& guest)
{
    const auto [found, is_new] = people_.try_emplace(guest.id);
    if (is_new) found->second.guest = guest;
    return found->second;
}

bool Presence::idle(const Person& who)
{
    return !who.stay && who.candidate.empty() && !who.muted_since && who.waiting.empty();
}

void Presence::forget(MemberId member)
{
    if (people_.erase(member) > 0) sure_ = false;
}

Hearing::Readers Presence::listeners(const Guest& guest, const Stay& stay) const
{
    return stay.heard.any() ? stay.heard : guest.audible;
}

Millis Presence::patience(const Stay& stay) const
{
    return stay.passive ? exits_.timeout(stay.model) : rules_.checkin_stay;
}

Millis Presence::grace(const Stay& stay) const
{
    return std::max(rules_.settle_grace, patience(stay));
}

bool Presence::covers(const Person& who, const Stay& stay, Instant at) const
{
    if (stay.sealed) return at <= stay.left_at;
    return at - stay.left_at <= grace(stay)
           || hearing_.listened(listeners(who.guest, stay), stay.left_at, at) <= grace(stay);
}

void Presence::tell(Transition::Kind kind, Instant at, const Person& person, Transitions& out) const
{
    out.push_back({kind, at, person.guest.id, person.stay ? *person.stay : Stay{}});
}

// ---- observations -----------------------------------------------------------------------------

void Presence::sighting(Person& who, const Glimpse& glimpse, Transitions& out)
{
    const Instant at = glimpse.at;
    if (who.muted_since && still_muted(who, at, out)) return arm(who);
    const bool level_known = glimpse.rssi_dbm != Glimpse::unknown_dbm;
    if (level_known) note_level(who, glimpse);

    if (!who.stay || !covers(who, *who.stay, at)) {
        candidate(who, glimpse, out);
        return arm(who);
    }
    if (level_known && glimpse.rssi_dbm < rules_.stay_rssi_dbm) return;
    Stay& stay = *who.stay;
    const Source& source = source_of(glimpse.reader);
    // Whoever is only heard again leaves later than the timer says: that is seen when it fires.
    const bool timer_stands =
        who.timer && stay.passive && !stay.ended && stay.heard.test(glimpse.reader.value());
    if (!stay.heard.test(glimpse.reader.value())) {
        stay.heard.set(glimpse.reader.value());
        add_reader(stay, source);
    }
    if (teaches_ && stay.passive && at > stay.left_at)
        exits_.note_gap(glimpse.model,
                        hearing_.listened(listeners(who.guest, stay), stay.left_at, at));
    stay.passive = true;
    const bool same_model = stay.model == glimpse.model;
    stay.model = glimpse.model;
    observe(who, at, out);
    choose_zone(who, source, at, out);
    if (!timer_stands || !same_model) arm(who);
}

// ---- what waits -------------------------------------------------------------------------------

bool Presence::before(const Glimpse& a, const Glimpse& b) const
{
    if (a.at != b.at) return a.at < b.at;
    // Readers that nobody configured are numbered as they appear: their names are what stays.
    if (a.reader != b.reader) return source_of(a.reader).name < source_of(b.reader).name;
    return std::tie(a.rssi_dbm, a.token) < std::tie(b.rssi_dbm, b.token);
}

bool Presence::later(Person& who, const Glimpse& glimpse)
{
    auto& all = who.waiting;
    bool is_first = all.empty();
    if (glimpse.at > who.waiting_until || is_first) {
        all.push_back(glimpse);
        who.waiting_until = glimpse.at;
    } else {
        const auto place =
            std::lower_bound(all.begin(), all.end(), glimpse,
                             [&](const Glimpse& a, const Glimpse& b) { return before(a, b); });
        if (place != all.end() && *place == glimpse) return false;
        is_first = place == all.begin();
        all.insert(place, glimpse);
    }
    ++waiting_;
    if (is_first) arm(who);  // the others do not bring it forward, see wake_of()
    return true;
}

void Presence::take_waiting(Person& who, Instant until, Transitions& out)
{
    auto all = std::move(who.waiting);  // what is being taken in does not wait
    who.waiting.clear();
    std::size_t taken = 0;
    for (; taken < all.size() && all[taken].at <= until; ++taken) sighting(who, all[taken], out);
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(taken));
    who.waiting = std::move(all);
    waiting_ -= taken;
}

void Presence::catch_up(Person& who, Instant until, Transitions& out)
{
    if (who.waiting.empty() || who.waiting.front().at > until) return;
    take_waiting(who, until, out);
    arm(who);
}

void Presence::catch_up(Instant until, Transitions& out)
{
    std::vector<Person*> behind;
    for (auto& [id, who] : people_)
        if (!who.waiting.empty() && who.waiting.front().at <= until) behind.push_back(&who);
    // In an order that does not depend on how the table came to be.
    std::sort(behind.begin(), behind.end(), [](const Person* a, const Person* b) {
        return std::tie(a->guest.rank, a->guest.id) < std::tie(b->guest.rank, b->guest.id);
    });
    for (Person* who : behind) catch_up(*who, until, out);
}

// ---- deliberate acts --------------------------------------------------------------------------

void Presence::deliberate(Person& who, Instant at, const Source& source, OpenedBy by,
                          const VisitReceipt* receipt, Transitions& out)
{
    const Millis before = by == OpenedBy::receipt ? rules_.receipt_slack : hold_;
    if (who.stay && covers(who, *who.stay, at) && at >= who.stay->opened_at - before) {
        add_reader(*who.stay, source);
        if (receipt) who.stay->receipts.push_back(*receipt);
        observe(who, at, out);
        if (who.stay->zone.empty() && !source.zone.empty()) {
            enter_zone(*who.stay, source.zone, at);
            tell(Transition::Kind::moved, at, who, out);
        } else {
            tell(Transition::Kind::joined, at, who, out);
        }
        return arm(who);
    }
    if (by != OpenedBy::receipt && still_muted(who, at, out)) return arm(who);

    Stay stay;
    stay.opened_at = stay.left_at = at;
    stay.by = by;
    stay.opener = source;
    stay.zone = source.zone;
    stay.zone_since = at;
    add_reader(stay, source);
    if (receipt) stay.receipts.push_back(*receipt);
    open(who, std::move(stay), at, out);
    arm(who);
}

void Presence::attach(Person& who, const VisitReceipt& receipt, Transitions& out)
{
    if (!who.stay) return;
    who.stay->receipts.push_back(receipt);
    tell(Transition::Kind::joined, receipt.at, who, out);
}

bool Presence::still_muted(Person& who, Instant at, Transitions& out)
{
    if (!who.muted_since) return false;
    if (hearing_.listened(who.guest.audible, *who.muted_since, at) > rules_.exit_timeout) {
        who.muted_since.reset();
        return false;
    }
    who.muted_since = std::max(*who.muted_since, at);
    if (at - who.lingered_at >= rules_.staff_hours) {
        who.lingered_at = at;
        tell(Transition::Kind::lingered, at, who, out);
    }
    return true;
}

void Presence::candidate(Person& who, const Glimpse& glimpse, Transitions& out)
{
    auto& seen = who.candidate;
    const auto place =
        std::upper_bound(seen.begin(), seen.end(), glimpse.at,
                         [](Instant t, const Glimpsed& each) { return t < each.glimpse.at; });
    seen.insert(place, {glimpse, is_near(who, glimpse)});
    const Instant from = seen.back().glimpse.at - rules_.enter_window;
    std::erase_if(seen, [&](const Glimpsed& each) { return each.glimpse.at < from; });
    // The first near one dates the visit, it and the last give the span, and the rest only count:
    // those in the middle can go, the faint ones first.
    if (seen.size() > candidate_max) {
        const auto faint = std::find_if(std::next(seen.begin()), std::prev(seen.end()),
                                        [](const Glimpsed& each) { return !each.near; });
        seen.erase(faint == std::prev(seen.end()) ? seen.begin() + candidate_max / 2 : faint);
    }
    if (!qualifies(who)) return;

    Stay stay;
    const auto first =
        std::find_if(seen.begin(), seen.end(), [](const Glimpsed& g) { return g.near; });
    stay.opened_at = first->glimpse.at;
    stay.left_at = seen.back().glimpse.at;
    stay.passive = true;
    stay.model = seen.back().glimpse.model;
    stay.by = OpenedBy::sightings;
    stay.opener = source_of(first->glimpse.reader);
    for (const auto& each : seen) {
        stay.heard.set(each.glimpse.reader.value());
        add_reader(stay, source_of(each.glimpse.reader));
    }
    stay.zone_since = stay.opened_at;
    const Level* strongest = nullptr;
    for (const auto& level : who.levels)
        if (!source_of(level.reader).zone.empty() && fresh(level, stay.left_at)
            && (!strongest || level.q8 > strongest->q8)) {
            strongest = &level;
        }
    stay.zone = strongest ? source_of(strongest->reader).zone : stay.opener.zone;
    open(who, std::move(stay), glimpse.at, out);
}

bool Presence::is_near(const Person& who, const Glimpse& glimpse) const
{
    if (glimpse.rssi_dbm == Glimpse::unknown_dbm) return false;
    return std::any_of(who.levels.begin(), who.levels.end(), [&](const Level& level) {
        return level.reader == glimpse.reader && level.q8 >= rules_.enter_rssi_dbm * 256;
    });
}

bool Presence::qualifies(const Person& who) const
{
    std::uint32_t count = 0;
    const Glimpse* counted = nullptr;
    Instant first, last;
    for (const auto& [glimpse, near] : who.candidate) {
        if (!near) continue;
        if (!counted) first = glimpse.at;
        last = glimpse.at;
        // What several readers hear at once is one advertisement.
        const bool echo =
            counted && glimpse.reader != counted->reader && glimpse.at - counted->at < echo_within;
        if (echo) continue;
        counted = &glimpse;
        ++count;
    }
    return count >= rules_.enter_sightings && last - first >= rules_.enter_dwell;
}

void Presence::open(Person& who, Stay stay, Instant at, Transitions& out)
{
    if (who.stay) close(who, at, out);
    who.candidate.clear();
    who.stay = std::move(stay);
    tell(Transition::Kind::opened, at, who, out);
}

void Presence::observe(Person& who, Instant at, Transitions& out)
{
    Stay& stay = *who.stay;
    const bool later = at > stay.left_at;
    stay.left_at = std::max(stay.left_at, at);
    if (!stay.ended || !later) return;  // what was told late ends nothing anew
    stay.ended = false;
    stay.close_reason.reset();
    stay.zone_since = stay.left_at;
    tell(Transition::Kind::reopened, at, who, out);
}

// ---- timers -----------------------------------------------------------------------------------

std::optional<MemberId> Presence::fire(Transitions& out)
{
    if (!next_due()) return std::nullopt;
    const Timer timer = timers_.top();
    timers_.pop();
    sure_ = false;
    Person& who = people_.at(timer.member);
    who.timer.reset();
    take_waiting(who, timer.due, out);

    const auto due = due_of(who);
    if (due && *due <= timer.due) {
        if (who.stay && !who.stay->ended) {
            end(who, *due, out);
        } else if (who.stay) {
            close(who, *due, out);
        } else if (!who.candidate.empty()) {
            who.candidate.clear();
            tell(Transition::Kind::passed_by, *due, who, out);
        } else {
            who.muted_since.reset();
        }
    }
    // Whether somebody is forgotten before they come again is chance: nothing of them may be left.
    if (!who.stay && who.candidate.empty() && !who.muted_since) who.levels.clear();
    if (!idle(who)) arm(who);
    return timer.member;
}

void Presence::end(Person& who, Instant due, Transitions& out)
{
    Stay& stay = *who.stay;
    const bool too_long = due == stay.opened_at + rules_.max_visit;
    stay.ended = true;
    stay.sealed = too_long;
    stay.close_reason = too_long ? CloseReason::too_long : CloseReason::timeout;
    leave_zone(stay, stay.left_at);
    stay.zone_since = stay.left_at;
    if (too_long) who.muted_since = who.lingered_at = stay.left_at;
    tell(Transition::Kind::ended, due, who, out);
}

void Presence::close(Person& who, Instant due, Transitions& out)
{
    if (!who.stay->ended) end(who, due, out);
    tell(Transition::Kind::closed, due, who, out);
    if (teaches_ && who.stay->passive) exits_.note_visit(who.stay->model);
    who.stay.reset();
}

// ---- restart and looking ----------------------------------------------------------------------

void Presence::resume(Person& who, Stay stay)
{
    who.stay = std::move(stay);
    arm(who);
}

void Presence::drop(Person& who)
{
    waiting_ -= who.waiting.size();
    const Guest guest = who.guest;
    who = Person{};
    who.guest = guest;
    sure_ = false;
}

bool Presence::frozen(const Person& who) const
{
    return who.stay
           && !hearing_.reached(listeners(who.guest, *who.stay), who.stay->left_at,
                                patience(*who.stay));
}

Millis Presence::blind(const Person& who, const Stay& stay) const
{
    if (!stay.passive) return Millis{0};
    const auto span = stay.left_at - stay.opened_at;
    return span - hearing_.listened(listeners(who.guest, stay), stay.opened_at, stay.left_at);
}

void Presence::each(const std::function<void(const Person&, const Stay&)>& visit) const
{
    for (const auto& [id, who] : people_)
        if (who.stay) visit(who, *who.stay);
}

}  // namespace raiten
