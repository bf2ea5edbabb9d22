#include "tests/bench/accuracy/store_visits.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace raiten;
using namespace raiten::accuracy;

TEST_CASE("accuracy: who will buy in a simulated store is foretold as often as it comes",
          "[accuracy]")
{
    constexpr std::uint64_t seed = 1;
    constexpr std::uint32_t days = 12;
    INFO("seed " << seed);
    simulator::Scenario scenario;
    scenario.crowd = simulator::Crowd::quiet;
    scenario.advertising = std::chrono::seconds{20};
    const auto visits = store_visits(keep_book(scenario, seed, days));
    REQUIRE(visits.size() > 150);
    scoring::Propensity propensity;
    double cases = 0, expected = 0, came = 0, variance = 0;
    for (const auto& visit : visits) {
        if (!visit.landmarks.empty()) {
            const double p = propensity.probability(visit.landmarks.front().features);
            cases += 1;
            expected += p;
            variance += p * (1 - p);
            came += visit.bought ? 1 : 0;
        }
        propensity.learn({visit});
    }
    CAPTURE(cases, expected, came);
    CHECK(cases > 100);
    CHECK(came > 20);
    CHECK(std::abs(expected - came) < 3 * std::sqrt(variance));
    const auto& marks = propensity.marks();
    CHECK(marks.log_loss() < marks.base_log_loss() + 0.01);
}
