#include "daemon/app/log.hpp"
#include "tests/sim/world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

using namespace raiten::sim;

namespace {

constexpr std::uint64_t seeds_in_ci = 16;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise)
{
    const char* text = std::getenv(variable);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void expect_kept(const WorldReport& report, std::uint64_t seed)
{
    if (report.broken.empty()) return;
    FAIL(report.trace << "\n"
                      << report.broken << "\nreplay: RAITEN_SEED=" << seed
                      << " build/dev/bin/test_sim \"a store survives its seeds\"");
}

}  // namespace

/// RAITEN_SEED=n runs that one; RAITEN_SEEDS=n the first n.
TEST_CASE("a store survives its seeds", "[sim]")
{
    raiten::app::log::start(raiten::app::log::Level::error, raiten::app::log::Format::text);
    const auto one = number_from("RAITEN_SEED", 0);
    const auto first = one ? one : 1;
    const auto last = one ? one : number_from("RAITEN_SEEDS", seeds_in_ci);
    WorldReport sum;
    for (auto seed = first; seed <= last; ++seed) {
        const auto report = run_world({seed});
        expect_kept(report, seed);
        if (report.deliberate) {
            const auto calm = run_world({seed, false});
            expect_kept(calm, seed);
            INFO("seed " << seed << ": the visits of a day without faults are others");
            CHECK(report.settled == calm.settled);
        }
        sum.answers += report.answers;
        sum.redemptions += report.redemptions;
        sum.power_cuts += report.power_cuts;
        sum.kills += report.kills;
        sum.restarts += report.restarts;
        sum.retries += report.retries;
    }
    std::cout << "seeds " << first << " to " << last << ": " << sum.answers << " answers, "
              << sum.redemptions << " redemptions, " << sum.power_cuts << " power cuts, "
              << sum.kills << " kills, " << sum.restarts << " restarts, " << sum.retries
              << " transactions tried again\n";
    CHECK(sum.answers > 0);
}

TEST_CASE("the same seed is the same run", "[sim]")
{
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const auto once = run_world({seed});
        const auto twice = run_world({seed});
        INFO("seed " << seed);
        CHECK(once.hash == twice.hash);
        CHECK(once.trace == twice.trace);
    }
    CHECK(run_world({1}).hash != run_world({2}).hash);
}
