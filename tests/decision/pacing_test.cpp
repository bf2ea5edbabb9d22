#include "daemon/decision/pacing.hpp"

#include "tests/decision/limits_kit.hpp"
#include "tests/support/paced_days.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <vector>

using namespace raiten;
using namespace raiten::limits_kit;

namespace {

const std::chrono::sys_days monday = std::chrono::year{2026} / 11 / 2;

/// An even day of so many occasions, of which a tenth is the last hour.
struct EvenDay {
    std::uint64_t given{};
    std::uint64_t by_noon{};
    bool lasted{};
};

EvenDay even_day(Pacing& pacing, int number, int occasions, std::uint64_t stock, stage::Dice& dice)
{
    EvenDay out;
    for (int n = 0; n < occasions; ++n) {
        const double left = 1 - (n + 0.5) / occasions;
        if (left > 0.1) out.lasted = out.given < stock;
        const DayOutlook now{monday + std::chrono::days{number}, left, left <= 0.1, 1};
        if (pacing.gives(now, stock - out.given, dice.share())) ++out.given;
        if (left > 0.5) out.by_noon = out.given;
    }
    return out;
}

}  // namespace

TEST_CASE("pacing: where fewer come than there are pieces, nobody waits", "[decision][pacing]")
{
    stage::Dice dice{21};
    Pacing pacing;
    std::uint64_t given = 0;
    for (int n = 0; n < 60; ++n) given += even_day(pacing, n, 12, 20, dice).given;
    CHECK(given >= 60 * 12 * 99 / 100);
}

TEST_CASE("pacing: where twice as many come, the stock is spread over all of them",
          "[decision][pacing]")
{
    stage::Dice dice{22};
    Pacing pacing;
    std::uint64_t given = 0, by_noon = 0;
    for (int n = 0; n < 60; ++n) {
        const auto day = even_day(pacing, n, 40, 20, dice);
        CHECK(day.lasted);
        if (n < 7) continue;
        given += day.given;
        by_noon += day.by_noon;
    }
    CHECK(given >= 53 * 20 * 97 / 100);
    CHECK(by_noon >= given * 45 / 100);
    CHECK(by_noon <= given * 68 / 100);
}

TEST_CASE("pacing: a promotion that nobody announced is noticed while it lasts",
          "[decision][pacing]")
{
    stage::Dice dice{23};
    Pacing pacing;
    for (int n = 0; n < 28; ++n) even_day(pacing, n, 12, 20, dice);
    const auto promotion = even_day(pacing, 28, 36, 20, dice);
    CHECK(promotion.lasted);
    CHECK(promotion.given >= 19);
    CHECK(promotion.by_noon < 18);
}

TEST_CASE("pacing: on its first day, knowing nothing, it hardly holds back", "[decision][pacing]")
{
    std::uint64_t given = 0;
    constexpr int days = 400;
    for (std::uint64_t seed = 1; seed <= days; ++seed) {
        stage::Dice dice{seed};
        Pacing pacing;
        std::uint64_t left = 10;
        for (int n = 0; n < 5; ++n) {
            const DayOutlook now{monday, 1 - n / 100.0, false, 0};
            if (pacing.gives(now, left, dice.share())) --left;
        }
        given += 10 - left;
    }
    CHECK(given >= days * 5 * 95 / 100);
    // A stock of one is for whoever's turn it is, at any hour.
    Pacing one;
    CHECK(one.gives({monday, 0.9, false, 0}, 1, 0.3));
}

TEST_CASE("pacing: the last piece is kept for the last open hour", "[decision][pacing]")
{
    Pacing pacing;
    CHECK(pacing.gives({monday, 0.9, false, 1}, 5, 0));
    CHECK_FALSE(pacing.gives({monday, 0.11, false, 1}, 1, 0));
    CHECK(pacing.gives({monday, 0.1, true, 1}, 1, 0));
    CHECK_FALSE(pacing.gives({monday, 0.05, true, 1}, 0, 0));
    CHECK(pacing.seen() == 4);
}

TEST_CASE("pacing: a late word from yesterday, or from 1970, is no new day", "[decision][pacing]")
{
    Pacing pacing;
    CHECK(pacing.gives({std::chrono::sys_days{}, 0.5, false, 0}, 5, 0));
    CHECK(pacing.seen() == 1);
    CHECK_FALSE(Pacing{}.gives({std::chrono::sys_days{}, 1, false, 0}, 1, 0.9));
    CHECK(pacing.gives({monday, 0.5, false, 1}, 5, 0));
    CHECK(pacing.gives({monday - std::chrono::days{1}, 0.1, false, 1}, 5, 0));
    CHECK(pacing.seen() == 2);
    // A thousand years later nothing is known again.
    CHECK(pacing.gives({monday + std::chrono::days{365'000}, 1, false, 1}, 5, 0.99));
    CHECK(pacing.seen() == 1);
}

TEST_CASE("pacing: stopped and started anywhere, it decides the same", "[decision][pacing]")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        stage::Dice dice{seed};
        Pacing live, stopped;
        for (int n = 0; n < 40; ++n) {
            std::uint64_t left = 10;
            for (int i = 0; i < 30; ++i) {
                const DayOutlook now{monday + std::chrono::days{n}, 1 - i / 30.0, i >= 27, 1};
                const double draw = dice.share();
                const bool gives = live.gives(now, left, draw);
                REQUIRE(stopped.gives(now, left, draw) == gives);
                if (gives) --left;
                if (dice.below(10) == 0) stopped = restarted(stopped);
            }
        }
    }
}

TEST_CASE("pacing: any stock, any number of occasions, any bytes", "[decision][pacing]")
{
    stage::Dice dice{24};
    Pacing pacing;
    for (int n = 0; n < 20'000; ++n) {
        const DayOutlook now{monday + std::chrono::days{dice.below(2'000)}, dice.share(),
                             dice.below(2) == 0, dice.share()};
        const auto left = dice.below(3) == 0 ? UINT64_MAX : dice.below(4);
        const bool gives = pacing.gives(now, left, dice.share());
        if (left == 0) REQUIRE_FALSE(gives);
        if (left == UINT64_MAX) REQUIRE(gives);
    }
    constexpr std::size_t doubles = 2 * 7 + 4;
    for (std::size_t n = 0; n < doubles; ++n) {
        auto damaged = bytes_of(Pacing{});
        damaged.replace(damaged.size() - 8 * (n + 1), 8, bytes_of(std::nan("")));
        Pacing other;
        CHECK_FALSE(read_back(damaged, other));
    }
    const auto bytes = bytes_of(pacing);
    for (int n = 0; n < 2'000; ++n) {
        auto damaged = bytes;
        damaged[dice.below(damaged.size())] = static_cast<char>(dice.below(256));
        Pacing other;
        if (!read_back(damaged, other)) continue;
        other.gives({monday, 0.5, false, 1}, 5, 0.5);
        other.gives({monday + std::chrono::days{3'000}, 0.5, false, 1}, 5, 0.5);
    }
}

TEST_CASE("pacing: over simulated weeks the stock lasts, is used, and is not withheld",
          "[decision][pacing]")
{
    const auto* more = std::getenv("RAITEN_SEEDS");
    const std::uint64_t seeds = more ? std::strtoull(more, nullptr, 10) : 1;
    for (std::uint64_t seed = 501; seed < 501 + seeds; ++seed) {
        CAPTURE(seed);
        const auto all = stage::paced_weeks(seed, 6);
        std::vector<stage::PacedResult> ours;
        for (const auto& day : all[0])
            if (!day.early) ours.push_back(day);
        const auto figures = stage::paced_figures(ours);
        CHECK(figures.high_days > 1'000);
        CHECK(figures.lasted >= 0.98);
        CHECK(figures.used_median >= 0.95);
        CHECK(figures.withheld <= 0.03);
        // A line through the hours neither lasts nor gives like that; first come is not spread.
        const auto first_come = stage::paced_figures(all[1]), even = stage::paced_figures(all[2]);
        CHECK(first_come.lasted < 0.1);
        CHECK(even.lasted < 0.9);
        CHECK(even.withheld > figures.withheld);
        CHECK(figures.unevenness < 0.6 * first_come.unevenness);
    }
}
