#include "daemon/decision/quiet_hours.hpp"

#include "tests/decision/limits_kit.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::limits_kit;
using namespace std::chrono_literals;

TEST_CASE("quiet hours: over midnight, by the store's wall clock", "[decision][limits]")
{
    const QuietHours night{22h, 8h};
    const auto clock = berlin();  // in November an hour ahead
    CHECK_FALSE(is_quiet(night, on(11, 22, 20h + 59min), clock));
    CHECK_FALSE(quiet_until(night, on(11, 22, 20h + 59min), clock));
    CHECK(quiet_until(night, on(11, 22, 21h), clock) == on(11, 23, 7h));
    CHECK(quiet_until(night, on(11, 23, 3h), clock) == on(11, 23, 7h));
    CHECK_FALSE(quiet_until(night, on(11, 23, 7h), clock));
    CHECK(quiet_until({12h, 13h}, on(11, 22, 11h + 30min), clock) == on(11, 22, 12h));
    CHECK_FALSE(is_quiet({12h, 12h}, on(11, 22, 11h), clock));
    CHECK(quiet_until({22h, 24h}, on(11, 22, 22h), clock) == on(11, 22, 23h));
}

TEST_CASE("quiet hours: an hour that comes twice is quiet twice, a skipped one not at all",
          "[decision][limits]")
{
    const auto clock = berlin();
    // 25 October: 2:00 to 3:00 comes twice, at 0:00 and at 1:00 UTC.
    const QuietHours half{1h, 2h + 30min};
    CHECK(quiet_until(half, on(10, 24, 23h), clock) == on(10, 25, 30min));
    CHECK_FALSE(is_quiet(half, on(10, 25, 45min), clock));
    CHECK(quiet_until(half, on(10, 25, 1h), clock) == on(10, 25, 1h + 30min));
    CHECK(quiet_until({1h, 3h}, on(10, 25, 30min), clock) == on(10, 25, 2h));
    CHECK(quiet_until({22h, 8h}, on(10, 24, 22h), clock) == on(10, 25, 7h));
    // 29 March: after 1:59 comes 3:00, at 1:00 UTC.
    CHECK(quiet_until({1h, 2h + 30min}, on(3, 29, 30min), clock) == on(3, 29, 1h));
    CHECK_FALSE(is_quiet({2h, 3h}, on(3, 29, 1h), clock));
    CHECK(quiet_until({22h, 8h}, on(3, 28, 22h), clock) == on(3, 29, 6h));
    // It would end at the very moment at which the clock is set back into it.
    CHECK(quiet_until({22h, 3h}, on(10, 24, 22h), clock) == on(10, 25, 2h));
}

TEST_CASE("quiet hours: their end is the first minute that is not quiet, on any clock",
          "[decision][limits]")
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        stage::Dice dice{seed};
        const auto minutes = [&](std::uint64_t below) {
            return std::chrono::minutes{static_cast<std::int64_t>(dice.below(below))};
        };
        StoreClock clock;
        clock.offsets.front().ahead = minutes(1'500) - 720min;
        Instant from = on(11, 1, 0h);
        for (auto n = dice.below(6); n > 0; --n) {
            from += minutes(3'000) + 1min;
            clock.offsets.push_back({from, clock.offsets.back().ahead + minutes(240) - 120min});
        }
        const QuietHours hours{minutes(1'441), minutes(1'441)};
        for (int n = 0; n < 20; ++n) {
            const Instant at = on(11, 1, 0h) + minutes(10'000);
            Instant end = at;
            while (is_quiet(hours, end, clock)) end += 1min;
            const auto told = quiet_until(hours, at, clock);
            REQUIRE(told.has_value() == (end > at));
            if (told) REQUIRE(*told == end);
        }
    }
}
