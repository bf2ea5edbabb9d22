#include "daemon/engine/presence.hpp"

#include <algorithm>

/// When to look at whom: the earliest time at which something of a member can end.
namespace raiten {

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
    } else if (!who.candidate.empty()) {
        sooner(who.candidate.back().glimpse.at + rules_.enter_window);
    } else if (who.muted_since) {
        const auto silent =
            hearing_.reached(who.guest.audible, *who.muted_since, rules_.exit_timeout);
        if (silent) sooner(*silent + hold_);
    } else {
        // Nothing left to wait for, or nothing taken in yet.
        sooner(who.waiting.empty() ? Instant::min() : who.waiting.front().at);
    }
    return due;
}

/// What waits begins with `first`, and whatever is taken in leaves the visit open for at least the
/// shortest time-out after it, or up to its longest duration. So nothing ends before this, whoever
/// hears it: not the visit of a check-in that turns passive, not one that was frozen until another
/// reader heard it, not one whose next tag is of a make that is given up sooner.
std::optional<Instant> Presence::wake_of(const Person& who) const
{
    const auto due = due_of(who);
    if (who.waiting.empty()) return due;
    const Instant first = who.waiting.front().at;
    Instant opened = first;  // or later, of the visit that is open or may come to be
    if (who.stay && !who.stay->sealed) {
        opened = who.stay->opened_at;
    } else if (!who.stay && !who.candidate.empty()) {
        opened = std::min(first, who.candidate.front().glimpse.at);
    }
    const Instant soonest =
        std::max(first, std::min(first + exits_.shortest(), opened + rules_.max_visit));
    return due ? std::min(*due, soonest) : soonest;
}

void Presence::arm(Person& who)
{
    const auto due = wake_of(who);
    if (!due) {
        who.timer.reset();
        sure_ = false;
    } else if (!who.timer || *due < *who.timer) {
        who.timer = due;
        timers_.push({*due, who.guest.rank, who.guest.id});
        sure_ = false;
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
    while (!sure_ && !timers_.empty()) {
        const auto found = people_.find(timers_.top().member);
        sure_ = found != people_.end() && found->second.timer == timers_.top().due;
        if (!sure_) timers_.pop();  // overtaken by a later arrangement
    }
    if (timers_.empty()) return std::nullopt;
    return timers_.top().due;
}

}  // namespace raiten
