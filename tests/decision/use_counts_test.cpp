#include "daemon/decision/use_counts.hpp"

#include "tests/decision/limits_kit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace raiten;
using namespace raiten::limits_kit;
using namespace std::chrono_literals;

namespace {

/// Looks at every window, and at every use of the day.
const UseLimit* broken_by_hand(const std::vector<UseLimit>& limits, std::vector<Instant> uses,
                               Instant at, const StoreClock& clock)
{
    for (const auto& limit : limits) {
        std::size_t most = 0;
        if (!limit.period) {
            for (const auto use : uses)
                if (clock.day_of(use) == clock.day_of(at)) ++most;
            ++most;
        } else {
            auto all = uses;
            all.push_back(at);
            for (const auto first : all) {
                if (first > at || at - first >= *limit.period) continue;
                most = std::max(most, static_cast<std::size_t>(
                                          std::count_if(all.begin(), all.end(), [&](Instant use) {
                                              return use >= first && use - first < *limit.period;
                                          })));
            }
        }
        if (most > limit.count) return &limit;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("uses: two a day and three in 48 hours, both at once", "[decision][limits]")
{
    const std::vector<UseLimit> limits{{2, {}}, {3, 48h}};
    UseCounts uses;
    const StoreClock utc;
    const auto fits = [&](Instant at) { return uses.broken(limits, at, utc) == nullptr; };
    uses.note(on(11, 1, 10h));
    uses.note(on(11, 1, 23h));
    CHECK(uses.broken(limits, on(11, 1, 23h + 30min), utc) == &limits[0]);
    CHECK(fits(on(11, 2, 0h)));
    uses.note(on(11, 2, 0h));
    CHECK(uses.broken(limits, on(11, 3, 9h), utc) == &limits[1]);
    CHECK(uses.broken(limits, on(11, 3, 10h - 1ms), utc) == &limits[1]);
    CHECK(fits(on(11, 3, 10h)));
}

TEST_CASE("uses: one that was taken back counts for nothing", "[decision][limits]")
{
    const std::vector<UseLimit> one{{1, 24h}};
    UseCounts uses;
    uses.note(on(11, 1, 10h));
    uses.take_back(on(11, 1, 9h));
    CHECK(uses.broken(one, on(11, 1, 11h), {}) == &one[0]);
    uses.take_back(on(11, 1, 10h));
    CHECK(uses.broken(one, on(11, 1, 11h), {}) == nullptr);
}

TEST_CASE("uses: a business day has 23 or 25 hours where the clock is changed",
          "[decision][limits]")
{
    const std::vector<UseLimit> one{{1, {}}};
    UseCounts uses;
    uses.note(on(10, 24, 22h));  // 0:00 on the 25th in Berlin
    CHECK(uses.broken(one, on(10, 25, 22h + 59min), berlin()) == &one[0]);
    CHECK(uses.broken(one, on(10, 25, 23h), berlin()) == nullptr);
}

TEST_CASE("uses: as counted by hand, in any order and with some taken back", "[decision][limits]")
{
    const auto clock = berlin();
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        stage::Dice dice{seed};
        UseCounts uses;
        std::vector<Instant> by_hand;
        Instant now = on(10, 23, 12h);
        for (int step = 0; step < 200; ++step) {
            now += Millis{static_cast<std::int64_t>(dice.below(3'600'000))};
            const Instant at =
                dice.below(4) == 0 ? now - std::chrono::minutes{dice.below(3'000)} : now;
            std::vector<UseLimit> limits;
            for (auto n = dice.below(3) + 1; n > 0; --n) {
                UseLimit limit{static_cast<std::uint32_t>(dice.below(12)), {}};
                if (dice.below(3) != 0) limit.period = std::chrono::minutes{dice.below(2'880)};
                limits.push_back(limit);
            }
            const auto* expected = broken_by_hand(limits, by_hand, at, clock);
            REQUIRE(uses.broken(limits, at, clock) == expected);
            if (!expected || dice.below(3) == 0) {
                uses.note(at);
                by_hand.push_back(at);
            }
            if (!by_hand.empty() && dice.below(5) == 0) {
                const auto which = dice.below(by_hand.size());
                uses.take_back(by_hand[which]);
                by_hand.erase(by_hand.begin() + static_cast<std::ptrdiff_t>(which));
            }
            if (dice.below(20) == 0) uses = restarted(uses);
        }
    }
}

TEST_CASE("uses: never more than fit, and the latest are kept", "[decision][limits]")
{
    UseCounts uses;
    const Instant start = on(11, 1, 0h);
    constexpr int many = 300'000;
    for (int n = 0; n < many; ++n) uses.note(start + Millis{n});
    CHECK(uses.size() >= UseCounts::uses_max);
    CHECK(uses.size() <= UseCounts::uses_max * 5 / 4);
    const std::vector<UseLimit> largest{{4'000'000'000, 24h}};
    CHECK(uses.broken(largest, start + Millis{many}, {}) != nullptr);
    // After two months nothing of it is left.
    for (int n = 0; n < 10; ++n) uses.note(start + 24h * 62 + Millis{n});
    CHECK(uses.size() == 10);
    uses.note(start);
    CHECK(uses.size() == 10);
}

TEST_CASE("uses: bytes that are out of order are refused", "[decision][limits]")
{
    UseCounts uses;
    CHECK_FALSE(read_back(bytes_of(std::vector<Instant>{on(2, 1, 2h), on(2, 1, 1h)}), uses));
    CHECK(read_back(bytes_of(std::vector<Instant>{on(2, 1, 1h), on(2, 1, 2h)}), uses));
}
