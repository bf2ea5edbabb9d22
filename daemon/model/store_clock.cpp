#include "daemon/model/rules.hpp"

#include <algorithm>

namespace raiten {

using namespace std::chrono;

namespace {

/// The entry that holds at `at`.
std::vector<StoreClock::Offset>::const_iterator entry_at(
    const std::vector<StoreClock::Offset>& offsets, Instant at)
{
    const auto after =
        std::upper_bound(offsets.begin(), offsets.end(), at,
                         [](Instant t, const StoreClock::Offset& o) { return t < o.from; });
    return after == offsets.begin() ? after : std::prev(after);
}

}  // namespace

minutes StoreClock::offset_at(Instant at) const
{
    return entry_at(offsets, at)->ahead;
}

Instant StoreClock::instant_of(Instant wall, Instant near) const
{
    // No clock is a day or more away from UTC, so one of these offsets holds at that time.
    const Instant one = wall - offset_at(wall - days{1});
    const Instant other = wall - offset_at(wall + days{1});
    const bool one_shows = one + offset_at(one) == wall;
    const bool other_shows = other + offset_at(other) == wall;
    if (one_shows != other_shows) return one_shows ? one : other;
    if (!one_shows) return one;
    return abs(one - near) <= abs(other - near) ? one : other;
}

// The last day that has begun. Where the clock was set back across day_start, the wall shows the
// day before once more, but the new day goes on.
sys_days StoreClock::day_of(Instant at) const
{
    auto day = floor<days>(at + offset_at(at) - day_start);
    while (start_of(day + days{1}) <= at) day += days{1};
    return day;
}

// The first instant at which the wall shows day_start of that day or later: where day_start is
// skipped, the moment of the change; where it comes twice, the first time.
Instant StoreClock::start_of(sys_days day) const
{
    const Instant local{day + day_start};
    // No clock is a day or more away from UTC, so nothing before this entry can show it.
    auto entry = entry_at(offsets, local - days{1});
    while (std::next(entry) != offsets.end() && local - entry->ahead >= std::next(entry)->from)
        ++entry;
    return std::max(Instant{local - entry->ahead}, entry->from);
}

// Where the clock is changed by half an hour, the hour of the change is cut in two at the change.
Instant StoreClock::hour_of(Instant at) const
{
    const auto entry = entry_at(offsets, at);
    return std::max(Instant{floor<hours>(at + entry->ahead) - entry->ahead}, entry->from);
}

}  // namespace raiten
