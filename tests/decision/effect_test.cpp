#include "daemon/decision/effect.hpp"

#include "daemon/decision/score_interval.hpp"
#include "tests/decision/planted_experiment.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace raiten::decision;
using planted::Shop;

namespace {

constexpr std::uint64_t experiments = 400;
/// In fewer than one of a thousand such sets would an interval that holds the truth in 95 of 100
/// experiments hold it less, or more, often: 95 % ± 3.3 · √(.95 · .05 / 400).
constexpr double held_least = 0.914, held_most = 0.986;

struct Held {
    double rate{}, spend{};
};

Held held(const Shop& shop)
{
    const auto truth = planted::truth_of(shop);
    double told = 0, rate = 0, spend = 0;
    for (std::uint64_t seed = 1; seed <= experiments; ++seed) {
        const auto effect = effect_of(planted::experiment(shop, seed));
        REQUIRE(effect.has_value());
        if (!effect->figures) continue;
        ++told;
        rate += effect->figures->rate.holds(truth.rate) ? 1 : 0;
        spend += effect->figures->spend.holds(truth.spend) ? 1 : 0;
    }
    REQUIRE(told > experiments * 0.9);
    return {rate / told, spend / told};
}

void check_held(const Shop& shop)
{
    INFO(shop.name);
    const auto [rate, spend] = held(shop);
    CHECK(rate >= held_least);
    CHECK(rate <= held_most);
    CHECK(spend >= held_least);
    CHECK(spend <= held_most);
}

/// Alike but for the group: so many decisions each, of which so many were followed by purchases.
void add(std::vector<ExperimentMember>& members, std::size_t count, bool withheld,
         std::uint32_t decisions, std::uint32_t bought)
{
    ExperimentMember member;
    member.withheld = withheld;
    member.decisions = decisions;
    member.bought = bought;
    member.spent = 1'000.0 * bought;
    member.cost = withheld ? 0 : 100.0 * bought;
    member.control_share = 0.5;
    members.insert(members.end(), count, member);
}

/// Of 100 members in each group 30 buy with coupons and 10 without, each decision alike.
std::vector<ExperimentMember> hundred_each(std::uint32_t decisions)
{
    std::vector<ExperimentMember> out;
    add(out, 30, false, decisions, decisions);
    add(out, 70, false, decisions, 0);
    add(out, 10, true, decisions, decisions);
    add(out, 90, true, decisions, 0);
    return out;
}

TwoMeans shares(double came, double of, double others_came, double others)
{
    return {Spread::share, {came / of, 1 / of}, {others_came / others, 1 / others}};
}

}  // namespace

TEST_CASE("effect: the intervals hold the truth in 95 of 100 campaigns", "[decision][effect]")
{
    check_held({"few buyers withheld", 500, 0.04, 1.5});
    check_held({"baskets of all sizes", 800, 0.10, 1.3, 1.1, 0.15, 1.0});
    check_held({"regulars buy more", 800, 0.20, 1.25, 1, 0.2, 0.8, 0.1, true});
    check_held(
        {"the share was raised while the shop grew", 800, 0.10, 1.2, 1, 0.1, 0.6, 0.1, false, 2.5});
}

TEST_CASE("effect: intervals of independent decisions are those of the literature",
          "[decision][effect]")
{
    // Newcombe (1998), Statistics in Medicine 17, 873–890, table II, method 5 (Mee)
    const auto check = [](const TwoMeans& means, double low, double high) {
        const auto interval = means.interval(normal_95);
        CHECK(interval.low == Approx(low).margin(6e-5));
        CHECK(interval.high == Approx(high).margin(6e-5));
    };
    check(shares(56, 70, 48, 80), 0.0533, 0.3377);
    check(shares(9, 10, 3, 10), 0.1821, 0.8370);
    check(shares(0, 10, 0, 20), -0.1611, 0.2775);
    // (1 − d)² = 1.96² (1 − d²)/20 by hand: the likeliest shares are (1 ± d)/2
    check(shares(10, 10, 0, 10), (20 - 3.841459) / (20 + 3.841459), 1.0);
}

TEST_CASE("effect: an interval ends where the test turns, and groups may change places",
          "[decision][effect]")
{
    planted::Dice dice{7};
    for (int round = 0; round < 300; ++round) {
        const auto spread = dice.chance(0.5) ? Spread::share : Spread::amount;
        const double size = spread == Spread::share ? 1 : 2'000;
        const auto mean = [&] {
            const double value = dice.chance(0.1) ? 0 : dice.unit();
            return Mean{size * value, size * std::exp(-8 * dice.unit())};
        };
        const auto one = mean(), other = mean();
        const double critical = 1 + 3 * dice.unit();
        const TwoMeans means{spread, one, other};
        const auto interval = means.interval(critical);
        INFO("round " << round << " means " << one.value << " " << other.value);
        CHECK(interval.low <= interval.value);
        CHECK(interval.value <= interval.high);
        const auto swapped = TwoMeans{spread, other, one}.interval(critical);
        CHECK(swapped.low == Approx(-interval.high).margin(1e-7 * size));
        if (spread == Spread::amount || interval.low > -0.999)
            CHECK(means.deviations_above(interval.low) == Approx(critical).epsilon(1e-4));
        if (spread == Spread::amount || interval.high < 0.999)
            CHECK(means.deviations_above(interval.high) == Approx(-critical).epsilon(1e-4));
    }
}

TEST_CASE("effect: ten decisions of a member who always does the same count as one",
          "[decision][effect]")
{
    const auto once = effect_of(hundred_each(1));
    const auto ten_times = effect_of(hundred_each(10));
    REQUIRE(once->figures);
    REQUIRE(ten_times->figures);
    CHECK(once->figures->rate.value == Approx(0.2));
    CHECK(ten_times->figures->rate.value == Approx(0.2));
    CHECK(ten_times->figures->rate.low == Approx(once->figures->rate.low).margin(1e-9));
    CHECK(ten_times->figures->rate.high == Approx(once->figures->rate.high).margin(1e-9));
    CHECK(ten_times->given.decisions == 1'000);
}

TEST_CASE("effect: purchases more, what each cost, and that the campaign helped",
          "[decision][effect]")
{
    const auto effect = effect_of(hundred_each(1));
    REQUIRE(effect->figures);
    CHECK(effect->verdict == Verdict::more);
    CHECK(effect->given.bought == 30);
    CHECK(effect->withheld.rate == Approx(0.1));
    CHECK(effect->figures->spend.value == Approx(200));
    CHECK(effect->figures->purchases.value == Approx(20));
    const auto& cost = effect->figures->purchase_cost;
    REQUIRE(cost);
    // 3,000 for 20 purchases more
    REQUIRE(cost->value);
    CHECK(*cost->value == Approx(150));
    REQUIRE(cost->high);
    CHECK(cost->low < 150);
    CHECK(cost->low > 100);  // nobody pays less than one coupon
    CHECK(*cost->high > 150);
}

TEST_CASE("effect: where it may have changed nothing, a purchase may have cost any amount",
          "[decision][effect]")
{
    std::vector<ExperimentMember> members;
    add(members, 12, false, 1, 1);
    add(members, 88, false, 1, 0);
    add(members, 10, true, 1, 1);
    add(members, 90, true, 1, 0);
    const auto effect = effect_of(members);
    REQUIRE(effect->figures);
    CHECK(effect->verdict == Verdict::no_difference_shown);
    REQUIRE(effect->figures->purchase_cost);
    CHECK(effect->figures->purchase_cost->low > 0);
    CHECK_FALSE(effect->figures->purchase_cost->high);

    for (auto& member : members) member.withheld = !member.withheld;
    for (auto& member : members) member.bought = member.withheld ? 1 : member.bought;
    const auto worse = effect_of(members);
    CHECK(worse->verdict == Verdict::fewer);
    CHECK_FALSE(worse->figures->purchase_cost);
}

TEST_CASE("effect: a lost control group blocks every figure", "[decision][effect]")
{
    auto members = planted::experiment({"", 1'000, 0.1, 1.5}, 1);
    CHECK(effect_of(members)->figures);
    std::erase_if(members, [](const ExperimentMember& member) { return member.withheld; });
    const auto lost = effect_of(members);
    CHECK(lost->verdict == Verdict::mismatch);
    CHECK_FALSE(lost->figures);
    CHECK(lost->sample_ratio.drawn == 0);
    CHECK(lost->sample_ratio.p < 1e-9);
}

TEST_CASE("effect: too few members or purchases give no figures", "[decision][effect]")
{
    std::vector<ExperimentMember> members;
    CHECK(effect_of(members)->verdict == Verdict::too_few);
    add(members, 19, true, 6, 3);
    add(members, 21, false, 6, 3);
    CHECK(effect_of(members)->verdict == Verdict::too_few);
    add(members, 1, true, 6, 3);
    CHECK(effect_of(members)->figures);
    for (auto& member : members) member.bought = 0;
    CHECK(effect_of(members)->verdict == Verdict::too_few);
    for (auto& member : members) member.bought = member.decisions;
    const auto everybody = effect_of(members);  // but no difference, and no division by nothing
    REQUIRE(everybody->figures);
    CHECK(everybody->figures->rate.value == 0);
    CHECK(everybody->figures->rate.low < 0);
    CHECK(std::isfinite(everybody->figures->spend.high));
}

TEST_CASE("effect: members of whom none could be withheld have no part in it", "[decision][effect]")
{
    auto members = hundred_each(1);
    const auto before = effect_of(members);
    ExperimentMember early;
    early.decisions = early.bought = 6;
    members.insert(members.end(), 500, early);
    const auto after = effect_of(members);
    REQUIRE(after->figures);
    CHECK(after->without_part == 500);
    CHECK(after->figures->rate == before->figures->rate);
    CHECK_FALSE(after->sample_ratio.mismatch());
}

TEST_CASE("effect: numbers that contradict each other are refused", "[decision][effect]")
{
    const auto refused = [](auto change) {
        auto members = hundred_each(2);
        change(members[7]);
        const auto effect = effect_of(members);
        return effect.has_error() && effect.error().where == "member 7 of the experiment";
    };
    CHECK(refused([](auto& member) { member.bought = 3; }));
    CHECK(refused([](auto& member) { member.spent = -1; }));
    CHECK(refused([](auto& member) { member.spent = std::nan(""); }));
    CHECK(refused([](auto& member) { member.cost = INFINITY; }));
    CHECK(refused([](auto& member) { member.control_share = 1.1; }));
    CHECK(refused([](auto& member) { member.control_share = std::nan(""); }));
}
