#include "daemon/app/log.hpp"
#include "tests/sim/world.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <string>

/// A simulator that finds nothing proves nothing: what is planted here must be found.
using namespace raiten::sim;

namespace {

constexpr std::uint64_t seeds_max = 30;

/// The first seed that finds it, and what it says.
std::string found_by_some_seed(WorldPlan plan)
{
    raiten::app::log::start(raiten::app::log::Level::error, raiten::app::log::Format::text);
    for (plan.seed = 1; plan.seed <= seeds_max; ++plan.seed) {
        const auto report = run_world(plan);
        if (report.broken.empty()) continue;
        std::cout << "found by seed " << plan.seed << ": " << report.broken.substr(0, 120) << '\n';
        return report.broken;
    }
    return {};
}

}  // namespace

TEST_CASE("a disk that lies about every fsync is found", "[sim][planted]")
{
    WorldPlan plan;
    plan.lie = Disk::Lie::sync;
    CHECK_FALSE(found_by_some_seed(plan).empty());
}

TEST_CASE("a log that is not synced at each commit is found", "[sim][planted]")
{
    WorldPlan plan;
    plan.lie = Disk::Lie::log_sync;
    CHECK_FALSE(found_by_some_seed(plan).empty());
}

TEST_CASE("a row that is missing in the outbox is found", "[sim][planted]")
{
    WorldPlan plan;
    plan.sabotage = "DELETE FROM outbox WHERE sequence = (SELECT max(sequence) FROM outbox)";
    CHECK(found_by_some_seed(plan).find("outbox") != std::string::npos);
}

TEST_CASE("an effect that is not what was shown is found", "[sim][planted]")
{
    WorldPlan plan;
    plan.sabotage = "UPDATE stream SET json = '{}'";
    CHECK(found_by_some_seed(plan).find("shown, but not kept") != std::string::npos);
}

TEST_CASE("a coupon that can be used again is found", "[sim][planted]")
{
    WorldPlan plan;
    plan.sabotage = "UPDATE coupon SET state = 0, closed_at = NULL, closed_where = ''";
    CHECK(found_by_some_seed(plan).find("redemption") != std::string::npos);
}
