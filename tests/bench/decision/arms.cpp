#include "daemon/decision/arms.hpp"

#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/decision/arms_season.hpp"
#include "tests/decision/two_arms.hpp"
#include "tests/support/dice.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::bench {
namespace {

constexpr std::size_t seeds = 200;
constexpr double required_share = 0.40;

struct Way {
    const char* name;
    season::Choose choose;
};

/// What each way of choosing loses, on standard error; and the share of uniform's that ours saves.
double print_regrets(const season::Season& season)
{
    const std::vector<Way> ways{
        {"uniform", season::uniform}, {"ours", season::ours}, {"UCB1", season::ucb1}};
    std::fprintf(stderr,
                 "arms of 4, 6, 9 %%, %zu decisions, answers known %zu decisions later, "
                 "%zu seeds:\n  %-8s regret 0 (expects %.1f answers)\n",
                 season.decisions, season.answer_after, seeds, "oracle",
                 season::best_of(season) * static_cast<double>(season.decisions));
    const auto uniform = season::mean_of(season::regrets(season, seeds, season::uniform)).mean;
    double share = 0;
    for (const auto& way : ways) {
        const auto found = season::mean_of(season::regrets(season, seeds, way.choose));
        const double saved = 1 - found.mean / uniform;
        std::fprintf(stderr, "  %-8s regret %.2f +- %.2f (expects %.1f answers), saves %.1f %%\n",
                     way.name, found.mean, found.error,
                     season::best_of(season) * static_cast<double>(season.decisions) - found.mean,
                     100 * saved);
        if (std::string_view{way.name} == "ours") share = saved;
    }
    return share;
}

/// Chances of counts that were never asked for before.
void print_speed(const char* name, std::vector<ArmCount> arms, double seconds_max,
                 std::optional<double> required = {})
{
    constexpr std::uint32_t times = 500;
    const double seconds = best_seconds([&] {
                               double sum = 0;
                               for (std::uint32_t n = 0; n < times; ++n) {
                                   arms[0].given ^= 1U;
                                   sum += arm_probabilities(arms)[0];
                               }
                               keep(sum);
                           })
                           / times;
    std::fprintf(stderr, "%s: %.2f us\n", name, seconds * 1e6);
    print(name, 1 / seconds, "/s", {"one decision, 20 us", 1 / seconds_max}, required);
}

/// The largest error of the chances of two arms, beside the closed form.
void print_error()
{
    stage::Dice dice{1};
    const auto any = [&] {
        const auto given = static_cast<std::uint32_t>(dice.below(1U << dice.below(13)));
        return ArmCount{given, static_cast<std::uint32_t>(dice.below(given + 1U))};
    };
    double worst = 0;
    const auto look = [&](ArmCount first, ArmCount second) {
        const auto chances = arm_probabilities(std::vector{first, second}, 0);
        worst = std::max(worst, std::abs(chances[1] - second_is_better(first, second)));
    };
    for (int n = 0; n < 5'000; ++n) {
        const auto first = any();
        const auto second = any();
        look(first, second);
        const double rate = first.answered / std::max(1.0, static_cast<double>(first.given));
        look(first, {second.given, static_cast<std::uint32_t>(rate * second.given)});
    }
    std::fprintf(stderr, "two arms, 10,000 pairs of up to 4,095 coupons: error %.2g\n", worst);
    double extreme = 0;
    std::swap(worst, extreme);
    for (std::uint32_t first = 0; first < 100; first += 7)
        for (std::uint32_t second = 0; second < 100; second += 3)
            look({1'000'000'000, first}, {700'000'000, second});
    std::fprintf(stderr, "two arms, a billion coupons, up to 99 answers: error %.2g\n", worst);
    print("digits of the chances of two arms", -std::log10(std::max(worst, extreme)), "digits",
          {"required", 9}, 1);
}

void print_memory()
{
    constexpr int times = 100'000;
    const std::vector<std::string> codes{"popcorn", "drink", "half-price"};
    Arms arms;
    for (const auto& code : codes)
        for (int n = 0; n < 1000; ++n) arms.given(code);
    const double seconds = best_seconds([&] {
                               double sum = 0;
                               for (int n = 0; n < times; ++n) sum += arms.probabilities(codes)[0];
                               keep(sum);
                           })
                           / times;
    std::fprintf(stderr, "chances of 3 arms, asked again: %.3f us\n", seconds * 1e6);
    print("chances of 3 arms, asked again", 1 / seconds, "/s", {"one decision, 20 us", 5e4}, 1);
}

}  // namespace

void bench_arms()
{
    constexpr double decision_seconds = 20e-6;
    print_speed("chances of 2 arms", {{1000, 60}, {1000, 90}}, decision_seconds, 1);
    print_speed("chances of 3 arms", {{1000, 40}, {1000, 60}, {1000, 90}}, decision_seconds, 1);
    print_speed("chances of 3 arms, 20 coupons", {{20, 0}, {20, 1}, {20, 2}}, decision_seconds, 1);
    print_speed("chances of 3 arms, two far behind", {{5000, 200}, {5000, 300}, {5000, 450}},
                decision_seconds, 1);
    std::vector<ArmCount> sixteen;
    for (std::uint32_t n = 0; n < arms_max; ++n) sixteen.push_back({1000 + 2 * n, 40 + n});
    print_speed("chances of 16 arms, all close", sixteen, decision_seconds);
    print_memory();
    print_error();

    for (const std::size_t later : {0U, 500U, 2'000U}) {
        const double share = print_regrets(season::Season{.answer_after = later});
        const auto name = "share of regret saved, answers " + std::to_string(later) + " late";
        if (later == 0)
            print(name.c_str(), share, "", {"required", required_share}, 1);
        else
            print(name.c_str(), share, "", {"asked at once", required_share});
    }
}

}  // namespace raiten::bench
