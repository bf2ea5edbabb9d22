#include "daemon/scoring/beta_dropout.hpp"
#include "daemon/scoring/lifetime_value.hpp"
#include "daemon/scoring/pareto_dropout.hpp"
#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/special.hpp"
#include "daemon/scoring/spend.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace raiten;
using namespace raiten::scoring;

namespace {

const PurchaseModel cdnow_bg{ModelKind::bg_nbd, {0.242593, 4.413532, 0.792886, 2.425753}, 1};
const PurchaseModel cdnow_mbg{ModelKind::mbg_nbd, {0.524838, 6.182988, 0.891356, 1.614}, 1};
const PurchaseModel cdnow_pareto{
    ModelKind::pareto_nbd, {0.553257, 10.57713, 0.606213, 11.66819}, 1};
const PurchaseModel grocer{ModelKind::mbg_cnbd_k, {1.3292, 2.8126, 0.4247, 0.79}, 2};
const std::array models{cdnow_bg, cdnow_mbg, cdnow_pareto, grocer};

/// A shop of members who buy at gamma rates with Erlang-k gaps and leave after a purchase.
std::vector<BuyingHistory> shop(const PurchaseModel& model, std::size_t members, unsigned seed)
{
    std::mt19937 dice{seed};
    std::gamma_distribution<double> rates{model.parameters[0], 1 / model.parameters[1]};
    std::gamma_distribution<double> leave{model.parameters[2], 1};
    std::gamma_distribution<double> stay{model.parameters[3], 1};
    std::uniform_real_distribution<double> joined{10, 60};
    std::uniform_real_distribution<double> chance{0, 1};
    std::vector<BuyingHistory> all;
    for (std::size_t i = 0; i < members; ++i) {
        BuyingHistory member;
        member.observed = joined(dice);
        std::gamma_distribution<double> gap{static_cast<double>(model.regularity),
                                            1 / std::max(rates(dice), 1e-9)};
        const double a = leave(dice);
        const double drop = a / (a + stay(dice));
        bool gone = model.kind != ModelKind::bg_nbd && chance(dice) < drop;
        for (double at = gap(dice); !gone && at < member.observed; at += gap(dice)) {
            member.log_gaps += std::log(at - member.last);
            member.last = at;
            ++member.repeats;
            gone = chance(dice) < drop;
        }
        all.push_back(member);
    }
    return all;
}

/// The textbooks' series for ₂F₁, where it converges fast.
double gauss_series(double a, double b, double c, double z)
{
    double sum = 0, term = 1;
    for (double n = 0; n < 5'000 && term > sum * 1e-17; ++n) {
        sum += term;
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
    }
    return sum;
}

}  // namespace

TEST_CASE("models: what the papers print", "[scoring]")
{
    const BuyingHistory customer_1{2, 30.43, 38.86, 0};
    CHECK(expected_purchases(cdnow_bg, customer_1, 39) == Approx(1.22591).epsilon(1e-5));
    CHECK(p_alive(cdnow_pareto, {26, 30.86, 31, 0}) == Approx(0.9979).epsilon(1e-4));
    CHECK(*expected_spend({6.248802, 3.744588, 15.447748}, {2, 22.35})
          == Approx(24.6586).epsilon(1e-5));
    CHECK(p_alive(cdnow_bg, {0, 0, 38.86, 0}) == 1);  // why churn is not judged by BG/NBD
    CHECK(p_alive(cdnow_mbg, {0, 0, 38.86, 0}) < 1);
}

TEST_CASE("models: expected purchases equal the textbooks' form where that one is sound",
          "[scoring]")
{
    for (const double a : {0.4, 1.7, 3.0})
        for (const double t : {1.0, 10.0, 39.0}) {
            const BetaDropout bg{0.3, 4.4, a, 2.4, 1, false};
            const BuyingHistory member{3, 20, 30, 0};
            const double z = t / (bg.alpha + member.observed + t);
            const double shape = bg.r + 3;
            const double bx = bg.b + 3;
            const double book =
                (a + bx - 1) / (a - 1)
                * (1 - std::pow(1 - z, shape) * gauss_series(shape, bx, a + bx - 1, z))
                * p_alive(bg, member);
            CHECK(expected_purchases(bg, member, t) == Approx(book).epsilon(1e-9));
        }
}

TEST_CASE("models: derivatives are those of the likelihood", "[scoring]")
{
    const auto members = shop(grocer, 200, 7);
    const auto agrees = [](const auto& sample, std::array<double, 4> at) {
        std::array<double, 4> slope{}, ignored{};
        sample.at(at, slope);
        for (std::size_t i = 0; i < 4; ++i) {
            auto up = at, down = at;
            const double step = at[i] * 1e-5;
            up[i] += step;
            down[i] -= step;
            const double numeric = (sample.at(up, ignored) - sample.at(down, ignored)) / (2 * step);
            CAPTURE(i, at);
            CHECK(slope[i] == Approx(numeric).epsilon(1e-5).margin(1e-4));
        }
    };
    for (const unsigned k : {1U, 2U, 5U}) {
        agrees(BetaDropoutSample{members, k, true}, {1.3, 2.8, 0.42, 0.79});
        agrees(BetaDropoutSample{members, k, false}, {0.3, 5.0, 1.2, 2.0});
    }
    agrees(ParetoDropoutSample{members}, {0.6, 8.0, 0.7, 12.0});
    agrees(ParetoDropoutSample{members}, {0.6, 12.0, 1.7, 3.0});
}

TEST_CASE("models: a simulated shop is found again, and its future foretold", "[scoring]")
{
    const auto members = shop(grocer, 4'000, 11);
    const auto fit = fit_best(members);
    REQUIRE(fit.has_value());
    CAPTURE(fit->model.parameters);
    CHECK(fit->model.regularity == 2);
    CHECK(fit->model.parameters[0] == Approx(grocer.parameters[0]).epsilon(0.1));
    CHECK(fit->model.parameters[1] == Approx(grocer.parameters[1]).epsilon(0.1));

    // Twice the same simulated members: what was foretold of the first half year came in the next.
    PurchaseModel steady = grocer;
    steady.regularity = 3;
    const double expected = expected_purchases(steady, {0, 0, 0, 0}, 30);
    double came = 0;
    constexpr std::size_t many = 40'000;
    for (auto member : shop(steady, many, 5)) came += member.repeats;
    double foretold = 0;
    for (const auto& member : shop(steady, many, 5))
        foretold += expected_purchases(steady, {0, 0, 0, 0}, member.observed);
    CHECK(came == Approx(foretold).epsilon(0.03));
    CHECK(expected > 0);
}

TEST_CASE("models: extremes stay finite", "[scoring]")
{
    const std::array<BuyingHistory, 9> members{{{0, 0, 0, 0},
                                                {0, 0, 1e-9, 0},
                                                {0, 0, 36'500, 0},
                                                {1, 1e-9, 36'500, -20},
                                                {1, 36'500, 36'500, 10},
                                                {10'000, 9'999, 10'000, 0},
                                                {10'000, 100, 10'000, -40'000},
                                                {10'000, 1, 1, -90'000},
                                                {100'000, 36'500, 36'500, -90'000}}};
    for (auto model : models)
        for (const double a : {1e-7, 1.0, 1e5}) {
            model.parameters[2] = a;
            for (const auto& member : members) {
                CAPTURE(name_of(model.kind), a, member.repeats, member.last, member.observed);
                const double alive = p_alive(model, member);
                CHECK((alive >= 0 && alive <= 1));
                CHECK(std::isfinite(log_likelihood(model, member)));
                double before = 0;
                for (const double span : {0.0, 1e-6, 1.0, 365.0}) {
                    const double expected = expected_purchases(model, member, span);
                    CHECK((std::isfinite(expected) && expected >= before * (1 - 1e-9)));
                    before = expected;
                }
            }
        }
}

TEST_CASE("models: longer silence never makes anybody likelier to be alive", "[scoring]")
{
    for (const auto& model : models)
        for (const std::uint32_t repeats : {1U, 5U, 200U}) {
            double before = 1;
            for (double silent = 0; silent < 500; silent += 7) {
                const double alive = p_alive(model, {repeats, 50, 50 + silent, 0});
                CHECK(alive <= before + 1e-12);
                before = alive;
            }
        }
}

TEST_CASE("models: discounted purchases lie between none and all, near the exact integral",
          "[scoring]")
{
    const BuyingHistory member{3, 30, 39, 0};
    for (const auto& model : models)
        for (const double discount : {0.0, 0.002, 0.02}) {
            const double span = 40;
            const double all = expected_purchases(model, member, span);
            const double ours = discounted_purchases(model, member, span, discount, all);
            double fine = 0, before = 0;
            constexpr int steps = 4'000;
            for (int i = 1; i <= steps; ++i) {
                const double now = expected_purchases(model, member, span * i / steps);
                fine += (now - before) * std::exp(-discount * span * (i - 0.5) / steps);
                before = now;
            }
            CAPTURE(name_of(model.kind), discount);
            CHECK(ours == Approx(fine).epsilon(model.regularity > 1 ? 1e-4 : 1e-6));
            CHECK((ours > 0 && ours <= all * (1 + 1e-12)));
        }
}

TEST_CASE("models: data that cannot carry a fit are refused, with the reason", "[scoring]")
{
    const std::vector<BuyingHistory> once(1'000, BuyingHistory{0, 0, 30, 0});
    for (const auto kind :
         {ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::mbg_cnbd_k, ModelKind::pareto_nbd}) {
        CHECK(fit_purchases(kind, {}).error().what.find("too few") != std::string::npos);
        CHECK(fit_purchases(kind, once).error().what.find("0 of them repeat") != std::string::npos);
        auto wrong = shop(cdnow_mbg, 100, 1);
        wrong[3].last = wrong[3].observed + 1;
        CHECK_FALSE(fit_purchases(kind, wrong).has_value());
    }
    CHECK_FALSE(fit_best(once).has_value());
    CHECK_FALSE(fit_spend(std::vector<Spending>{{0, 0}, {3, -1}, {2, 5}}).has_value());
    PurchaseModel wrong = cdnow_mbg;
    wrong.regularity = 2;
    CHECK_FALSE(check(wrong).has_value());
    wrong = cdnow_mbg;
    wrong.parameters[2] = std::nan("");
    CHECK_FALSE(check(wrong).has_value());
}

TEST_CASE("models: any little shop gets finite parameters or a reason", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    std::uniform_real_distribution<double> size{-2.5, 2.5};
    for (int round = 0; round < 20; ++round) {
        PurchaseModel model{ModelKind::mbg_cnbd_k, {}, 1 + static_cast<unsigned>(dice() % 3)};
        for (double& parameter : model.parameters) parameter = std::exp(size(dice));
        const auto members = shop(model, 60, static_cast<unsigned>(dice()));
        CAPTURE(round, model.parameters);
        for (const auto kind : {ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::pareto_nbd}) {
            const auto fit = fit_purchases(kind, members);
            if (!fit) continue;
            CHECK(check(fit->model).has_value());
            CHECK(std::isfinite(fit->log_likelihood));
        }
    }
}

TEST_CASE("models: a warm start ends where a cold one does", "[scoring]")
{
    const auto members = shop(cdnow_mbg, 3'000, 3);
    const auto cold = fit_purchases(ModelKind::mbg_nbd, members);
    REQUIRE(cold.has_value());
    const auto warm = fit_purchases(ModelKind::mbg_nbd, members, cold->model);
    REQUIRE(warm.has_value());
    CHECK(warm->log_likelihood == Approx(cold->log_likelihood).epsilon(1e-9));
    CHECK(warm->evaluations < cold->evaluations);
}

TEST_CASE("special: differences of log-gammas keep their digits", "[scoring]")
{
    CHECK(log_rising(1, 10) == Approx(std::log(3'628'800.0)).epsilon(1e-14));
    CHECK(log_rising(0.5, 0) == 0);
    CHECK(log_rising(2, 2'000) == Approx(std::lgamma(2'002.0)).epsilon(1e-13));
    CHECK(log_gamma_step(1e8, 1) == Approx(std::log(1e8)).epsilon(1e-9));
    CHECK(log_gamma_step(0.3, 4) == Approx(log_rising(0.3, 4)).epsilon(1e-12));
    CHECK(log_beta_moment(1e9, 1e-6, 3) == Approx(-3e-15).epsilon(1e-6));
    CHECK(log_beta_moment(2, 1, 3) == Approx(std::log(2.0 / 5)).epsilon(1e-13));
    CHECK(log1p_exp(-800) == 0);
    CHECK(log1p_exp(800) == 800);
}
