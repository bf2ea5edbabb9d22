#include "daemon/simulator/walk.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace raiten::simulator {
namespace {

constexpr double turn_seconds = 15;
constexpr Millis zone_step{std::chrono::seconds{1}};

/// Eight directions: no sine is needed for how a body stands.
constexpr double diagonal = 0.70710678118654752440;
constexpr std::array<Place, 8> directions{{{1, 0},
                                           {diagonal, diagonal},
                                           {0, 1},
                                           {-diagonal, diagonal},
                                           {-1, 0},
                                           {-diagonal, -diagonal},
                                           {0, -1},
                                           {diagonal, -diagonal}}};

}  // namespace

Place Leg::place_at(Instant at) const
{
    if (standing() || span.to <= span.from) return to;
    const double share = std::clamp(static_cast<double>((at - span.from).count())
                                        / static_cast<double>((span.to - span.from).count()),
                                    0.0, 1.0);
    return {from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)};
}

void Walk::go(Place there, double metres_per_second)
{
    const double way = metres_between(here_, there);
    if (way <= 0) return;
    const Millis time{1 + static_cast<std::int64_t>(way / metres_per_second * 1'000)};
    legs_.push_back(
        {{now_, now_ + time}, here_, there, (there.x - here_.x) / way, (there.y - here_.y) / way});
    now_ += time;
    here_ = there;
}

void Walk::stand(Millis time, Dice& dice)
{
    const auto end = now_ + time;
    while (now_ < end) {
        const Millis until_turn{
            1'000 + static_cast<std::int64_t>(dice.exponential(turn_seconds) * 1'000)};
        const auto stop = std::min(end, now_ + until_turn);
        const auto& looks = directions[dice.below(directions.size())];
        legs_.push_back({{now_, stop}, here_, here_, looks.x, looks.y});
        now_ = stop;
    }
}

std::vector<ZoneStay> zones_of(const Walk& walk, Span span)
{
    std::vector<ZoneStay> zones;
    const auto add = [&](Zone zone, Instant from, Instant to) {
        if (from >= to) return;
        if (!zones.empty() && zones.back().zone == zone && zones.back().span.to == from)
            zones.back().span.to = to;
        else
            zones.push_back({zone, {from, to}});
    };
    for (const auto& leg : walk.legs()) {
        const auto from = std::max(leg.span.from, span.from);
        const auto to = std::min(leg.span.to, span.to);
        for (auto at = from; at < to;) {
            const auto next = leg.standing() ? to : std::min(to, at + zone_step);
            const auto place = leg.place_at(at + (next - at) / 2);
            if (place.y >= 0) add(zone_at(walk.plan(), place), at, next);
            at = next;
        }
    }
    return zones;
}

}  // namespace raiten::simulator
