#include "daemon/engine/presence.hpp"

#include <algorithm>
#include <tuple>

namespace raiten {
namespace {

constexpr std::size_t candidate_max = 64;
constexpr std::size_t levels_max = 16;
constexpr std::size_t stretches_max = 8;
constexpr std::size_t readers_named_max = 16;

void add_reader(Stay& stay, const Source& source)
{
    auto& all = stay.readers;
    if (std::find(all.begin(), all.end(), source.name) == all.end()
        && all.size() < readers_named_max) {
        all.push_back(source.name);
    }
}

void leave_zone(Stay& stay, Instant at)
{
    if (stay.zone.empty() || at <= stay.zone_since) return;
    stay.zones[stay.zone] += at - stay.zone_since;
    stay.stretches.push_back({stay.zone, stay.zone_since, at});
    if (stay.stretches.size() > stretches_max) stay.stretches.erase(stay.stretches.begin());
}

}  // namespace

Presence::Person& Presence::person(const Guest& guest)
{
    Person& found = people_[guest.id];
    found.guest = guest;
    return found;
}

Hearing::Readers Presence::listeners(const Guest& guest, const Stay& stay) const
{
    return stay.heard.any() ? stay.heard : guest.audible;
}

Millis Presence::patience(const Stay& stay) const
{
    return stay.passive ? rules_.exit_timeout : rules_.checkin_stay;
}

Millis Presence::grace(const Stay& stay) const
{
    return std::max(rules_.settle_grace, patience(stay));
}

bool Presence::covers(const Guest& guest, const Stay& stay, Instant at) const
{
    if (stay.sealed) return at <= stay.left_at;
    return at - stay.left_at <= grace(stay)
           || hearing_.listened(listeners(guest, stay), stay.left_at, at) <= grace(stay);
}

void Presence::tell(Transition::Kind kind, Instant at, const Person& person, Transitions& out) const
{
    out.push_back({kind, at, person.guest.id, person.stay ? *person.stay : Stay{}});
}

// ---- observations -----------------------------------------------------------------------------

void Presence::sighting(const Guest& guest, Instant at, const Source& source,
                        std::optional<std::int16_t> rssi_dbm, Transitions& out)
{
    Person& who = person(guest);
    if (still_muted(who, at, out)) return arm(who);
    if (rssi_dbm) note_level(who, source, *rssi_dbm, at);

    if (who.stay && covers(guest, *who.stay, at)) {
        if (rssi_dbm && *rssi_dbm < rules_.stay_rssi_dbm) return;
        who.stay->passive = true;
        if (source.reader) who.stay->heard.set(source.reader->value());
        add_reader(*who.stay, source);
        observe(who, at, out);
        choose_zone(who, source, at, out);
    } else {
        candidate(who, Heard{at, rssi_dbm, source}, out);
    }
    arm(who);
}

void Presence::deliberate(const Guest& guest, Instant at, const Source& source, OpenedBy by,
                          const VisitReceipt* receipt, Transitions& out)
{
    Person& who = person(guest);
    const Millis before = by == OpenedBy::receipt ? rules_.receipt_slack : hold_;
    if (who.stay && covers(guest, *who.stay, at) && at >= who.stay->opened_at - before) {
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

void Presence::attach(const Guest& guest, const VisitReceipt& receipt, Transitions& out)
{
    Person& who = person(guest);
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

void Presence::candidate(Person& who, Heard heard, Transitions& out)
{
    const Instant at = heard.at;
    who.glimpsed = std::max(who.glimpsed.value_or(at), at);
    if (!is_near(who, heard)) return;
    auto& seen = who.candidate;
    const auto place = std::upper_bound(seen.begin(), seen.end(), at,
                                        [](Instant t, const Heard& h) { return t < h.at; });
    seen.insert(place, std::move(heard));
    const Instant from = seen.back().at - rules_.enter_window;
    std::erase_if(seen, [&](const Heard& h) { return h.at < from; });
    // The first one dates the visit and the rest only count, so the middle can go.
    if (seen.size() > candidate_max) seen.erase(seen.begin() + 1);
    if (!qualifies(who)) return;

    Stay stay;
    stay.opened_at = seen.front().at;
    stay.left_at = seen.back().at;
    stay.passive = true;
    stay.by = OpenedBy::sightings;
    stay.opener = seen.front().source;
    for (const auto& each : seen) {
        if (each.source.reader) stay.heard.set(each.source.reader->value());
        add_reader(stay, each.source);
    }
    stay.zone_since = stay.opened_at;
    const Level* strongest = nullptr;
    for (const auto& level : who.levels)
        if (!level.zone.empty() && level_at(who, level.reader, stay.left_at)
            && (!strongest || level.q8 > strongest->q8)) {
            strongest = &level;
        }
    stay.zone = strongest ? strongest->zone : stay.opener.zone;
    open(who, std::move(stay), at, out);
}

bool Presence::is_near(const Person& who, const Heard& heard) const
{
    const auto& reader = heard.source.reader;
    const Level* level = heard.rssi_dbm && reader ? level_at(who, *reader, heard.at) : nullptr;
    return level && level->q8 >= rules_.enter_rssi_dbm * 256;
}

bool Presence::qualifies(const Person& who) const
{
    const auto& seen = who.candidate;
    return seen.size() >= rules_.enter_sightings
           && seen.back().at - seen.front().at >= rules_.enter_dwell;
}

void Presence::open(Person& who, Stay stay, Instant at, Transitions& out)
{
    if (who.stay) close(who, at, out);
    who.candidate.clear();
    who.glimpsed.reset();
    who.stay = std::move(stay);
    tell(Transition::Kind::opened, at, who, out);
}

void Presence::observe(Person& who, Instant at, Transitions& out)
{
    Stay& stay = *who.stay;
    stay.left_at = std::max(stay.left_at, at);
    if (!stay.ended) return;
    stay.ended = false;
    stay.close_reason.reset();
    stay.zone_since = stay.left_at;
    tell(Transition::Kind::reopened, at, who, out);
}

// ---- zones ------------------------------------------------------------------------------------

void Presence::note_level(Person& who, const Source& source, std::int16_t rssi_dbm, Instant at)
{
    if (!source.reader) return;
    const std::int32_t heard = rssi_dbm * 256;
    for (auto& level : who.levels) {
        if (level.reader != *source.reader) continue;
        const bool stale = at - level.at > 2 * rules_.zone_memory;
        level.q8 = stale ? heard : level.q8 + (heard - level.q8) / 4;
        level.at = std::max(level.at, at);
        return;
    }
    if (who.levels.size() == levels_max) {
        const auto oldest =
            std::min_element(who.levels.begin(), who.levels.end(),
                             [](const Level& a, const Level& b) { return a.at < b.at; });
        who.levels.erase(oldest);
    }
    who.levels.push_back({*source.reader, source.zone, heard, at});
}

const Level* Presence::level_at(const Person& who, ReaderId reader, Instant at) const
{
    for (const auto& level : who.levels)
        if (level.reader == reader && std::chrono::abs(at - level.at) <= rules_.zone_memory)
            return &level;
    return nullptr;
}

void Presence::choose_zone(Person& who, const Source& source, Instant at, Transitions& out)
{
    Stay& stay = *who.stay;
    const Level* best = nullptr;
    const Level* here = nullptr;
    for (const auto& each : who.levels) {
        const Level* level = level_at(who, each.reader, at);
        if (!level || level->zone.empty()) continue;
        if (!best || level->q8 > best->q8) best = level;
        if (level->zone == stay.zone && (!here || level->q8 > here->q8)) here = level;
    }
    std::string zone = stay.zone.empty() ? source.zone : stay.zone;
    if (best && (!here || best->q8 >= here->q8 + rules_.zone_hysteresis_db * 256))
        zone = best->zone;
    if (zone == stay.zone) return;
    enter_zone(stay, zone, at);
    tell(Transition::Kind::moved, at, who, out);
}

void Presence::enter_zone(Stay& stay, const std::string& zone, Instant at)
{
    leave_zone(stay, at);
    stay.zone = zone;
    stay.zone_since = std::max(stay.zone_since, at);
}

std::optional<double> Presence::level_dbm(MemberId member, const Hearing::Readers& readers,
                                          Instant at) const
{
    const auto found = people_.find(member);
    if (found == people_.end()) return std::nullopt;
    std::optional<double> best;
    for (const auto& level : found->second.levels) {
        if (!readers.test(level.reader.value())) continue;
        if (std::chrono::abs(at - level.at) > 2 * rules_.zone_memory) continue;
        best = std::max(best.value_or(-200.0), level.q8 / 256.0);
    }
    return best;
}

// ---- timers -----------------------------------------------------------------------------------

std::optional<Instant> Presence::due_of(const Person& who) const
{
    std::optional<Instant> due;
    const auto sooner = [&](std::optional<Instant> at) {
        if (at && (!due || *at < *due)) due = at;
    };
    if (who.stay) {
        const Stay& stay = *who.stay;
        const auto readers = listeners(who.guest, stay);
        if (stay.ended) {
            const auto over = hearing_.reached(readers, stay.left_at, grace(stay));
            if (over) sooner(*over + hold_);
        } else {
            sooner(hearing_.reached(readers, stay.left_at, patience(stay)));
            sooner(stay.opened_at + rules_.max_visit);
        }
    } else if (who.glimpsed) {
        sooner(*who.glimpsed + rules_.enter_window);
    } else if (who.muted_since) {
        const auto silent =
            hearing_.reached(who.guest.audible, *who.muted_since, rules_.exit_timeout);
        if (silent) sooner(*silent + hold_);
    } else {
        sooner(Instant::min());  // nothing left to wait for
    }
    return due;
}

void Presence::arm(Person& who)
{
    const auto due = due_of(who);
    if (!due) {
        who.timer.reset();
    } else if (!who.timer || *due < *who.timer) {
        who.timer = due;
        timers_.push({*due, who.guest.rank, who.guest.id});
    }
}

void Presence::rearm()
{
    std::vector<Person*> all;
    for (auto& [id, who] : people_) all.push_back(&who);
    for (Person* who : all) arm(*who);
}

std::optional<Instant> Presence::next_due() const
{
    while (!timers_.empty()) {
        const auto found = people_.find(timers_.top().member);
        if (found != people_.end() && found->second.timer == timers_.top().due)
            return timers_.top().due;
        timers_.pop();  // overtaken by a later arrangement
    }
    return std::nullopt;
}

void Presence::fire(Transitions& out)
{
    if (!next_due()) return;
    const Timer timer = timers_.top();
    timers_.pop();
    Person& who = people_.at(timer.member);
    who.timer.reset();

    const auto due = due_of(who);
    if (due && *due <= timer.due) {
        if (who.stay && !who.stay->ended) {
            end(who, *due, out);
        } else if (who.stay) {
            close(who, *due, out);
        } else if (who.glimpsed) {
            who.candidate.clear();
            who.glimpsed.reset();
            tell(Transition::Kind::passed_by, *due, who, out);
        } else {
            who.muted_since.reset();
        }
    }
    if (!who.stay && !who.glimpsed && !who.muted_since) {
        people_.erase(timer.member);
    } else {
        arm(who);
    }
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
    who.stay.reset();
}

// ---- restart and looking ----------------------------------------------------------------------

void Presence::resume(const Guest& guest, Stay stay)
{
    Person& who = person(guest);
    who.stay = std::move(stay);
    arm(who);
}

std::optional<Stay> Presence::drop(MemberId member)
{
    const auto found = people_.find(member);
    if (found == people_.end()) return std::nullopt;
    auto stay = std::move(found->second.stay);
    people_.erase(found);
    return stay;
}

const Stay* Presence::stay_of(MemberId member) const
{
    const auto found = people_.find(member);
    return found == people_.end() || !found->second.stay ? nullptr : &*found->second.stay;
}

Millis Presence::blind(const Guest& guest, const Stay& stay) const
{
    if (!stay.passive) return Millis{0};
    const auto span = stay.left_at - stay.opened_at;
    return span - hearing_.listened(listeners(guest, stay), stay.opened_at, stay.left_at);
}

void Presence::each(const std::function<void(MemberId, const Stay&)>& visit) const
{
    for (const auto& [id, who] : people_)
        if (who.stay) visit(id, *who.stay);
}

}  // namespace raiten
