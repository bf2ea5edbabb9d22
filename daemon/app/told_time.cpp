#include "daemon/app/told_time.hpp"

namespace raiten::app {

Instant instant_of(const ToldTime& told, const StoreClock& clock)
{
    if (!told.local) return told.time;
    // The wall's reading as if it were UTC is at most a day off: its offset is tried, and then
    // the one that holds at the instant so found.
    const auto near = told.time - clock.offset_at(told.time);
    return told.time - clock.offset_at(near);
}

}  // namespace raiten::app
