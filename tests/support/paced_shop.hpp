#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/rules.hpp"
#include "tests/support/dice.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

/// Simulated shops whose visits come by a profile that is known, for whoever spreads something
/// over their days.
namespace raiten::stage {

/// Visits an hour at hours of the wall's clock, in relation to each other; hours above 24 are those
/// of the following night.
struct OpenHours {
    double from, to;
    std::vector<std::pair<double, double>> peaks;  ///< hour, height above an even 1
};

struct PacedShop {
    std::string name;
    OpenHours week, weekend;
    double weekend_level;  ///< a day's visits, beside those of a weekday
    double variation;      ///< of the level from day to day: standard deviation over mean
};

inline std::vector<PacedShop> paced_shops()
{
    return {
        {"cafe", {7, 19, {{8.2, 4}, {12.3, 3}}}, {9, 17, {{11, 1}}}, 0.6, 0.3},
        {"supermarket", {9, 21, {{18, 3}}}, {9, 21, {{11.5, 2}, {17, 1}}}, 1.4, 0.3},
        {"mall", {10, 20, {{15, 1}, {18, 2}}}, {10, 20, {{15, 3}}}, 2.0, 0.4},
        {"bar", {17, 26, {{19, 1}, {22, 3}}}, {17, 27, {{23, 3}}}, 1.8, 0.5},
        {"kiosk", {6, 23, {{7.5, 3}, {18, 2}}}, {8, 22, {{14, 1}}}, 0.7, 0.4},
        {"boutique", {11, 19, {{13, 1}, {17.5, 1}}}, {11, 18, {{15, 2}}}, 1.5, 0.5},
    };
}

/// The business day starts at 5:00, nine hours ahead of UTC.
inline StoreClock paced_clock()
{
    StoreClock clock;
    clock.offsets = {{Instant::min(), std::chrono::hours{9}}};
    clock.day_start = std::chrono::hours{5};
    return clock;
}

struct PacedDay {
    std::vector<Instant> visits;
    std::vector<std::size_t> eligible;  ///< of the visits
    Instant last_hour;                  ///< when the last open hour begins
    double level{};                     ///< expected eligible visits of this day, as drawn
    std::vector<double> left;           ///< expected share to come at each quarter hour since 5:00
};

namespace detail {

inline double gamma_draw(Dice& dice, double shape)  // Marsaglia and Tsang, 2000
{
    if (shape < 1) return gamma_draw(dice, shape + 1) * std::pow(1 - dice.share(), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = dice.normal(), v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(1 - dice.share()) < x * x / 2 + d - d * v + d * std::log(v))
            return d * v;
    }
}

inline unsigned poisson_draw(Dice& dice, double mean)
{
    unsigned count = 0;
    for (double gap = -std::log(1 - dice.share()); gap < mean; gap -= std::log(1 - dice.share()))
        ++count;
    return count;
}

}  // namespace detail

/// A day of that shop: on one of 16 its level is two to three times the usual (a promotion), on
/// another a fifth to a half; its profile differs a little from the usual one, by stretches of two
/// hours. Two of five visits are eligible.
inline PacedDay paced_day(const PacedShop& shop, std::chrono::sys_days day, double mean_eligible,
                          Dice& dice)
{
    constexpr double eligible_share = 0.4;
    constexpr std::size_t slots = 96;
    const auto clock = paced_clock();
    const unsigned weekday = std::chrono::weekday{day}.c_encoding();
    const bool weekend = weekday == 0 || weekday == 6;
    const auto& open = weekend ? shop.weekend : shop.week;
    const double shape = 1 / (shop.variation * shop.variation);
    double level = mean_eligible * 7 / (5 + 2 * shop.weekend_level);
    if (weekend) level *= shop.weekend_level;
    level *= detail::gamma_draw(dice, shape) / shape;
    const double event = dice.share();
    if (event < 1.0 / 16)
        level *= dice.between(2, 3);
    else if (event < 2.0 / 16)
        level *= dice.between(0.2, 0.5);

    std::array<double, slots> heights{};
    double whole = 0, stretch = 1;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        if (slot % 8 == 0) stretch = std::exp(0.15 * dice.normal());
        const double hour = 5 + (static_cast<double>(slot) + 0.5) / 4;
        if (hour < open.from || hour >= open.to) continue;
        heights[slot] = 1;
        for (const auto& [at, height] : open.peaks)
            heights[slot] += height * std::exp(-0.5 * std::pow((hour - at) / 1.2, 2));
        whole += heights[slot] *= stretch;
    }
    PacedDay out;
    out.level = level;
    out.left.assign(slots + 1, 0);
    const Instant start = clock.start_of(day);
    constexpr Millis quarter = std::chrono::minutes{15};
    for (std::size_t slot = slots; slot > 0; --slot)
        out.left[slot - 1] = out.left[slot] + heights[slot - 1] / whole;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        const double mean = level / eligible_share * heights[slot] / whole;
        const auto count = detail::poisson_draw(dice, mean);
        for (unsigned i = 0; i < count; ++i)
            out.visits.push_back(start + quarter * static_cast<int>(slot)
                                 + Millis{static_cast<std::int64_t>(dice.below(900'000))});
    }
    std::sort(out.visits.begin(), out.visits.end());
    for (std::size_t i = 0; i < out.visits.size(); ++i)
        if (dice.share() < eligible_share) out.eligible.push_back(i);
    out.last_hour =
        start + std::chrono::minutes{static_cast<int>(std::lround((open.to - 5 - 1) * 60))};
    return out;
}

}  // namespace raiten::stage
