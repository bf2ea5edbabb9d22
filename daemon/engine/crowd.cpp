#include "daemon/engine/crowd.hpp"

#include <algorithm>

namespace raiten {
namespace {

std::int64_t second_of(Instant at)
{
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

void Crowd::note(ReaderId reader, Instant at, std::int16_t rssi_dbm)
{
    const auto number = second_of(at);
    if (number < 0) return;
    Second& slot = readers_[reader][static_cast<std::size_t>(number) % seconds_max];
    if (number < slot.number) return;
    slot.rssi_dbm = number == slot.number ? std::max(slot.rssi_dbm, rssi_dbm) : rssi_dbm;
    slot.number = number;
}

std::optional<std::int16_t> Crowd::strongest(Instant from, Instant to) const
{
    const auto first = second_of(from);
    const auto last = second_of(to);
    std::optional<std::int16_t> best;
    for (const auto& [reader, seconds] : readers_)
        for (const auto& each : seconds)
            if (each.number >= first && each.number <= last)
                best = std::max(best.value_or(each.rssi_dbm), each.rssi_dbm);
    return best;
}

}  // namespace raiten
