#include "daemon/scoring/churn.hpp"

#include "daemon/base/archive.hpp"
#include "tests/scoring/buying_shop.hpp"
#include "tests/scoring/peers/marks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace raiten;
using namespace raiten::scoring;
using test::Shop;

namespace {

const PurchaseModel cdnow{ModelKind::mbg_nbd, {0.5248, 6.183 * 7, 0.8914, 1.614}, 1};
const PurchaseModel grocer{ModelKind::mbg_cnbd_k, {1.3292, 2.8126 * 7, 0.4247, 0.79}, 2};

struct Asked {
    PurchaseModel model;
    ChurnFit fit;
};

Asked learn(const Shop& shop, double horizon, std::int32_t first_day = 0)
{
    const auto fit = fit_best(shop.histories());
    REQUIRE(fit.has_value());
    ChurnLearner learner{fit->model, {first_day, shop.today, horizon, 1}};
    for (const auto& days : shop.known) learner.add(days);
    return {fit->model, learner.learned()};
}

std::string archived(const Churn& churn)
{
    ArchiveWriter out;
    out(churn);
    return out.bytes();
}

std::vector<double> chances(const Asked& asked, const Shop& shop)
{
    std::vector<double> out;
    for (const auto& member : shop.histories())
        out.push_back(chance_to_buy(asked.fit.churn, asked.model, member));
    return out;
}

}  // namespace

TEST_CASE("churn: where members are as the model says, the model is trusted", "[scoring]")
{
    const double horizon = 120;
    const auto shop = test::shop_of(grocer, {2'000, 364, 200, 11}, 120);
    const auto asked = learn(shop, horizon);
    CAPTURE(asked.fit.model_ahead, asked.fit.record_log_loss, asked.fit.corrected_log_loss);
    CHECK(asked.fit.churn.basis == ChurnBasis::corrected);
    CHECK(asked.fit.cuts == 2);
    CHECK(asked.fit.span_days == 120);

    const auto foretold = chances(asked, shop);
    std::vector<double> expected, recency;
    for (const auto& member : shop.histories()) {
        expected.push_back(expected_purchases(asked.model, member, horizon));
        recency.push_back(member.last - member.observed);
    }
    const double ours = peers::auc(foretold, shop.came);
    CHECK(ours > peers::auc(recency, shop.came));
    CHECK(ours > peers::auc(expected, shop.came) - 0.003);
    double sum = 0, came = 0;
    for (std::size_t i = 0; i < foretold.size(); ++i) {
        sum += foretold[i];
        came += shop.came[i];
    }
    CHECK(sum == Approx(came).epsilon(0.08));
}

/// Members come for some weeks, stay away for months, and come again: each at a pace of its own
/// that says nothing of how long the pause will be. The model takes the pause of the frequent for
/// leaving.
TEST_CASE("churn: where members are not as the model says, the record decides", "[scoring]")
{
    test::Dice dice{17};
    Shop shop;
    shop.today = 360;
    const double horizon = 90;
    for (int i = 0; i < 1'600; ++i) {
        std::vector<double> times;
        const double pace = dice.over_orders(2, 20);
        const double leaves = dice.over_orders(30, 3'000);
        for (double at = dice.below(60); at < shop.today + horizon && at < leaves;) {
            const double until = at + dice.over_orders(10, 40);
            for (; at < until && at < leaves; at += pace * (0.5 + dice.below(1)))
                times.push_back(at);
            at = until + dice.over_orders(30, 250);
        }
        shop.add(times, horizon);
    }
    const auto asked = learn(shop, horizon);
    CAPTURE(asked.fit.model_ahead, asked.fit.record_log_loss, asked.fit.corrected_log_loss);
    CHECK(asked.fit.churn.basis == ChurnBasis::record);
    std::vector<double> model;
    for (const auto& member : shop.histories())
        model.push_back(p_purchase(asked.model, member, horizon));
    CHECK(peers::auc(chances(asked, shop), shop.came) > peers::auc(model, shop.came));
}

TEST_CASE("churn: too little is refused with the reason, and the model answers", "[scoring]")
{
    const auto whole = test::shop_of(cdnow, {400, 364, 90, 3}, 90);
    const auto says = [](const ChurnFit& fit, const char* what) {
        REQUIRE(fit.refused.has_value());
        CHECK(fit.churn.basis == ChurnBasis::foretold);
        CHECK(fit.refused->what.find(what) != std::string::npos);
        CHECK(check(fit.churn).has_value());
    };
    says(learn(whole, 90, whole.today - 20).fit, "too short");
    says(learn(whole, 6).fit, "too short");
    says(ChurnLearner{cdnow, {0, 364, 90, 1}}.learned(), "0 bought");
    auto few = whole;
    few.known.resize(30);
    ChurnLearner learner{cdnow, {0, 364, 90, 1}};
    for (const auto& days : few.known) learner.add(days);
    const auto fit = learner.learned();
    says(fit, "too few");
    for (const auto& member : few.histories())
        CHECK(chance_to_buy(fit.churn, cdnow, member) == p_purchase(cdnow, member, 90));
}

TEST_CASE("churn: what comes after a cut is not seen before it", "[scoring]")
{
    // Members of today, all of whose purchases of the last span are taken away: what is learned as
    // of the older cut must not change, so the answer differs by the later cut alone.
    auto shop = test::shop_of(cdnow, {800, 360, 90, 5}, 90);
    ChurnLearner before{cdnow, {0, 360, 120, 1}};
    for (const auto& days : shop.known) before.add(days);
    ChurnLearner later{cdnow, {0, 360, 120, 1}};
    for (auto days : shop.known) {
        for (auto& each : days)
            if (each.day > 240) each.day = 360;  // moved within the last span
        days.erase(std::unique(days.begin(), days.end(),
                               [](const auto& a, const auto& b) { return a.day == b.day; }),
                   days.end());
        later.add(days);
    }
    const auto one = before.learned();
    const auto other = later.learned();
    REQUIRE_FALSE(one.refused.has_value());
    CHECK(one.span_days == 120);
    CHECK(one.record_log_loss == other.record_log_loss);
    CHECK(one.corrected_log_loss == other.corrected_log_loss);
}

TEST_CASE("churn: the answer is the same in days and in weeks, again and from the archive",
          "[scoring]")
{
    const auto shop = test::shop_of(cdnow, {900, 280, 84, 9}, 140);
    auto weekly = cdnow;
    weekly.parameters[1] /= 7;
    ChurnLearner days{cdnow, {0, 280, 140, 1}};
    ChurnLearner again{cdnow, {0, 280, 140, 1}};
    ChurnLearner weeks{weekly, {0, 280, 140, 7}};
    for (const auto& member : shop.known) {
        days.add(member);
        again.add(member);
        weeks.add(member);
    }
    const auto by_days = days.learned();
    const auto by_weeks = weeks.learned();
    REQUIRE_FALSE(by_days.refused.has_value());
    const auto bytes = archived(by_days.churn);
    CHECK(bytes == archived(again.learned().churn));
    Churn restored;
    ArchiveReader in{bytes};
    in(restored);
    REQUIRE(in.done());
    REQUIRE(check(restored).has_value());
    for (const auto& member : shop.known) {
        const double chance =
            chance_to_buy(by_days.churn, cdnow, habits_of(member).history(shop.today, 1));
        CHECK(chance
              == Approx(chance_to_buy(by_weeks.churn, weekly,
                                      habits_of(member).history(shop.today, 7)))
                     .epsilon(1e-4));
        CHECK(chance == chance_to_buy(restored, cdnow, habits_of(member).history(shop.today, 1)));
    }
}

TEST_CASE("churn: of many members some are enough, and what is read is checked", "[scoring]")
{
    const auto shop = test::shop_of(cdnow, {997, 280, 84, 2}, 140);
    ChurnLearner once{cdnow, {0, 280, 140, 1}};
    ChurnLearner often{cdnow, {0, 280, 140, 1}};
    for (const auto& member : shop.known) once.add(member);
    for (int i = 0; i < 50; ++i)
        for (const auto& member : shop.known) often.add(member);
    const auto few = once.learned();
    const auto many = often.learned();
    CHECK(many.cases <= churn_members_max * many.cuts);
    CHECK(many.cases > churn_members_max / 2);
    CHECK(many.bought == Approx(few.bought).epsilon(0.05));

    Churn wrong = few.churn;
    CHECK(check(wrong).has_value());
    wrong.level = std::nan("");
    CHECK_FALSE(check(wrong).has_value());
    wrong = few.churn;
    wrong.basis = ChurnBasis::foretold;
    CHECK_FALSE(check(wrong).has_value());
    wrong.basis = static_cast<ChurnBasis>(9);
    CHECK_FALSE(check(wrong).has_value());
    wrong = few.churn;
    wrong.horizon_days = 0;
    CHECK_FALSE(check(wrong).has_value());
}
