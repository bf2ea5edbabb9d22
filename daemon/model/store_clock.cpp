#include "daemon/model/rules.hpp"

#include <algorithm>

namespace raiten {

using namespace std::chrono;

minutes StoreClock::offset_at(Instant at) const
{
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), at,
                                        [](Instant t, const Offset& o) { return t < o.from; });
    return after == offsets.begin() ? offsets.front().ahead : std::prev(after)->ahead;
}

sys_days StoreClock::day_of(Instant at) const
{
    return floor<days>(at + offset_at(at) - day_start);
}

Instant StoreClock::start_of(sys_days day) const
{
    const Instant local{day + day_start};
    // The offset before a change decides first: in a skipped hour the day starts at the change.
    const Instant guess = local - offset_at(local - offset_at(local));
    return day_of(guess) < day ? guess + (offset_at(guess) - offset_at(guess + hours{2})) + hours{1}
                               : guess;
}

Instant StoreClock::hour_of(Instant at) const
{
    const auto ahead = offset_at(at);
    return floor<hours>(at + ahead) - ahead;
}

}  // namespace raiten
