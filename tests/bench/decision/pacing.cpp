#include "daemon/decision/account.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/support/paced_days.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace raiten::bench {
namespace {

using namespace stage;

/// The rule's constants were chosen on seeds 1 to 4.
constexpr std::uint64_t first_seed = 201, last_seed = 220;
constexpr int weeks = 10;

using Days = std::vector<PacedResult>;

template <class Chosen>
Days chosen(const Days& days, const Chosen& wanted)
{
    Days out;
    for (const auto& day : days)
        if (wanted(day)) out.push_back(day);
    return out;
}

/// Half of a 95 % interval of a share of so many days.
double margin(double share, std::size_t days)
{
    return days > 0 ? 1.96 * std::sqrt(share * (1 - share) / static_cast<double>(days)) : 0;
}

void print_row(const std::string& name, const Days& days)
{
    const auto f = paced_figures(days);
    std::fprintf(stderr,
                 "%-28s %7zu  %6.2f ± %.2f %%  %6.1f %%  %6.1f %%  %6.3f  | %7zu  %5.2f %%  "
                 "%5.2f %%  %5.2f %%\n",
                 name.c_str(), f.high_days, 100 * f.lasted, 100 * margin(f.lasted, f.high_days),
                 100 * f.used_median, 100 * f.used_low, f.unevenness, f.other_days,
                 100 * f.withheld, 100 * f.withheld_a_day, 100 * f.withheld_low);
}

void print_table(const std::array<Days, pacer_count>& all)
{
    std::fprintf(stderr, "%-28s %7s  %15s  %8s  %8s  %6s  | %7s  %7s  %7s  %7s\n", "", "days>=1.3",
                 "lasted", "used p50", "used p10", "uneven", "others", "withheld", "a day",
                 "D<=stock");
    const auto learned = [](const PacedResult& day) { return !day.early; };
    for (std::size_t i = 0; i < pacer_count; ++i)
        print_row(pacer_names[i], chosen(all[i], learned));
    print_row("ours, first fortnight",
              chosen(all[0], [](const PacedResult& day) { return day.early; }));
    for (const std::size_t i : {std::size_t{0}, pacer_count - 1}) {
        for (const auto stock : paced_stocks)
            print_row(pacer_names[i] + std::string{", stock "} + std::to_string(stock),
                      chosen(all[i], [&](const PacedResult& day) {
                          return !day.early && day.stock == stock;
                      }));
        for (const auto usual : paced_demands)
            print_row(pacer_names[i] + std::string{", demand "} + std::to_string(usual).substr(0, 3)
                          + " stocks",
                      chosen(all[i], [&](const PacedResult& day) {
                          return !day.early && day.usual == usual;
                      }));
    }
}

void print_days()
{
    std::array<Days, pacer_count> all;
    for (auto seed = first_seed; seed <= last_seed; ++seed) {
        const auto run = paced_weeks(seed, weeks);
        for (std::size_t i = 0; i < pacer_count; ++i)
            all[i].insert(all[i].end(), run[i].begin(), run[i].end());
    }
    print_table(all);
    std::array<PacedFigures, pacer_count> figures;
    for (std::size_t i = 0; i < pacer_count; ++i)
        figures[i] =
            paced_figures(chosen(all[i], [](const PacedResult& day) { return !day.early; }));
    const auto& ours = figures[0];
    print("pacing: stock lasts into the last hour", ours.lasted, "of busy days", {"required", 0.95},
          1);
    print("pacing: used on busy days, median", ours.used_median, "of stock", {"required", 0.95}, 1);
    print("pacing: not withheld on other days", 1 - ours.withheld, "of eligible",
          {"required", 0.95}, 1);
    for (std::size_t i = 1; i < pacer_count; ++i) {
        print("pacing: stock lasts into the last hour", ours.lasted, "of busy days",
              {pacer_names[i], figures[i].lasted});
        print("pacing: used on busy days, median", ours.used_median, "of stock",
              {pacer_names[i], figures[i].used_median});
        print("pacing: not withheld on other days", 1 - ours.withheld, "of eligible",
              {pacer_names[i], 1 - figures[i].withheld});
        print("pacing: evenness on busy days", 1 - ours.unevenness, "",
              {pacer_names[i], 1 - figures[i].unevenness});
    }
}

/// A zone with half-yearly changes for a century, as the real ones have.
StoreClock long_clock()
{
    StoreClock clock = paced_clock();
    for (int year = 1970; year < 2070; ++year)
        for (const int month : {3, 10})
            clock.offsets.push_back(
                {Instant{std::chrono::sys_days{std::chrono::year{year} / month / 25}},
                 std::chrono::hours{month == 3 ? 2 : 1}});
    return clock;
}

void print_cost()
{
    const auto clock = long_clock();
    const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 2}};
    DemandCurve curve;
    for (int n = 0; n < 20'000; ++n) curve.note(start + std::chrono::minutes{n}, clock);
    Campaign campaign;
    campaign.id = "c";
    campaign.budget = CampaignAccount::money_max;
    campaign.stock = Campaign::Stock{4'000'000'000, true, true};
    campaign.per_store = {{1'000'000, {}}, {90'000, std::chrono::hours{24}}};
    campaign.leased = true;
    CouponRecord coupon;
    coupon.cost = Money::from_units(100);
    constexpr int decisions = 50'000;
    const double seconds = best_seconds([&] {
        CampaignAccount account;
        account.grant({"c", 1, CampaignAccount::money_max, UINT64_MAX, Instant::max()});
        Pacing pacing;
        for (int n = 0; n < decisions; ++n) {
            coupon.decided_at = start + std::chrono::seconds{10 * n};
            if (account.shortage(campaign, coupon.cost, coupon.decided_at, clock)) std::abort();
            const auto left = account.stock_left(campaign, coupon.decided_at, clock);
            keep(pacing.gives(curve.outlook(coupon.decided_at, clock), left, 0.5));
            account.reserve(campaign, coupon);
        }
        keep(account);
    });
    print("limits and pacing of one decision", decisions / seconds / 1e6, "M/s", {"required", 1.0},
          1);
}

}  // namespace

void bench_pacing()
{
    print_cost();
    print_days();
}

}  // namespace raiten::bench
