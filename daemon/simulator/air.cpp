#include "daemon/simulator/air.hpp"

#include "daemon/simulator/dice.hpp"
#include "daemon/simulator/sums.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::simulator {
namespace {

constexpr double advertising_delay_us_max = 10'000;
constexpr double clock_error_ms_max = 40;
constexpr double wall_db = 14;         // see README.md: the front of the shop
constexpr double standing_still = 12;  // times longer than walking, a shadow lasts
constexpr double level_steps = 16;     // of 1/16 dB: a last bit of a logarithm is lost in it
constexpr double level_most_dbm = -20;
constexpr double far_below_db = 25;  // no chance lifts a level that far

bool deaf_at(const std::vector<Span>& deaf, Instant at)
{
    return std::any_of(deaf.begin(), deaf.end(),
                       [&](const Span& span) { return at >= span.from && at < span.to; });
}

}  // namespace

Air::Air(const Scenario& scenario, const FloorPlan& plan, std::uint64_t seed)
    : scenario_{scenario}, plan_{plan}
{
    for (std::size_t n = 0; n < ears_.size(); ++n) {
        auto dice = dice_for(seed, Purpose::reader, {n});
        ears_[n].place = plan.readers[n].place;
        ears_[n].offset_db = dice.normal() * scenario.radio.reader_offset_sd_db;
        ears_[n].clock_offset = Millis{
            static_cast<std::int64_t>(dice.between(-clock_error_ms_max, clock_error_ms_max))};
    }
}

void Air::begin_day(Span day, const std::vector<Outage>& outages)
{
    day_ = day;
    for (auto& ear : ears_) ear.deaf.clear();
    for (const auto& outage : outages) ears_[outage.reader].deaf.push_back(outage.span);
}

double Air::steady_dbm(const Ear& ear, const Leg& leg, Place place, bool carried) const
{
    const double metres = metres_between(ear.place, place);
    double loss = through_the_wall(plan_, ear.place, place) ? wall_db : 0;
    const double ahead =
        (ear.place.x - place.x) * leg.heading_x + (ear.place.y - place.y) * leg.heading_y;
    if (carried && ahead < 0) loss += scenario_.radio.body_db;
    const double level = level_dbm(scenario_.radio, metres, ear.offset_db - loss);
    return std::floor(level * level_steps + 0.5) / level_steps;
}

void Air::hear(const Walk& walk, const Sender& sender, std::vector<Arrival>& out)
{
    hear_legs(walk.legs(), sender, out);
}

void Air::hear(Place place, Span span, const Sender& sender, std::vector<Arrival>& out)
{
    hear_legs({{span, place, place, 0, 0}}, sender, out);
}

void Air::hear_legs(const std::vector<Leg>& legs, const Sender& sender, std::vector<Arrival>& out)
{
    if (legs.empty() || sender.interval <= Millis{0}) return;
    const auto& radio = scenario_.radio;
    Dice dice{sender.draw};
    const double carrier_db = dice.normal() * radio.carrier_offset_sd_db;
    std::array<double, bluetooth_readers> shadow{};
    for (auto& one : shadow) one = dice.normal();
    const double pause_s = static_cast<double>(sender.interval.count()) / 1'000;
    const double walking = natural_power(-pause_s / radio.shadow_seconds);
    const double standing = natural_power(-pause_s / (radio.shadow_seconds * standing_still));
    const double walking_new = std::sqrt(1 - walking * walking);
    const double standing_new = std::sqrt(1 - standing * standing);

    const double interval_us = static_cast<double>(sender.interval.count()) * 1'000;
    double at_us = dice.share() * interval_us;
    std::size_t leg = 0;
    std::size_t steady_leg = legs.size();  // whose levels stand in `steady`
    std::array<double, bluetooth_readers> steady{};
    const auto begin = legs.front().span.from;
    const auto end = legs.back().span.to;
    for (;; at_us += interval_us + dice.share() * advertising_delay_us_max) {
        const auto at = begin + Millis{static_cast<std::int64_t>(at_us / 1'000)};
        if (at >= end) return;
        while (at >= legs[leg].span.to) ++leg;
        const bool still = legs[leg].standing();
        if (!still || steady_leg != leg) {
            const auto place = legs[leg].place_at(at);
            const bool carried = legs[leg].heading_x != 0 || legs[leg].heading_y != 0;
            for (std::size_t n = 0; n < ears_.size(); ++n)
                steady[n] = steady_dbm(ears_[n], legs[leg], place, carried);
            steady_leg = leg;
        }
        for (std::size_t n = 0; n < ears_.size(); ++n) {
            shadow[n] = still ? standing * shadow[n] + standing_new * dice.normal()
                              : walking * shadow[n] + walking_new * dice.normal();
            const bool received = dice.chance(scenario_.reception);
            if (!received || steady[n] + carrier_db < radio.floor_dbm - far_below_db) continue;
            const double level = steady[n] + carrier_db + shadow[n] * radio.shadow_sd_db
                                 + dice.normal() * radio.fading_sd_db;
            if (level < radio.floor_dbm) continue;
            const auto& ear = ears_[n];
            if (at < day_.from - ear.clock_offset || at >= day_.to - std::chrono::seconds{1})
                continue;
            if (!ear.deaf.empty() && deaf_at(ear.deaf, at)) continue;
            out.push_back(
                {at + ear.clock_offset, at, sender.tag, static_cast<std::uint16_t>(n),
                 static_cast<std::int8_t>(std::floor(std::min(level, level_most_dbm) + 0.5)),
                 Arrival::Kind::sighting});
        }
    }
}

}  // namespace raiten::simulator
