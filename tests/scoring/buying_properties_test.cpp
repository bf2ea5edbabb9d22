#include "daemon/scoring/beta_dropout.hpp"
#include "daemon/scoring/churn.hpp"
#include "daemon/scoring/habits.hpp"
#include "daemon/scoring/lifetime_value.hpp"
#include "daemon/scoring/pareto_dropout.hpp"
#include "tests/scoring/buying_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

using namespace raiten;
using namespace raiten::scoring;
using test::Dice;

namespace {

/// Equal up to rounding, of numbers that may be 1e-300 or 1e300.
constexpr double rounding = 1e-9;

bool at_most(double less, double more)
{
    return less <= more + rounding * std::abs(more) + 1e-300;
}

PurchaseModel any_model(Dice& dice)
{
    constexpr std::array kinds{ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::mbg_cnbd_k,
                               ModelKind::pareto_nbd};
    PurchaseModel model;
    model.kind = kinds[dice.number() % kinds.size()];
    if (model.kind == ModelKind::mbg_cnbd_k) model.regularity = 1 + dice.number() % stages_max;
    for (double& each : model.parameters) each = dice.over_orders(1e-4, 1e4);
    REQUIRE(check(model).has_value());
    return model;
}

/// Of any length and number of purchases, but not more than one an hour.
BuyingHistory any_member(Dice& dice)
{
    BuyingHistory member;
    member.observed = dice.over_orders(1, 1e4);
    if (dice.number() % 4 == 0) return member;
    member.last = member.observed * dice.below(1);
    const double most = std::min(member.last * 24, 10'000.0);
    member.repeats = 1 + static_cast<std::uint32_t>(dice.over_orders(1, most + 2)) - 1;
    member.repeats = std::max(member.repeats, 1U);
    member.log_gaps = member.repeats * std::log(member.last / member.repeats);
    return member;
}

double any_span(Dice& dice, const PurchaseModel& model, const BuyingHistory& member)
{
    const double known = model.parameters[1] + member.observed;
    return std::min(dice.over_orders(1e-3, 1e3), 30 * known);
}

}  // namespace

TEST_CASE("properties: chances are chances and purchases are finite, for any parameters",
          "[scoring]")
{
    const auto seed = std::random_device{}();
    Dice dice{seed};
    for (int round = 0; round < 400; ++round) {
        const auto model = any_model(dice);
        const auto member = any_member(dice);
        const double span = any_span(dice, model, member);
        CAPTURE(seed, round, name_of(model.kind), model.parameters, model.regularity);
        CAPTURE(member.repeats, member.last, member.observed, span);
        CHECK(std::isfinite(log_likelihood(model, member)));
        const double alive = p_alive(model, member);
        CHECK((alive >= 0 && alive <= 1));
        const double some = p_purchase(model, member, span);
        const double all = expected_purchases(model, member, span);
        CHECK((some >= 0 && at_most(some, alive)));
        CHECK((std::isfinite(all) && at_most(some, all)));  // Markov's inequality
        CHECK(at_most(p_purchase(model, member, span / 2), some));
        CHECK(at_most(expected_purchases(model, member, span / 2), all));
        CHECK(p_purchase(model, member, 0) == 0);
        CHECK(expected_purchases(model, member, 0) == 0);
        const double discounted = discounted_purchases(model, member, span, 0.5 / span, all);
        CHECK((discounted >= 0 && at_most(discounted, all)));
    }
}

TEST_CASE("properties: silence speaks against a member, a late last purchase for them", "[scoring]")
{
    const auto seed = std::random_device{}();
    Dice dice{seed};
    for (int round = 0; round < 300; ++round) {
        const auto model = any_model(dice);
        auto member = any_member(dice);
        CAPTURE(seed, round, name_of(model.kind), model.parameters, model.regularity);
        CAPTURE(member.repeats, member.last, member.observed);
        auto longer = member;
        longer.observed *= 1 + dice.below(2);
        CHECK(at_most(p_alive(model, longer), p_alive(model, member)));
        // With one stage, what is to come falls with it; with more the next purchase may be near,
        // and in Pareto/NBD who has stayed is less likely to leave.
        if (model.regularity == 1 && model.kind != ModelKind::pareto_nbd) {
            const double span = any_span(dice, model, member);
            CHECK(at_most(expected_purchases(model, longer, span),
                          expected_purchases(model, member, span)));
            CHECK(at_most(p_purchase(model, longer, span), p_purchase(model, member, span)));
        }
        if (member.repeats == 0) continue;
        auto later = member;
        later.last += (member.observed - member.last) * dice.below(1);
        CHECK(at_most(p_alive(model, member), p_alive(model, later)));
    }
}

TEST_CASE("properties: of two who have just bought, the one with more purchases will buy more",
          "[scoring]")
{
    const auto seed = std::random_device{}();
    Dice dice{seed};
    for (int round = 0; round < 300; ++round) {
        const auto model = any_model(dice);
        const double now = dice.over_orders(1, 1e4);
        const auto few = 1 + dice.number() % 50;
        const auto more = few + 1 + dice.number() % 50;
        const BuyingHistory seldom{few, now, now, 0};
        const BuyingHistory often{more, now, now, 0};
        const double span = any_span(dice, model, seldom);
        CAPTURE(seed, round, name_of(model.kind), model.parameters, model.regularity);
        CAPTURE(few, more, now, span);
        CHECK(at_most(p_alive(model, seldom), p_alive(model, often)));
        CHECK(at_most(expected_purchases(model, seldom, span),
                      expected_purchases(model, often, span)));
        CHECK(at_most(p_purchase(model, seldom, span), p_purchase(model, often, span)));
    }
}

TEST_CASE("properties: the unit of time does not matter", "[scoring]")
{
    const auto seed = std::random_device{}();
    Dice dice{seed};
    for (int round = 0; round < 100; ++round) {
        const auto days = any_model(dice);
        auto weeks = days;
        weeks.parameters[1] /= 7;
        if (days.kind == ModelKind::pareto_nbd) weeks.parameters[3] /= 7;
        const auto member = any_member(dice);
        const BuyingHistory by_week{member.repeats, member.last / 7, member.observed / 7,
                                    member.log_gaps - member.repeats * std::log(7.0)};
        const double span = any_span(dice, days, member);
        CAPTURE(seed, round, name_of(days.kind), days.parameters, days.regularity);
        CAPTURE(member.repeats, member.last, member.observed, span);
        const auto same = [](double one, double other) {
            CHECK((at_most(one, other) && at_most(other, one)));
        };
        same(p_alive(days, member), p_alive(weeks, by_week));
        same(expected_purchases(days, member, span), expected_purchases(weeks, by_week, span / 7));
        same(p_purchase(days, member, span), p_purchase(weeks, by_week, span / 7));
        CHECK(log_likelihood(days, member)
              == Approx(log_likelihood(weeks, by_week) - member.repeats * std::log(7.0))
                     .epsilon(1e-9)
                     .margin(1e-9));
    }
}

TEST_CASE("properties: what is climbed is the likelihood of the members, in any order", "[scoring]")
{
    const auto seed = std::random_device{}();
    Dice dice{seed};
    for (int round = 0; round < 30; ++round) {
        const auto model = any_model(dice);
        std::vector<BuyingHistory> members;
        for (int i = 0; i < 40; ++i) members.push_back(any_member(dice));
        double sum = 0;
        for (const auto& member : members) sum += log_likelihood(model, member);
        const auto& p = model.parameters;
        std::array<double, 4> slopes{};
        const auto climbed = [&] {
            if (model.kind == ModelKind::pareto_nbd)
                return ParetoDropoutSample{members}.at(p, slopes);
            return BetaDropoutSample{members, model.regularity, model.kind != ModelKind::bg_nbd}.at(
                p, slopes);
        };
        CAPTURE(seed, round, name_of(model.kind), model.parameters, model.regularity);
        const double one = climbed();
        CHECK(one == Approx(sum).epsilon(1e-9));
        for (const double slope : slopes) CHECK(std::isfinite(slope));
        std::reverse(members.begin(), members.end());
        CHECK(climbed() == Approx(one).epsilon(1e-12));
    }
}

TEST_CASE("properties: at least one purchase comes as often as Pareto/NBD says", "[scoring]")
{
    Dice dice{20'261'123};
    const ParetoDropout model{0.55, 10.6, 0.6, 11.7};
    for (const BuyingHistory& member : {BuyingHistory{0, 0, 30, 0}, BuyingHistory{4, 20, 30, 0}})
        for (const double span : {1.0, 39.0, 400.0}) {
            double sum = 0;
            constexpr int draws = 40'000;
            for (int i = 0; i < draws; ++i) {  // of those who are alive
                const double buys =
                    dice.gamma(model.r + member.repeats, model.alpha + member.observed);
                const double leaves = dice.gamma(model.s, model.beta + member.observed);
                const double both = std::max(buys + leaves, 1e-300);
                sum += buys / both * -std::expm1(-both * span);
            }
            CAPTURE(member.repeats, span);
            CHECK(p_purchase(model, member, span)
                  == Approx(p_alive(model, member) * sum / draws).epsilon(0.03));
        }
    // Where nobody leaves it is the negative binomial's.
    const ParetoDropout loyal{0.55, 10.6, 1e-9, 1e6};
    CHECK(p_purchase(loyal, {4, 20, 30, 0}, 39)
          == Approx(-std::expm1(-4.55 * std::log1p(39 / 40.6))).epsilon(1e-7));
}

TEST_CASE("properties: one purchase comes as often as foretold in a simulated shop", "[scoring]")
{
    for (const auto& model :
         {PurchaseModel{ModelKind::mbg_cnbd_k, {1.3292, 19.7, 0.4247, 0.79}, 2},
          PurchaseModel{ModelKind::mbg_nbd, {0.5248, 43.3, 0.8914, 1.614}, 1}}) {
        const auto shop = test::shop_of(model, {8'000, 300, 100, 31}, 60);
        double foretold = 0, came = 0;
        const auto members = shop.histories();
        for (std::size_t i = 0; i < members.size(); ++i) {
            foretold += p_purchase(model, members[i], 60);
            came += shop.came[i];
        }
        CHECK(foretold == Approx(came).epsilon(0.06));
    }
}

TEST_CASE("properties: which of a day's receipts came first does not matter", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    for (int round = 0; round < 50; ++round) {
        std::vector<std::pair<std::int32_t, double>> receipts;
        const auto many = 1 + dice() % 40;
        for (std::size_t i = 0; i < many; ++i)
            receipts.emplace_back(static_cast<std::int32_t>(dice() % 12),
                                  static_cast<double>(dice() % 5'000) - 500);
        const auto folded = [&] {
            std::shuffle(receipts.begin(), receipts.end(), dice);
            std::stable_sort(receipts.begin(), receipts.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            BuyingHabits habits;
            for (const auto& [day, spent] : receipts) habits.note(day, spent);
            return habits;
        };
        const auto one = folded();
        const auto other = folded();
        CAPTURE(round, many);
        const auto history = one.history(20, 1);
        const auto same = other.history(20, 1);
        CHECK(history.repeats == same.repeats);
        CHECK(history.last == same.last);
        CHECK(history.observed == same.observed);
        CHECK(history.log_gaps == same.log_gaps);
        CHECK(one.spending().purchases == other.spending().purchases);
        CHECK(one.spending().mean == Approx(other.spending().mean).epsilon(1e-12).margin(1e-9));
    }
}

TEST_CASE("properties: members of extremes have scores like any other", "[scoring]")
{
    const std::vector<PurchaseDay> once{{100, 12}};
    const std::vector<PurchaseDay> nothing_paid{{0, 0}, {10, 0}, {20, 0}};
    const std::vector<PurchaseDay> refunded{{0, 5}, {10, -80}, {20, 3}};
    std::vector<PurchaseDay> daily;
    for (std::int32_t day = 0; day < 10'000; ++day) daily.push_back({day, 1e6});
    const PurchaseModel model{ModelKind::mbg_cnbd_k, {1.3292, 19.7, 0.4247, 0.79}, 2};
    const SpendModel spend{6.25, 3.74, 15.44};
    Churn churn;
    churn.horizon_days = 90;
    for (const auto& days : {once, nothing_paid, refunded, daily})
        for (const std::int32_t silent : {0, 1, 400, 40'000}) {
            const auto member = habits_of(days).history(days.back().day + silent, 1);
            const auto spending = habits_of(days).spending();
            CAPTURE(days.size(), silent, spending.mean);
            CHECK(std::isfinite(spending.mean));
            CHECK(std::isfinite(log_likelihood(model, member)));
            const double alive = p_alive(model, member);
            CHECK((alive >= 0 && alive <= 1));
            const double expected = expected_purchases(model, member, 90);
            CHECK((expected >= 0 && expected < 1e4));
            const double chance = chance_to_buy(churn, model, member);
            CHECK((chance >= 0 && chance <= 1));
            const auto each = expected_spend(spend, spending);
            REQUIRE(each.has_value());
            CHECK((std::isfinite(*each) && *each > 0));
        }
    // They do not spoil the fit of the others either.
    Dice dice{3};
    std::vector<Spending> spenders{habits_of(once).spending(), habits_of(nothing_paid).spending(),
                                   habits_of(refunded).spending(), habits_of(daily).spending()};
    for (int i = 0; i < 50; ++i) spenders.push_back({2, 5 + dice.below(20)});
    const auto fit = fit_spend(spenders);
    REQUIRE(fit.has_value());
    CHECK(check(fit->model).has_value());
    CHECK(fit->members == 51);  // a mean of 0 or less says nothing of what one pays
}
