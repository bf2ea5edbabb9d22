#include "tests/bench/accuracy/figures.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::accuracy;

TEST_CASE("accuracy: two days of a simulated store are found as they were", "[accuracy]")
{
    constexpr std::uint64_t seed = 1;
    constexpr std::uint32_t days = 2;
    INFO("seed " << seed);
    simulator::Scenario scenario;
    scenario.crowd = simulator::Crowd::quiet;
    scenario.advertising = std::chrono::seconds{5};
    scenario.reception = 0.6;
    const auto figures = judge(keep_book(scenario, seed, days));
    REQUIRE(figures.whole.recall.of > 20);
    CHECK(figures.whole.recall.value().value() >= 0.97);
    CHECK(figures.whole.precision.value().value() >= 0.97);
    CHECK(median(figures.entry_seconds).value() <= 15);
    CHECK(median(figures.exit_seconds).value() <= 30);
    CHECK(figures.live.after_named == 0);
    CHECK(figures.inferred_wrong.hits * 5 <= figures.inferred_wrong.of + 5);
}
