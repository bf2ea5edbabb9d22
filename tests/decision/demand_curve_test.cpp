#include "daemon/decision/demand_curve.hpp"

#include "tests/decision/limits_kit.hpp"
#include "tests/support/paced_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace raiten;
using namespace raiten::limits_kit;
using namespace std::chrono_literals;

namespace {

const StoreClock utc;
const std::chrono::sys_days monday = std::chrono::year{2026} / 11 / 2;

/// A visit every so many minutes between those hours, on each of so many days.
void open_daily(DemandCurve& curve, std::chrono::sys_days from, int days, Millis opens,
                Millis closes, std::chrono::minutes gap)
{
    for (int n = 0; n < days; ++n)
        for (Millis at = opens; at < closes; at += gap)
            curve.note(Instant{from + std::chrono::days{n}} + at, utc);
}

double largest_gap(const DemandCurve& one, const DemandCurve& other, std::chrono::sys_days from)
{
    double gap = 0;
    for (int hour = 0; hour < 7 * 24; ++hour) {
        const Instant at = Instant{from} + std::chrono::hours{hour};
        gap = std::max(gap, std::abs(one.outlook(at, utc).left - other.outlook(at, utc).left));
    }
    return gap;
}

}  // namespace

TEST_CASE("demand: without a history the day is an even one, from nine to nine",
          "[decision][pacing]")
{
    const DemandCurve curve;
    const auto at = [&](Millis time) { return curve.outlook(Instant{monday} + time, utc); };
    CHECK(at(0h).left == Approx(1));
    CHECK(at(15h).left == Approx(0.5).margin(0.02));
    CHECK(at(23h + 59min).left < 0.01);
    CHECK(at(15h).known == 0);
    CHECK_FALSE(at(22h + 59min).last_hour);
    CHECK(at(23h).last_hour);
}

TEST_CASE("demand: what comes when, and the last open hour, are the store's own",
          "[decision][pacing]")
{
    DemandCurve curve;
    open_daily(curve, monday, 14, 6h, 12h, 10min);
    curve.note(Instant{monday + std::chrono::days{14}} + 6h, utc);
    const auto at = [&](Millis time) {
        return curve.outlook(Instant{monday + std::chrono::days{15}} + time, utc);
    };
    CHECK(at(6h).left > 0.97);
    CHECK(at(9h).left == Approx(0.5).margin(0.03));
    CHECK(at(12h).left < 0.05);
    CHECK_FALSE(at(10h + 59min).last_hour);
    CHECK(at(11h).last_hour);
    CHECK(at(11h).known > 0.9);
}

TEST_CASE("demand: a Sunday that closes early is known as such, where Sundays were seen",
          "[decision][pacing]")
{
    DemandCurve curve;
    for (int week = 0; week < 4; ++week) {
        const auto from = monday + std::chrono::days{7 * week};
        open_daily(curve, from, 6, 10h, 20h, 10min);
        open_daily(curve, from + std::chrono::days{6}, 1, 10h, 16h, 10min);
    }
    const auto next = monday + std::chrono::days{28};
    curve.note(Instant{next} + 10h, utc);
    const auto at = [&](int day, Millis time) {
        return curve.outlook(Instant{next + std::chrono::days{day}} + time, utc);
    };
    CHECK_FALSE(at(0, 15h).last_hour);
    CHECK(at(6, 15h).last_hour);
    CHECK(at(0, 15h).left == Approx(0.5).margin(0.05));
    CHECK(at(6, 15h).left < 0.3);

    // One short Sunday with three visits says little yet.
    DemandCurve young;
    open_daily(young, monday, 6, 10h, 20h, 10min);
    open_daily(young, monday + std::chrono::days{6}, 1, 10h, 11h, 20min);
    young.note(Instant{monday + std::chrono::days{7}} + 10h, utc);
    const auto sunday = young.outlook(Instant{monday + std::chrono::days{13}} + 15h, utc);
    CHECK(sunday.left > 0.3);
    CHECK_FALSE(sunday.last_hour);
}

TEST_CASE("demand: learned in four weeks to a few hundredths of the day", "[decision][pacing]")
{
    const auto clock = stage::paced_clock();
    for (const auto& shop : stage::paced_shops()) {
        CAPTURE(shop.name);
        stage::Dice dice{11};
        DemandCurve curve;
        double off = 0;
        int looks = 0;
        for (int n = 0; n < 56; ++n) {
            const auto day = stage::paced_day(shop, monday + std::chrono::days{n}, 20, dice);
            for (const auto at : day.visits) {
                const auto now = curve.outlook(at, clock);
                curve.note(at, clock);
                if (n < 28) continue;
                const auto slot = static_cast<std::size_t>((at - clock.start_of(now.day)) / 15min);
                off += std::abs(now.left - day.left[slot]);
                ++looks;
            }
        }
        CHECK(off / looks < 0.06);
    }
}

TEST_CASE("demand: the visits of eight weeks, in any order, give the curve again",
          "[decision][pacing]")
{
    stage::Dice dice{12};
    DemandCurve curve;
    std::vector<Instant> visits;
    for (int n = 0; n < 30 * 7; ++n) {
        auto day =
            stage::paced_day(stage::paced_shops()[1], monday + std::chrono::days{n}, 20, dice);
        visits.insert(visits.end(), day.visits.begin(), day.visits.end());
    }
    for (const auto at : visits) curve.note(at, utc);
    const auto last = utc.day_of(visits.back());
    DemandCurve recalled, shuffled;
    std::vector<Instant> recent;
    for (const auto at : visits)
        if (utc.day_of(at) > last - std::chrono::days{56}) recent.push_back(at);
    for (const auto at : recent) recalled.note(at, utc);
    CHECK(largest_gap(curve, recalled, last) < 0.03);
    for (auto i = recent.size(); i > 1; --i) std::swap(recent[i - 1], recent[dice.below(i)]);
    for (const auto at : recent) shuffled.note(at, utc);
    CHECK(largest_gap(shuffled, recalled, last) < 1e-9);
    const auto again = restarted(curve);
    CHECK(largest_gap(curve, again, last) == 0);
    CHECK(bytes_of(again) == bytes_of(curve));
}

TEST_CASE("demand: new opening hours replace the old ones in time", "[decision][pacing]")
{
    DemandCurve curve;
    open_daily(curve, monday, 70, 9h, 17h, 10min);
    open_daily(curve, monday + std::chrono::days{70}, 70, 13h, 22h, 10min);
    const auto now = curve.outlook(Instant{monday + std::chrono::days{140}} + 17h, utc);
    CHECK(now.left > 0.45);
    CHECK_FALSE(now.last_hour);
}

TEST_CASE("demand: what is left only ever falls within a day, also where the clock is changed",
          "[decision][pacing]")
{
    const auto clock = berlin();
    DemandCurve curve;
    stage::Dice dice{13};
    for (int n = 0; n < 5'000; ++n)
        curve.note(on(9, 1, std::chrono::minutes{dice.below(60'000)}), clock);
    for (const auto& [month, day] : {std::pair{3, 28U}, {10, 24U}}) {
        for (int minute = 0; minute < 3 * 24 * 60; minute += 7) {
            const Instant at = on(month, day, std::chrono::minutes{minute});
            const auto before = curve.outlook(at - 7min, clock), now = curve.outlook(at, clock);
            REQUIRE(now.left >= 0);
            REQUIRE(now.left <= 1);
            // The hour that comes twice is asked for twice, and begins once more.
            const bool twice = clock.offset_at(at) < clock.offset_at(at - 61min);
            if (now.day == before.day && !twice) REQUIRE(now.left <= before.left + 1e-12);
        }
    }
}

TEST_CASE("demand: bytes that no store has written are refused", "[decision][pacing]")
{
    DemandCurve curve;
    open_daily(curve, monday, 3, 9h, 17h, 30min);
    const auto bytes = bytes_of(curve);
    for (const double wrong : {std::nan(""), -1.0, 1e300}) {
        auto damaged = bytes;
        damaged.replace(bytes_of(monday + std::chrono::days{2}).size() + 1, 8, bytes_of(wrong));
        DemandCurve other;
        CHECK_FALSE(read_back(damaged, other));
    }
    DemandCurve other;
    CHECK_FALSE(read_back(bytes.substr(0, bytes.size() / 2), other));
    CHECK(other.outlook(Instant{monday} + 15h, utc).left >= 0);
}
