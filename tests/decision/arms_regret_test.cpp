#include "tests/decision/arms_season.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace raiten;

namespace {

/// How many seeds: as given here, or in the environment (RAITEN_SEEDS=200).
std::size_t seeds_to_run(std::size_t in_ci)
{
    const char* told = std::getenv("RAITEN_SEEDS");
    return told == nullptr ? in_ci : static_cast<std::size_t>(std::atoll(told));
}

struct Saved {
    season::Mean uniform, ours;
    /// What is saved of uniform's regret, at least, with two standard errors.
    double at_least() const
    {
        return 1 - (ours.mean + 2 * ours.error) / (uniform.mean - 2 * uniform.error);
    }
};

Saved saved(const season::Season& season, std::size_t seeds)
{
    return {season::mean_of(season::regrets(season, seeds, season::uniform)),
            season::mean_of(season::regrets(season, seeds, season::ours))};
}

}  // namespace

TEST_CASE("arms: after 5,000 decisions at least 40 % of uniform's regret is saved", "[decision]")
{
    const auto found = saved(season::Season{}, seeds_to_run(8));
    CAPTURE(found.ours.mean, found.ours.error, found.uniform.mean, found.uniform.error);
    // 5,000 · (0.09 − mean of the rates)
    CHECK(found.uniform.mean == Approx(133.3).margin(3));
    CHECK(found.at_least() >= 0.40);
}

TEST_CASE("arms: answers that come 500 decisions late cost little", "[decision]")
{
    const season::Season late{.answer_after = 500};
    const auto found = saved(late, seeds_to_run(4));
    CAPTURE(found.ours.mean, found.ours.error, found.uniform.mean, found.uniform.error);
    CHECK(found.at_least() >= 0.30);
}
