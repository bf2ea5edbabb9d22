#include "daemon/decision/cluster_sums.hpp"
#include "daemon/decision/effect.hpp"
#include "daemon/decision/sequential.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/decision/planted_experiment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace raiten::bench;
using namespace raiten::decision;
using planted::Shop;

constexpr std::uint64_t experiments = 2'000;
constexpr std::uint64_t lifted_experiments = 500;
constexpr std::int64_t days = 180;
constexpr double gap_days = 25;

double percent(std::uint64_t count, std::uint64_t of)
{
    return of == 0 ? 0 : 100 * static_cast<double>(count) / static_cast<double>(of);
}

double standard_error(double percent, std::uint64_t of)
{
    return std::sqrt(percent * (100 - percent) / static_cast<double>(of));
}

// ---- coverage ---------------------------------------------------------------------------------

struct Held {
    std::uint64_t held{}, above{}, below{};
    std::uint64_t of() const { return held + above + below; }

    void count(const Interval& interval, double truth)
    {
        ++(interval.holds(truth) ? held : interval.low > truth ? above : below);
    }
};

/// Percent away from 95.
double print_held(const Shop& shop, const char* outcome, const Held& ours, const Held& wald)
{
    const double covered = percent(ours.held, ours.of());
    std::fprintf(stderr,
                 "%-34s %-6s %6.2f ± %.2f %% of %llu (above %.2f, below %.2f); Wald %6.2f %%\n",
                 shop.name, outcome, covered, standard_error(covered, ours.of()),
                 static_cast<unsigned long long>(ours.of()), percent(ours.above, ours.of()),
                 percent(ours.below, ours.of()), percent(wald.held, wald.of()));
    const auto name = std::string{"truth held, "} + outcome + ", " + shop.name;
    print(name.c_str(), covered, "%", {"nominal", 95});
    return std::abs(covered - 95);
}

Interval wald(const GroupSums& given, const GroupSums& withheld)
{
    const double value = given.mean - withheld.mean;
    const double deviation =
        std::sqrt(given.squared_residuals / (given.weighted * given.weighted)
                  + withheld.squared_residuals / (withheld.weighted * withheld.weighted));
    return {value, value - normal_95 * deviation, value + normal_95 * deviation};
}

Interval wald(const std::vector<ExperimentMember>& members, Outcome outcome)
{
    return wald(group_sums(members, false, outcome), group_sums(members, true, outcome));
}

/// A coupon costs 100 a purchase; of the purchases with coupons, the lift's share are more.
bool cost_held(const std::optional<PurchaseCost>& cost, double lift)
{
    if (lift < 1) return !cost || !cost->high;
    if (!cost) return false;
    if (lift == 1) return !cost->high;
    const double truth = 100 * lift / (lift - 1);
    return cost->low <= truth && (!cost->high || truth <= *cost->high);
}

double coverage(const Shop& shop)
{
    const auto truth = planted::truth_of(shop);
    Held rate, spend, wald_rate, wald_spend;
    std::uint64_t mismatches = 0, too_few = 0, cost = 0;
    std::uint64_t drawn = 0;
    while (rate.of() < experiments && drawn < 3 * experiments) {
        const auto members = planted::experiment(shop, ++drawn);
        const auto effect = effect_of(members);
        if (!effect) continue;
        mismatches += effect->verdict == Verdict::mismatch ? 1U : 0U;
        too_few += effect->verdict == Verdict::too_few ? 1U : 0U;
        if (!effect->figures) continue;
        rate.count(effect->figures->rate, truth.rate);
        spend.count(effect->figures->spend, truth.spend);
        wald_rate.count(wald(members, Outcome::purchases), truth.rate);
        wald_spend.count(wald(members, Outcome::spend), truth.spend);
        cost += cost_held(effect->figures->purchase_cost, shop.lift) ? 1U : 0U;
    }
    std::fprintf(stderr, "%-34s too few %.1f %%, mismatch %llu; cost held %.2f %% of %llu\n",
                 shop.name, percent(too_few, drawn), static_cast<unsigned long long>(mismatches),
                 percent(cost, rate.of()), static_cast<unsigned long long>(rate.of()));
    return std::max(print_held(shop, "rate", rate, wald_rate),
                    print_held(shop, "spend", spend, wald_spend));
}

void bench_coverage()
{
    const std::array shops{
        Shop{"200 members, 10 %", 200, 0.10, 1.3},
        Shop{"200 members, 30 % to 36 %", 200, 0.30, 1.2, 1, 0.2, 0.6},
        Shop{"300 members, 5 %, no effect", 300, 0.05},
        Shop{"500 members, 3 % to 4.5 %", 500, 0.03, 1.5},
        Shop{"500 members, 10 %, no effect", 500, 0.10},
        Shop{"1,000 members, 3 %, no effect", 1'000, 0.03},
        Shop{"1,000 members, 10 % to 13 %", 1'000, 0.10, 1.3, 1, 0.15},
        Shop{"1,000, baskets of sigma 1, × 1.2", 1'000, 0.10, 1.3, 1.2, 0.15, 1.0},
        Shop{"1,000 members, half withheld", 1'000, 0.10, 1.3, 1, 0.1, 0.8, 0.5},
        Shop{"2,000 members, regulars buy more", 2'000, 0.20, 1.25, 1, 0.1, 0.8, 0.1, true},
        Shop{"2,000 members, share raised", 2'000, 0.08, 1.2, 1, 0.1, 0.8, 0.1, false, 1.8},
        Shop{"2,000, 5 %, baskets of sigma 1", 2'000, 0.05, 1, 1, 0.1, 1.0},
        Shop{"5,000 members, 3 % to 3.9 %", 5'000, 0.03, 1.3},
        Shop{"5,000 members, 10 % to 8 %", 5'000, 0.10, 0.8, 1.2, 0.2, 1.0},
    };
    double worst = 0;
    for (const auto& shop : shops) worst = std::max(worst, coverage(shop));
    print("truth held: furthest from 95 % within 1.5", 1.5 / worst, "times", {"required", 1}, 1);
}

// ---- looking every day ------------------------------------------------------------------------

/// First days on which a test would have ended the campaign; never: none.
struct Ends {
    std::vector<std::int64_t> days;
    bool ended{};

    void look(std::int64_t day, bool shown)
    {
        if (shown && !ended) days.push_back(day);
        ended = ended || shown;
    }
    std::int64_t median()
    {
        if (days.empty()) return -1;
        const auto middle = days.begin() + static_cast<std::ptrdiff_t>(days.size() / 2);
        std::nth_element(days.begin(), middle, days.end());
        return *middle;
    }
};

struct Peeking {
    std::int64_t looks{days};  ///< one a day
    Ends rate, spend, naive_rate, naive_spend;
    std::uint64_t once{};                         ///< shown by effect_of on the last day
    std::uint64_t missed_rate{}, missed_spend{};  ///< the truth left an interval on some day

    void campaign(const Shop& shop, std::uint64_t seed)
    {
        const auto truth = planted::truth_of(shop);
        planted::Diary diary{shop, looks, gap_days, seed};
        for (auto* ends : {&rate, &spend, &naive_rate, &naive_spend}) ends->ended = false;
        bool rate_left = false, spend_left = false;
        for (std::int64_t day = 0; day < looks; ++day) {
            const auto& members = diary.evening(day);
            const auto look = always_valid(members);
            if (!look || !look->figures) continue;
            rate.look(day, look->figures->rate_shown());
            spend.look(day, look->figures->spend_shown());
            rate_left = rate_left || !look->figures->rate.holds(truth.rate);
            spend_left = spend_left || !look->figures->spend.holds(truth.spend);
            naive_rate.look(day, !wald(members, Outcome::purchases).holds(0));
            naive_spend.look(day, !wald(members, Outcome::spend).holds(0));
        }
        missed_rate += rate_left ? 1 : 0;
        missed_spend += spend_left ? 1 : 0;
        const auto last = effect_of(diary.evening(looks));
        if (last && (last->verdict == Verdict::more || last->verdict == Verdict::fewer)) ++once;
    }
};

Peeking peek(const Shop& shop, std::uint64_t campaigns, std::int64_t looks = days)
{
    Peeking out;
    out.looks = looks;
    for (std::uint64_t seed = 1; seed <= campaigns; ++seed) out.campaign(shop, seed);
    const auto line = [&](const char* outcome, Ends& ours, Ends& naive, std::uint64_t missed) {
        const double shown = percent(ours.days.size(), campaigns);
        std::fprintf(stderr,
                     "%-34s %-6s shown %6.2f ± %.2f %%, median day %lld; truth left on some day "
                     "%.2f %%; repeated t-test %6.2f %%, median day %lld; one look at the end "
                     "(rate) %.2f %%\n",
                     shop.name, outcome, shown, standard_error(shown, campaigns),
                     static_cast<long long>(ours.median()), percent(missed, campaigns),
                     percent(naive.days.size(), campaigns), static_cast<long long>(naive.median()),
                     percent(out.once, campaigns));
        const auto name = std::string{"shown, "} + outcome + ", " + shop.name;
        print(name.c_str(), shown, "%", {"repeated t-test", percent(naive.days.size(), campaigns)});
    };
    line("rate", out.rate, out.naive_rate, out.missed_rate);
    line("spend", out.spend, out.naive_spend, out.missed_spend);
    return out;
}

void bench_peeking()
{
    const std::array nothing{
        Shop{"no effect, 1,000 members, 10 %", 1'000, 0.10, 1, 1, 0.15},
        Shop{"no effect, 2,000 members, 5 %", 2'000, 0.05, 1, 1, 0.1, 1.0},
        Shop{"no effect, 500 members, 30 %", 500, 0.30, 1, 1, 0.2, 0.6, 0.2},
    };
    double worst = 0.01;
    for (const auto& shop : nothing) {
        const auto peeking = peek(shop, experiments);
        for (const auto* ends : {&peeking.rate, &peeking.spend})
            worst = std::max(worst, percent(ends->days.size(), experiments));
    }
    print("false alarms, 180 daily looks, within 5 %", 5 / worst, "times", {"required", 1}, 1);
    peek({"no effect, two years, 1,000", 1'000, 0.10, 1, 1, 0.15}, lifted_experiments, 4 * days);
    const std::array lifted{
        Shop{"10 % to 13 %, 3,000 members", 3'000, 0.10, 1.3, 1, 0.15},
        Shop{"10 % to 15 %, 3,000 members", 3'000, 0.10, 1.5, 1, 0.15},
        Shop{"10 % to 20 %, 1,000 members", 1'000, 0.10, 2, 1, 0.15},
        Shop{"20 % to 24 %, 5,000 members", 5'000, 0.20, 1.2, 1, 0.15},
    };
    for (const auto& shop : lifted) peek(shop, lifted_experiments);
}

// ---- sample ratio -----------------------------------------------------------------------------

/// The chance that a group drawn with `drawn_share` is told to be off, summed over its sizes.
double print_mismatch(std::size_t members, double share, double drawn_share)
{
    const std::vector<double> chances(members, share);
    const auto all = static_cast<double>(members);
    double out = 0;
    for (std::size_t drawn = 0; drawn <= members; ++drawn) {
        const auto count = static_cast<double>(drawn);
        const double chance =
            std::exp(std::lgamma(all + 1) - std::lgamma(count + 1) - std::lgamma(all - count + 1)
                     + count * std::log(drawn_share) + (all - count) * std::log1p(-drawn_share));
        if (chance > 1e-15 && sample_ratio(chances, drawn).mismatch()) out += 100 * chance;
    }
    std::fprintf(stderr, "sample ratio, %zu members, %g drawn at %g: mismatch %.3f %%\n", members,
                 share, drawn_share, out);
    return out;
}

void bench_sample_ratio()
{
    double worst = 0;
    for (const double share : {0.02, 0.1, 0.5})
        for (const std::size_t members : {200U, 1'000U, 5'000U})
            worst = std::max(worst, print_mismatch(members, share, share));
    print("sample ratio: false alarms within 0.1 %", 0.1 / worst, "times", {"required", 1}, 1);
    for (const std::size_t members : {1'000U, 5'000U, 10'000U}) print_mismatch(members, 0.1, 0.12);
}

void bench_speed()
{
    const auto members = planted::experiment({"", 100'000, 0.1, 1.2}, 1);
    const double once = best_seconds([&] { keep(effect_of(members)); }, 5);
    print("effect of a campaign, 100,000 members", 1 / once, "campaigns/s", {"10 a second", 10});
    const double look = best_seconds([&] { keep(always_valid(members)); }, 5);
    print("daily look, 100,000 members", 1 / look, "campaigns/s", {"10 a second", 10});
}

}  // namespace

void raiten::bench::bench_effects()
{
    bench_coverage();
    bench_peeking();
    bench_sample_ratio();
    bench_speed();
}
