#include "daemon/base/archive.hpp"
#include "daemon/decision/effect.hpp"
#include "tests/support/rental_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

/// A short season of a film-rental store: its people are made up, what decides about them is not.
using namespace raiten;
using namespace raiten::stage;
using namespace std::chrono_literals;

namespace {

RentalPlan short_season(std::uint64_t seed)
{
    RentalPlan plan;
    plan.seed = seed;
    plan.members = 60;
    plan.warm_up_weeks = 8;
    plan.weeks = 3;
    plan.campaign = rental_campaign();
    return plan;
}

/// Every decision with all that was kept of it.
std::string decisions_of(const std::vector<RentalStep>& steps, const RentalPlan& plan,
                         Instant until)
{
    RentalBox box{plan.seed, plan.members, plan.campaign};
    std::string all;
    box.noted = [&](const Effect& effect) {
        const auto keep = [&](const char* what, CouponRecord coupon) {
            ArchiveWriter writer;
            writer(coupon);
            all += what + writer.bytes() + '\n';
        };
        if (const auto* given = std::get_if<CouponTriggered>(&effect.what))
            keep("given ", given->coupon);
        if (const auto* withheld = std::get_if<CouponWithheld>(&effect.what))
            keep("withheld ", withheld->coupon);
    };
    for (const auto& step : steps) {
        if (step.event) {
            box.apply(*step.event);
        } else {
            box.apply({step.at, step.at, Tick{}});
            box.night(step.at);
        }
    }
    box.apply({until, until, Tick{}});
    return all;
}

}  // namespace

TEST_CASE("rental: coupons go out about three hours before the hour of the habit", "[rental]")
{
    const auto seed = GENERATE(1U, 2U);
    INFO("seed " << seed);
    const auto season = play(short_season(seed));
    std::size_t given = 0, withheld = 0, in_time = 0, on_their_day = 0;
    for (const auto& decision : season.decisions) {
        ++(decision.withheld ? withheld : given);
        in_time += decision.to_habit >= 2 && decision.to_habit <= 6 ? 1U : 0U;
        on_their_day += decision.to_usual_day >= 2 && decision.to_usual_day <= 6 ? 1U : 0U;
    }
    const auto all = season.decisions.size();
    INFO(all << " decisions, " << in_time << " in time, " << on_their_day << " on a usual day");
    CHECK(season.forecasts > 0);
    CHECK(given > 10);
    CHECK(withheld > 10);
    CHECK(in_time * 10 > all * 9);
    CHECK(on_their_day * 2 > all);
    // Nobody was left unexplained.
    const auto& funnel = season.funnel;
    auto told = funnel.given + funnel.withheld;
    for (const auto count : funnel.passed_over) told += count;
    CHECK(told == funnel.asked);
    CHECK(funnel.given + funnel.withheld == all);
}

TEST_CASE("rental: the same events and nights decide the same, to the byte", "[rental]")
{
    const auto plan = short_season(3);
    std::vector<RentalStep> steps;
    const auto season = play(plan, &steps);
    const auto until = rental_night(plan.warm_up_weeks + plan.weeks);
    const auto once = decisions_of(steps, plan, until);
    CHECK(once.size() > 1'000);
    CHECK(decisions_of(steps, plan, until) == once);

    // However often time was told to pass in between.
    std::vector<RentalStep> ticked;
    for (const auto& step : steps) {
        const Event tick{step.at, step.at, Tick{}};
        ticked.push_back({step.at, tick});
        ticked.push_back(step);
    }
    CHECK(decisions_of(ticked, plan, until) == once);
}

TEST_CASE("rental: who is withheld does as if there were no campaign, and figures are told of both",
          "[rental]")
{
    auto plan = short_season(4);
    plan.members = 120;
    const auto season = play(plan);
    auto without = plan;
    without.campaign.reset();
    const auto quiet = play(without);
    std::map<std::size_t, bool> withheld;
    for (const auto& decision : season.decisions) withheld[decision.member] = decision.withheld;
    const auto visits_of = [](const RentalSeason& of, std::size_t member) {
        return std::count_if(of.visits.begin(), of.visits.end(),
                             [&](const RentalVisit& visit) { return visit.member == member; });
    };
    for (const auto& [member, is_withheld] : withheld)
        if (is_withheld) CHECK(visits_of(season, member) == visits_of(quiet, member));

    const auto effect = decision::effect_of(season.experiment);
    REQUIRE(effect.has_value());
    CHECK_FALSE(effect->sample_ratio.mismatch());
    CHECK(effect->given.members > 20);
    CHECK(effect->withheld.members > 20);
    CHECK(effect->figures.has_value());
}
