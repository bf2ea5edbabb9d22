#include "daemon/decision/quiet_hours.hpp"

#include <algorithm>

namespace raiten {
namespace {

using namespace std::chrono;

constexpr Millis whole_day{hours{24}};

/// A time of day within [0, 24 h).
Millis in_day(Millis time)
{
    const Millis rest = time % whole_day;
    return rest < Millis{} ? rest + whole_day : rest;
}

Millis wall_time(Instant at, minutes ahead)
{
    return in_day(at.time_since_epoch() % whole_day + ahead);
}

bool quiet_on_wall(const QuietHours& hours, Millis wall)
{
    return in_day(wall - hours.from) < in_day(hours.to - hours.from);
}

}  // namespace

bool is_quiet(const QuietHours& hours, Instant at, const StoreClock& clock)
{
    return quiet_on_wall(hours, wall_time(at, clock.offset_at(at)));
}

std::optional<Instant> quiet_until(const QuietHours& hours, Instant at, const StoreClock& clock)
{
    if (!is_quiet(hours, at, clock)) return std::nullopt;
    const auto end_by = [&](Instant from, minutes ahead) {
        return from + in_day(hours.to - wall_time(from, ahead));
    };
    Instant end = end_by(at, clock.offset_at(at));
    // Where the clock is changed before, it may be over at the change, or last longer or shorter.
    auto change =
        std::upper_bound(clock.offsets.begin(), clock.offsets.end(), at,
                         [](Instant t, const StoreClock::Offset& entry) { return t < entry.from; });
    for (; change != clock.offsets.end() && change->from <= end; ++change) {
        if (!quiet_on_wall(hours, wall_time(change->from, change->ahead))) return change->from;
        end = end_by(change->from, change->ahead);
    }
    return end;
}

}  // namespace raiten
