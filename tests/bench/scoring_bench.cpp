#include "daemon/scoring/churn.hpp"
#include "daemon/scoring/lifetime_value.hpp"
#include "daemon/scoring/model_guard.hpp"
#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/rfm.hpp"
#include "daemon/scoring/spend.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/scoring/parts.hpp"

#include <cmath>
#include <random>
#include <vector>

/// Fits and scores of simulated shops with the habits of CDNOW's customers (Fader & Hardie), whose
/// peers' times were measured on this kind of machine.
namespace {

using namespace raiten::scoring;

/// r, alpha, a, b of CDNOW in weeks.
const std::array habits{0.5248, 6.183, 0.8914, 1.614};

std::vector<BuyingHistory> shop(std::size_t members, double drop_scale = 1)
{
    std::mt19937 dice{42};
    std::gamma_distribution<double> rates{habits[0], 1 / habits[1]};
    std::gamma_distribution<double> leave{habits[2], 1};
    std::gamma_distribution<double> stay{habits[3], 1};
    std::uniform_real_distribution<double> joined{27, 39};
    std::uniform_real_distribution<double> chance{0, 1};
    std::vector<BuyingHistory> all;
    for (std::size_t i = 0; i < members; ++i) {
        const auto day = [](double weeks) { return std::round(weeks * 7) / 7; };
        BuyingHistory member{0, 0, day(joined(dice)), 0};
        std::exponential_distribution<double> gap{std::max(rates(dice), 1e-9)};
        const double a = leave(dice);
        const double drop = drop_scale * a / (a + stay(dice));
        double at = 0;
        while (chance(dice) >= drop && (at += std::max(gap(dice), 1.0 / 7)) < member.observed) {
            member.last = day(at);
            ++member.repeats;
        }
        member.last = std::min(member.last, member.observed);
        if (member.last == 0) member.repeats = 0;
        all.push_back(member);
    }
    return all;
}

struct ShopInDays {
    std::vector<std::vector<PurchaseDay>> days;
    std::vector<BuyingHistory> histories;
    std::int32_t today{365};
};

ShopInDays shop_in_days(std::size_t members)
{
    ShopInDays out;
    std::mt19937 dice{43};
    std::gamma_distribution<double> rates{habits[0], 1 / (habits[1] * 7)};
    for (std::size_t i = 0; i < members; ++i) {
        std::exponential_distribution<double> gap{std::max(rates(dice), 1e-9)};
        double at = static_cast<double>(dice() % 300);
        std::vector<PurchaseDay> days;
        while (at < out.today && (days.empty() || dice() % 4 != 0)) {
            days.push_back({static_cast<std::int32_t>(at), 10});
            at += 1 + gap(dice);
        }
        out.histories.push_back(habits_of(days).history(out.today, 7));
        out.days.push_back(std::move(days));
    }
    return out;
}

void print_fit(const char* name, ModelKind kind, const std::vector<BuyingHistory>& members,
               double seconds_max, double peer_seconds = 0, const char* peer = "")
{
    const double seconds =
        raiten::bench::best_seconds([&] { raiten::bench::keep(fit_purchases(kind, members)); }, 5);
    if (seconds_max > 0)
        raiten::bench::print(name, 1 / seconds, "fits/s", {"required", 1 / seconds_max}, 1);
    if (peer_seconds > 0)
        raiten::bench::print(name, 1 / seconds, "fits/s", {peer, 1 / peer_seconds});
}

/// Learning who buys again, and the answer for each member, beside two seconds for 200,000.
void print_churn(const PurchaseModel& model, std::size_t members)
{
    const auto shop = shop_in_days(members);
    const double seconds = raiten::bench::best_seconds(
        [&] {
            ChurnLearner learner{model, {0, shop.today, 90, 7}};
            for (const auto& days : shop.days) learner.add(days);
            const auto fit = learner.learned();
            double sum = 0;
            for (const auto& history : shop.histories)
                sum += chance_to_buy(fit.churn, model, history);
            raiten::bench::keep(sum);
        },
        3);
    constexpr double seconds_max = 2;
    raiten::bench::print("churn learned and told, 200,000 members", 1 / seconds, "nights/s",
                         {"required", 1 / seconds_max}, 1);
}

void print_guard(const PurchaseModel& model, const std::vector<BuyingHistory>& members)
{
    std::vector<RecentPast> past;
    for (const auto& member : members) past.push_back({member, 0.2});
    const double seconds = raiten::bench::best_seconds(
        [&] {
            const ModelInUse in_use{model, members.size()};
            raiten::bench::keep(judge(model, in_use, members, past, 8));
        },
        3);
    const double fit = raiten::bench::best_seconds(
        [&] { raiten::bench::keep(fit_purchases(ModelKind::mbg_nbd, members)); }, 3);
    raiten::bench::print("judging a fit, 100,000 members", 1 / seconds, "verdicts/s",
                         {"the fit", 1 / fit});
}

}  // namespace

int main()
{
    using namespace raiten::bench;
    const auto small = shop(2'357);
    const auto large = shop(100'000);
    const auto loyal = shop(1'680, 0);
    print_fit("fit BG/NBD, 2,357 members", ModelKind::bg_nbd, small, 0.010, 0.10, "lifetimes");
    print_fit("fit MBG/NBD, 2,357 members", ModelKind::mbg_nbd, small, 0.010, 0.11, "lifetimes");
    print_fit("fit Pareto/NBD, 2,357 members", ModelKind::pareto_nbd, small, 0, 0.72, "lifetimes");
    print_fit("fit Pareto/NBD, 100,000 members", ModelKind::pareto_nbd, large, 0, 36.7, "a peer");
    print_fit("fit BG/NBD, 100,000 members", ModelKind::bg_nbd, large, 0.300, 1.13, "lifetimes");
    print_fit("fit MBG/NBD, 100,000 members", ModelKind::mbg_nbd, large, 0.300, 1.38, "lifetimes");
    print_fit("fit where nobody leaves, 1,680", ModelKind::mbg_nbd, loyal, 0.020);
    print_fit("Pareto/NBD where nobody leaves", ModelKind::pareto_nbd, loyal, 0.020, 2.70,
              "lifetimes");

    const auto fit = fit_purchases(ModelKind::mbg_nbd, large);
    if (!fit) return 1;
    constexpr double weeks = 39;
    const double scored = best_seconds(
        [&] {
            double sum = 0;
            for (const auto& member : large)
                sum += p_alive(fit->model, member) + expected_purchases(fit->model, member, weeks);
            keep(sum);
        },
        5);
    const double members = 1e5;
    print("P(alive) and E[X], 100,000 members", members / scored / 1e6, "M members/s",
          {"required", members / 0.060 / 1e6}, 1);
    print("P(alive) and E[X], 100,000 members", members / scored / 1e6, "M members/s",
          {"lifetimes", members / 0.084 / 1e6});

    const double valued = best_seconds(
        [&] {
            double sum = 0;
            for (const auto& member : large)
                sum += discounted_purchases(fit->model, member, weeks, 0.002, 1);
            keep(sum);
        },
        5);
    print("discounting, 100,000 members", members / valued / 1e6, "M members/s",
          {"P(alive) and E[X]", members / scored / 1e6});

    print_churn(fit->model, 200'000);
    print_guard(fit->model, large);

    std::vector<Custom> customs;
    for (const auto& member : large)
        customs.push_back(
            {member.observed - member.last, member.repeats + 1.0, 10 * member.observed, true});
    const double ranked = best_seconds([&] {
        const auto cuts = RfmCuts::of(customs);
        unsigned sum = 0;
        for (const auto& member : customs) sum += cuts.rank(member).sum();
        keep(sum);
    });
    print("RFM cuts and ranks, 100,000 members", members / ranked / 1e6, "M members/s",
          {"P(alive) and E[X]", members / scored / 1e6});
    bench_next_visit();
    bench_affinity();
    bench_uplift();
    bench_propensity();
    print_marks();
}
