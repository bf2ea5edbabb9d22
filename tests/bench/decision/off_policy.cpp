#include "daemon/decision/off_policy.hpp"

#include "daemon/decision/expected_reward.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/decision/open_bandit.hpp"
#include "tests/decision/planted_log.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>

namespace raiten::bench {
namespace {

using namespace test;

constexpr int shops = 2'000;

struct Tally {
    double held{}, off{}, squares{}, width{};

    void add(const Estimate& estimate, double truth)
    {
        const double by = estimate.value - truth;
        held += estimate.lower <= truth && truth <= estimate.upper ? 1 : 0;
        off += by;
        squares += by * by;
        width += estimate.upper - estimate.lower;
    }
};

/// How often the 95 % intervals hold the planted truth over `shops` shops, and by how many of its
/// own standard errors the mean estimate is off.
void print_coverage(const std::string& name, const PlantedShop& shop,
                    std::optional<double> required_share)
{
    const double truth = value_of(other, shop.scale);
    const std::array names{"IPS", "SNIPS", "doubly robust", "gain"};
    std::array<Tally, 4> tallies;
    double direct_off = 0, sample = 0;
    int told = 0;
    for (int n = 0; n < shops; ++n) {
        auto one = shop;
        one.seed += static_cast<std::uint64_t>(n);
        const auto planted = planted_log(one);
        const auto q = cross_fitted_rewards(planted.log(), planted.contexts);
        const auto value = evaluate_policy(planted.log(), planted.rows_of(other), *q);
        if (!value) continue;
        ++told;
        tallies[0].add(value->ips, truth);
        tallies[1].add(value->snips, truth);
        tallies[2].add(*value->doubly_robust, truth);
        tallies[3].add(value->gain, truth - value_of(done, shop.scale));
        direct_off += *value->direct - truth;
        sample += value->effective_sample_size;
    }
    std::fprintf(stderr,
                 "%s: %d of %d shops told, truth %.6f, effective sample %.0f, direct off %+.2g\n",
                 name.c_str(), told, shops, truth, sample / told, direct_off / told);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& tally = tallies[i];
        const double held = tally.held / told;
        std::fprintf(stderr,
                     "  %-14s held %.2f %% (± %.2f), bias %+.2f standard errors, "
                     "RMSE %.6f, width %.6f\n",
                     names[i], 100 * held, 196 * std::sqrt(held * (1 - held) / told),
                     tally.off / std::sqrt(tally.squares), std::sqrt(tally.squares / told),
                     tally.width / told);
        print((name + ", 95 % interval of " + names[i] + " holds the truth").c_str(), 100 * held,
              "% of shops", {"nominal", 95}, required_share);
    }
}

void tell(const char* name, const Estimate& estimate)
{
    std::fprintf(stderr, "  %-14s %.12f [%.6f, %.6f]\n", name, estimate.value, estimate.lower,
                 estimate.upper);
}

/// The values that the tests compare with the peer's, with our intervals.
void tell_open_bandit()
{
    const auto folder = peers::shared_history("open_bandit");
    if (!folder) return;
    const auto tell_log = [](const char* name, const open_bandit::Shown& log,
                             const open_bandit::Shares& shares) {
        const auto q = shrunken_rewards(log.log(), log.place, 200);
        const auto value = evaluate_policy(log.log(), log.rows_of(shares), *q);
        std::fprintf(stderr, "%s: effective sample %.9f, largest weight %.6f, mean weight %.4f\n",
                     name, value->effective_sample_size, value->max_weight, value->mean_weight);
        tell("as logged", value->logged);
        tell("IPS", value->ips);
        tell("SNIPS", value->snips);
        std::fprintf(stderr, "  %-14s %.12f\n", "direct", *value->direct);
        tell("doubly robust", *value->doubly_robust);
    };
    tell_log("Open Bandit, Thompson from random",
             open_bandit::shown(*folder / "obd_random_men.csv.gz"),
             open_bandit::thompson(*folder / "bts_action_dist_men.csv"));
    tell_log("Open Bandit, uniform from Thompson",
             open_bandit::shown(*folder / "obd_bts_men.csv.gz"), open_bandit::uniform());
}

}  // namespace

void bench_off_policy()
{
    tell_open_bandit();
    print_coverage("off-policy, rewards in 20 %", {.members = 2'000, .seed = 10'000}, 0.984);
    print_coverage("off-policy, 500 decisions", {.members = 500, .seed = 20'000}, 0.984);
    print_coverage("off-policy, rewards in 2 %", {.members = 5'000, .scale = 0.1, .seed = 30'000},
                   0.984);
    print_coverage("off-policy, rewards in 0.5 %",
                   {.members = 10'000, .scale = 0.025, .seed = 40'000}, 0.984);
    print_coverage("off-policy, rewards in 0.1 %",
                   {.members = 10'000, .scale = 0.005, .seed = 60'000}, {});
    print_coverage("off-policy, 8 alike of a member",
                   {.members = 500, .decisions_each = 8, .habit = 0.9, .seed = 50'000}, 0.984);

    const auto planted = planted_log({.members = 100'000});
    const auto policy = planted.rows_of(other);
    const double bare = best_millions_a_second(1e5, [&] {
        double sum = 0, weights = 0, squares = 0;
        for (std::size_t row = 0; row < planted.decisions.size(); ++row) {
            const auto& decision = planted.decisions[row];
            const double w = policy[row * planted_actions + decision.action] / decision.propensity;
            sum += w * decision.reward;
            weights += w;
            squares += w * w;
        }
        keep(sum / weights);
        keep(weights * weights / squares);
    });
    const double ours = best_millions_a_second(1e5, [&] {
        const auto q = cross_fitted_rewards(planted.log(), planted.contexts);
        keep(evaluate_policy(planted.log(), policy, *q)->ips.value);
    });
    print("off-policy, all values with intervals, 100,000 decisions", ours, "M decisions/s",
          {"the three sums alone", bare});
}

}  // namespace raiten::bench
