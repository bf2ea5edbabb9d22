#include "daemon/scoring/rhythm.hpp"

#include <limits>

namespace raiten::scoring {

namespace {

constexpr std::int64_t minutes_of_day = 24 * 60;

}  // namespace

WallDay day_of(WallTime at)
{
    const auto minutes = at.time_since_epoch().count();
    const auto days = minutes / minutes_of_day - (minutes % minutes_of_day < 0 ? 1 : 0);
    constexpr std::int64_t far = std::numeric_limits<WallDay>::max() / 2;
    return static_cast<WallDay>(std::clamp<std::int64_t>(days, -far, far));
}

std::chrono::minutes minute_of_day(WallTime at)
{
    const auto minute = at.time_since_epoch().count() % minutes_of_day;
    return std::chrono::minutes{minute < 0 ? minute + minutes_of_day : minute};
}

unsigned weekday_of(WallDay day)
{
    return static_cast<unsigned>((std::int64_t{day} % 7 + 7 + 3) % 7);  // 1970 began on a Thursday
}

bool Rhythm::note(WallTime at)
{
    constexpr std::chrono::minutes slot{minutes_of_day / slots_of_day};
    return note({day_of(at), static_cast<std::uint8_t>(minute_of_day(at) / slot)});
}

bool Rhythm::note(VisitDay visit)
{
    if (visit.day < 0 || visit.day > wall_days_max || visit.slot >= slots_of_day) return false;
    if (visit_days_ > 0 && visit.day < last_day_) return false;
    if (visit_days_ > 0 && visit.day == last_day_) {
        slots_[0] = std::min(slots_[0], visit.slot);
        return true;
    }
    if (visit_days_ == 0) {
        first_day_ = visit.day;
    } else {
        std::copy_backward(gaps_.begin(), gaps_.end() - 1, gaps_.end());
        gaps_[0] = static_cast<std::uint16_t>(visit.day - last_day_);
    }
    std::copy_backward(slots_.begin(), slots_.end() - 1, slots_.end());
    slots_[0] = visit.slot;
    last_day_ = visit.day;
    ++visit_days_;
    return true;
}

bool Rhythm::sound() const
{
    if (visit_days_ == 0) return first_day_ == 0 && last_day_ == 0;
    if (first_day_ < 0 || first_day_ > last_day_ || last_day_ > wall_days_max) return false;
    const auto span = static_cast<std::uint32_t>(last_day_ - first_day_);
    std::uint32_t sum = 0;
    for (const auto gap : gaps()) {
        if (gap == 0) return false;
        sum += gap;
    }
    const auto older = visit_days_ - 1 - static_cast<std::uint32_t>(gaps().size());
    if (older == 0 ? sum != span : sum > span || span - sum < older) return false;
    const auto hours = slots();
    return std::all_of(hours.begin(), hours.end(), [](auto slot) { return slot < slots_of_day; });
}

}  // namespace raiten::scoring
