#pragma once

#include "daemon/base/keyed_hash.hpp"
#include "daemon/decision/demand_curve.hpp"
#include "daemon/decision/pacing.hpp"
#include "tests/support/paced_shop.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Simulated weeks in which a daily stock is given away, and what became of it.
namespace raiten::stage {

/// Who decides: ours, nobody (first come, first served), an even line through the open hours, or
/// ours with the day's true profile and level instead of what was learned.
enum class Pacer : std::uint8_t { ours, first_come, even, oracle };
inline constexpr std::size_t pacer_count = 4;
inline constexpr std::array<const char*, pacer_count> pacer_names{"ours", "first-come", "even line",
                                                                  "oracle"};

struct PacedResult {
    std::uint32_t stock{}, demand{}, given{};
    bool lasted{};        ///< a piece was left when the last open hour began
    double unevenness{};  ///< largest distance between the shares given and asked for so far
    double usual{};       ///< a day's mean demand in that shop, in stocks
    bool early{};         ///< in the first fortnight
};

/// Gives a piece, or waits.
class PacedStock {
 public:
    PacedStock(Pacer pacer, std::uint32_t stock, std::uint64_t seed)
        : pacer_{pacer}, stock_{stock}, seed_{seed}
    {
    }
    PacedResult run(const PacedDay& day, const DemandCurve& curve, const StoreClock& clock)
    {
        PacedResult out{stock_, static_cast<std::uint32_t>(day.eligible.size()), 0, true, 0, 0,
                        false};
        std::vector<std::uint32_t> so_far;
        bool before = true;
        for (const auto index : day.eligible) {
            const Instant at = day.visits[index];
            if (before && at >= day.last_hour) {
                before = false;
                out.lasted = out.given < stock_;
            }
            const double draw = KeyedHash{seed_}
                                    .add(static_cast<std::uint64_t>(at.time_since_epoch().count()))
                                    .unit();
            if (gives(day, curve, clock, at, stock_ - out.given, draw)) ++out.given;
            so_far.push_back(out.given);
        }
        if (before) out.lasted = out.given < stock_;
        for (std::size_t i = 0; i < so_far.size() && out.given > 0; ++i)
            out.unevenness = std::max(
                out.unevenness,
                std::abs(static_cast<double>(so_far[i]) / out.given
                         - static_cast<double>(i + 1) / static_cast<double>(so_far.size())));
        return out;
    }

 private:
    bool gives(const PacedDay& day, const DemandCurve& curve, const StoreClock& clock, Instant at,
               std::uint32_t left, double draw)
    {
        const auto start = clock.start_of(clock.day_of(at));
        switch (pacer_) {
            case Pacer::ours:
                return pacing_.gives(curve.outlook(at, clock), left, draw);
            case Pacer::first_come:
                return left > 0;
            case Pacer::even: {
                std::size_t open = 0, close = day.left.size() - 1;
                while (day.left[open + 1] >= 1 - 1e-12) ++open;
                while (day.left[close - 1] <= 0) --close;
                const double hour =
                    std::chrono::duration<double, std::ratio<900>>(at - start).count();
                const double share = std::min(1.0, (hour + 1 - static_cast<double>(open))
                                                       / static_cast<double>(close - open));
                return left > 0 && stock_ - left < stock_ * share;
            }
            case Pacer::oracle: {
                if (left == 1 && at < day.last_hour) return false;
                const double hour =
                    std::chrono::duration<double, std::ratio<900>>(at - start).count();
                const auto slot = static_cast<std::size_t>(hour);
                const double share =
                    day.left[slot]
                    + (hour - static_cast<double>(slot)) * (day.left[slot + 1] - day.left[slot]);
                const double mean = day.level * share;
                const double to_come = std::max(0.0, mean - 0.8 * std::sqrt(mean));
                return draw * (1 + to_come) < left;
            }
        }
        return false;
    }

    Pacer pacer_;
    std::uint32_t stock_;
    std::uint64_t seed_;
    Pacing pacing_;
};

inline constexpr std::array<std::uint32_t, 5> paced_stocks{5, 10, 20, 50, 100};
inline constexpr std::array<double, 5> paced_demands{0.6, 1.0, 1.4, 2.0, 3.0};

/// Every shop with every stock and mean demand (in stocks), each for that many weeks.
inline std::array<std::vector<PacedResult>, pacer_count> paced_weeks(std::uint64_t seed, int weeks)
{
    std::array<std::vector<PacedResult>, pacer_count> out;
    const auto clock = paced_clock();
    const std::chrono::sys_days first = std::chrono::year{2026} / 11 / 2;
    std::uint64_t number = 0;
    for (const auto& shop : paced_shops()) {
        for (const auto stock : paced_stocks) {
            for (const double demand : paced_demands) {
                Dice dice{seed * 1'000 + number++};
                DemandCurve curve;
                std::vector<PacedStock> pacers;
                for (std::size_t i = 0; i < pacer_count; ++i)
                    pacers.emplace_back(static_cast<Pacer>(i), stock, dice.word());
                for (int n = 0; n < weeks * 7; ++n) {
                    const auto day =
                        paced_day(shop, first + std::chrono::days{n}, stock * demand, dice);
                    // The curve of a day is the one of the days before: notes of today wait.
                    if (!day.visits.empty()) curve.note(day.visits.front(), clock);
                    for (std::size_t i = 0; i < pacer_count; ++i) {
                        out[i].push_back(pacers[i].run(day, curve, clock));
                        out[i].back().usual = demand;
                        out[i].back().early = n < 14;
                    }
                    for (std::size_t i = 1; i < day.visits.size(); ++i)
                        curve.note(day.visits[i], clock);
                }
            }
        }
    }
    return out;
}

/// What the marks ask of a set of days.
struct PacedFigures {
    std::size_t high_days{};  ///< demand at least 1.3 × the stock
    double lasted{};          ///< share of them on which stock lasted into the last open hour
    double used_median{};     ///< of the stock, on them
    double used_low{};        ///< used at least so much on nine of ten of them
    double unevenness{};      ///< mean, on them
    std::size_t other_days{};
    double withheld{};        ///< of the eligible on other days: what first come would have given
    double withheld_a_day{};  ///< the same share of each day, mean over days
    double withheld_low{};    ///< the same on days whose demand is at most the stock
};

inline PacedFigures paced_figures(std::span<const PacedResult> days)
{
    PacedFigures out;
    std::vector<double> used;
    double lasted = 0, lost = 0, asked = 0, lost_low = 0, asked_low = 0;
    for (const auto& day : days) {
        if (day.demand >= 1.3 * day.stock) {
            used.push_back(static_cast<double>(day.given) / day.stock);
            lasted += day.lasted ? 1 : 0;
            out.unevenness += day.unevenness;
            continue;
        }
        ++out.other_days;
        const double loss = std::min(day.demand, day.stock) - day.given;
        lost += loss;
        asked += day.demand;
        if (day.demand > 0) out.withheld_a_day += loss / day.demand;
        if (day.demand <= day.stock) {
            lost_low += loss;
            asked_low += day.demand;
        }
    }
    out.high_days = used.size();
    std::sort(used.begin(), used.end());
    if (!used.empty()) {
        const auto count = static_cast<double>(used.size());
        out.lasted = lasted / count;
        out.unevenness /= count;
        out.used_median = used[used.size() / 2];
        out.used_low = used[used.size() / 10];
    }
    if (out.other_days > 0) out.withheld_a_day /= static_cast<double>(out.other_days);
    out.withheld = asked > 0 ? lost / asked : 0;
    out.withheld_low = asked_low > 0 ? lost_low / asked_low : 0;
    return out;
}

}  // namespace raiten::stage
