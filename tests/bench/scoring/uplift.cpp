#include "daemon/scoring/uplift.hpp"

#include "tests/bench/bench.hpp"
#include "tests/bench/scoring/parts.hpp"

#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace raiten::scoring;

constexpr std::size_t features = 18;
constexpr std::size_t decisions = 20'000;

struct Campaign {
    std::vector<double> values{};
    std::vector<std::uint8_t> given{}, came{};
};

/// One in ten withheld; one feature decides on whom the offer works.
Campaign campaign()
{
    std::mt19937 dice{42};
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> chance{0, 1};
    Campaign out;
    for (std::size_t i = 0; i < decisions; ++i) {
        for (std::size_t j = 0; j < features; ++j) out.values.push_back(normal(dice));
        const double* row = &out.values[i * features];
        const bool given = chance(dice) < 0.9;
        const double odds = -1.5 + 0.6 * row[0] + (given ? 0.3 + 0.6 * row[1] : 0);
        out.given.push_back(given ? 1 : 0);
        out.came.push_back(chance(dice) < probability_of(odds) ? 1 : 0);
    }
    return out;
}

}  // namespace

void bench_uplift()
{
    using namespace raiten::bench;
    const auto shop = campaign();
    const double fitted = best_seconds(
        [&] {
            keep(fit_logistic({features, shop.values, shop.came}));
        },
        5);
    print("logistic, 20,000 cases, 18 features", 1 / fitted, "fits/s", {"20 a second", 20});

    const OfferDecisions all{features, shop.values, shop.given, shop.came};
    const double learned = best_seconds([&] { keep(learn_uplift(all)); }, 3);
    print("uplift, 20,000 decisions learned", 1 / learned, "campaigns/s", {"1 a second", 1});

    const auto model = learn_uplift(all);
    if (!model) return;
    const double scored = best_seconds([&] {
        double sum = 0;
        for (std::size_t i = 0; i < decisions; ++i)
            sum += uplift_of(*model, std::span{shop.values}.subspan(i * features, features)).value;
        keep(sum);
    });
    print("uplift of a member, with its interval", 1e-6 * decisions / scored, "M members/s",
          {"a score card of 50 us", 0.02}, 1);
}
