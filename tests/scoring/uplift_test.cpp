#include "daemon/scoring/uplift.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/scoring/uplift_curve.hpp"
#include "tests/scoring/peers/uplift.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace raiten;
using namespace raiten::scoring;

namespace {

double unit(std::mt19937& dice)
{
    return (static_cast<double>(dice()) + 0.5) / 4294967296.0;
}

double normal(std::mt19937& dice)
{
    return std::sqrt(-2 * std::log(unit(dice))) * std::cos(6.283185307179586 * unit(dice));
}

/// What an offer does to a member who would come with chance `without`.
using Planted = double (*)(double without, std::span<const double> features);

double alike(double without, std::span<const double>)
{
    return std::min(without + 0.05, 1.0);
}

double for_some(double without, std::span<const double> features)
{
    return probability_of(std::log(without / (1 - without)) + 0.4 + 0.8 * features[1]
                          - 0.4 * features[2]);
}

struct Campaign {
    static constexpr std::size_t features = 4;
    std::vector<double> values{}, uplift{}, chance{};
    std::vector<std::uint8_t> given{}, came{};

    OfferDecisions decisions() const { return {features, values, given, came, chance}; }
    std::span<const double> member(std::size_t i) const
    {
        return std::span{values}.subspan(i * features, features);
    }
};

Campaign campaign(std::mt19937& dice, std::size_t count, Planted planted, double given = 0.5)
{
    Campaign out;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < Campaign::features; ++j) out.values.push_back(normal(dice));
        const auto features = out.member(i);
        const double without = probability_of(-1.2 + 0.5 * features[0]);
        const double with = planted(without, features);
        out.uplift.push_back(with - without);
        out.given.push_back(unit(dice) < given ? 1 : 0);
        out.came.push_back(unit(dice) < (out.given.back() != 0 ? with : without) ? 1 : 0);
    }
    return out;
}

double mean(const std::vector<double>& values)
{
    double sum = 0;
    for (const double each : values) sum += each;
    return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("offer: the interval of a difference is that of Newcombe's table", "[scoring]")
{
    const auto a = difference_of({70, 56}, {80, 48});
    CHECK(a.value == Approx(0.2));
    CHECK(a.low == Approx(0.0524).margin(5e-5));
    CHECK(a.high == Approx(0.3339).margin(5e-5));
    const auto d = difference_of({56, 5}, {29, 0});
    CHECK(d.low == Approx(-0.0381).margin(5e-5));
    CHECK(d.high == Approx(0.1926).margin(5e-5));
    const auto h = difference_of({10, 10}, {10, 0});
    CHECK(h.low == Approx(0.6075).margin(5e-5));
    CHECK(h.high == Approx(1));
}

TEST_CASE("offer: chances that differ are weighed, and a few large weights carry nothing",
          "[scoring]")
{
    std::mt19937 dice{31};
    Campaign shop;
    for (int i = 0; i < 4'000; ++i) {  // those who come anyway are given it four times as often
        const bool loyal = unit(dice) < 0.5;
        shop.chance.push_back(loyal ? 0.8 : 0.2);
        shop.given.push_back(unit(dice) < shop.chance.back() ? 1 : 0);
        const double p = (loyal ? 0.6 : 0.2) + (shop.given.back() != 0 ? 0.1 : 0);
        shop.came.push_back(unit(dice) < p ? 1 : 0);
    }
    const OfferDecisions naive{0, {}, shop.given, shop.came};
    const OfferDecisions weighed{0, {}, shop.given, shop.came, shop.chance};
    const auto wrong = average_effect(naive).value();
    const auto right = average_effect(weighed).value();
    CHECK(wrong.effect.low > 0.2);
    CHECK(right.weighted);
    CHECK(right.effect.low < 0.1);
    CHECK(right.effect.high > 0.1);

    std::vector<double> rare(4'000, 0.999);  // the withheld came by the rarest of chances
    for (std::size_t i = 0; i < 4'000; i += 2) rare[i] = 0.5;
    std::vector<std::uint8_t> given(4'000, 1);
    for (std::size_t i = 0; i < 30; ++i) given[i] = 0;
    for (std::size_t i = 0; i < 30; ++i) rare[i] = i == 0 ? 0.999 : 0.01;
    CHECK_FALSE(average_effect({0, {}, given, shop.came, rare}).has_value());
}

TEST_CASE("uplift: planted differences are found, ranked and within their intervals", "[scoring]")
{
    std::mt19937 dice{20261123};
    int helps = 0, held = 0, members = 0, averages = 0;
    constexpr int shops = 20;
    double error = 0, error_of_average = 0;
    for (int n = 0; n < shops; ++n) {
        const auto shop = campaign(dice, 2'000, for_some);
        const auto model = learn_uplift(shop.decisions());
        REQUIRE(model.has_value());
        const double truth = mean(shop.uplift);
        averages += model->average.effect.low < truth && truth < model->average.effect.high ? 1 : 0;
        if (model->targeting != Targeting::helps) continue;
        ++helps;
        for (std::size_t i = 0; i < 2'000; i += 10) {
            const auto estimate = uplift_of(*model, shop.member(i));
            CHECK_FALSE(estimate.is_average);
            ++members;
            held += estimate.low < shop.uplift[i] && shop.uplift[i] < estimate.high ? 1 : 0;
            error += std::abs(estimate.value - shop.uplift[i]);
            error_of_average += std::abs(model->average.effect.value - shop.uplift[i]);
        }
    }
    CHECK(helps >= 18);
    CHECK(averages >= 17);
    CHECK(held >= members * 0.88);
    CHECK(held <= members * 0.99);
    CHECK(error < error_of_average * 0.7);
}

TEST_CASE("uplift: an offer that does the same to everybody gives no evidence, and one estimate",
          "[scoring]")
{
    std::mt19937 dice{20261124};
    constexpr int shops = 60;
    int claims = 0;
    for (int n = 0; n < shops; ++n) {
        const auto shop = campaign(dice, 800, alike, 0.7);
        const auto model = learn_uplift(shop.decisions());
        REQUIRE(model.has_value());
        if (model->targeting == Targeting::helps) {
            ++claims;
            continue;
        }
        REQUIRE(model->targeting == Targeting::no_evidence);
        const auto one = uplift_of(*model, shop.member(0));
        const auto other = uplift_of(*model, shop.member(1));
        CHECK(one.is_average);
        CHECK(one.value == model->average.effect.value);
        CHECK(other.value == one.value);
        CHECK(reasons_of(*model, shop.member(0)).empty());
        CHECK_THAT(text_of(*model), Catch::Contains("no evidence that targeting helps"));
    }
    CHECK(claims <= 8);  // of 60 at one in twenty, more than 8 come once in 500
}

TEST_CASE("uplift: reasons add up to what sets a member apart", "[scoring]")
{
    std::mt19937 dice{41};
    const auto shop = campaign(dice, 3'000, for_some);
    const auto model = learn_uplift(shop.decisions()).value();
    REQUIRE(model.targeting == Targeting::helps);
    const auto raw_at_means =
        probability_of(model.with.intercept) - probability_of(model.without.intercept);
    for (const std::size_t i : {0U, 7U, 99U}) {
        double sum = 0;
        for (const auto& each : reasons_of(model, shop.member(i), Campaign::features))
            sum += each.adds;
        const double at_means =
            model.average.effect.value + model.slope * (raw_at_means - model.centre);
        CHECK(at_means + sum == Approx(uplift_of(model, shop.member(i)).value).margin(1e-9));
    }
    const std::array keen{0.0, 2.0, 0.0, 0.0};
    const auto reasons = reasons_of(model, keen, 1);
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].feature == 1);
    CHECK(reasons[0].adds > 0);
}

TEST_CASE("uplift: too few outcomes of a kind give the average, and none at all a problem",
          "[scoring]")
{
    std::mt19937 dice{43};
    const auto shop = campaign(dice, 150, for_some);
    const auto few = learn_uplift(shop.decisions());
    REQUIRE(few.has_value());
    CHECK(few->targeting == Targeting::too_few);
    CHECK(uplift_of(*few, shop.member(3)).is_average);
    CHECK_THAT(text_of(*few), Catch::Contains("too few outcomes"));
    CHECK(check(*few, Campaign::features).has_value());

    auto nobody_withheld = shop;
    nobody_withheld.given.assign(150, 1);
    const auto refused = learn_uplift(nobody_withheld.decisions());
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().text(), Catch::Contains("150 given, 0 withheld"));
    auto bad = shop;
    bad.values[5] = std::numeric_limits<double>::infinity();
    CHECK_FALSE(learn_uplift(bad.decisions()).has_value());
    bad = shop;
    bad.chance.assign(150, 1.0);
    CHECK_FALSE(learn_uplift(bad.decisions()).has_value());
    bad.chance.assign(3, 0.5);
    CHECK_FALSE(learn_uplift(bad.decisions()).has_value());
    CHECK_FALSE(learn_uplift({}).has_value());
}

TEST_CASE("uplift: the same decisions give the same model, also from last night's and from storage",
          "[scoring]")
{
    std::mt19937 dice{47};
    const auto shop = campaign(dice, 2'000, for_some);
    const auto model = learn_uplift(shop.decisions()).value();
    const auto again = learn_uplift(shop.decisions(), &model).value();
    CHECK(again.gain.value == Approx(model.gain.value).epsilon(1e-6));
    const auto estimate = uplift_of(model, shop.member(5));
    CHECK(uplift_of(again, shop.member(5)).value == Approx(estimate.value).epsilon(1e-6));
    ArchiveWriter out;
    out(model);
    UpliftModel read;
    ArchiveReader in{out.bytes()};
    in(read);
    CHECK(check(read, Campaign::features).has_value());
    CHECK_FALSE(check(read, Campaign::features + 1).has_value());
    CHECK(uplift_of(read, shop.member(5)).value == estimate.value);
    CHECK(uplift_of(read, shop.member(5)).low == estimate.low);
    read.slope = 2;
    CHECK_FALSE(check(read, Campaign::features).has_value());
}

TEST_CASE("uplift curve: a list of six by hand", "[scoring]")
{
    const std::array<double, 6> score{0.9, 0.8, 0.8, 0.4, 0.2, 0.1};
    const std::array<std::uint8_t, 6> given{1, 0, 1, 1, 0, 0};
    const std::array<std::uint8_t, 6> came{1, 0, 1, 0, 1, 0};
    const RankedOutcomes ranked{score, given, came};
    const auto qini = qini_curve(ranked);
    REQUIRE(qini.size() == 6);  // the start, and five distinct scores
    CHECK(qini[1].value == 1);
    CHECK(qini[2].members == 3);
    CHECK(qini[2].value == 2);
    CHECK(qini[4].value == 0.5);  // 2 of 3 given, 1 of 2 withheld: 2 − 1 · 3/2
    CHECK(qini[5].value == 1);
    CHECK(uplift_curve(ranked)[4].value == Approx((2 / 3.0 - 1 / 2.0) * 5));
    CHECK(*uplift_at(ranked, 0.5) == 1);
    CHECK(*uplift_at(ranked, 1) == Approx(1 / 3.0));
    CHECK_FALSE(uplift_at(ranked, 0.2).has_value());   // nobody withheld
    CHECK_FALSE(uplift_at(ranked, 0.34).has_value());  // of equal scores the later comes first
    CHECK(*uplift_at_by_group(ranked, 0.67) == Approx(0.5));
    CHECK_FALSE(weighted_average_uplift(ranked, 6).has_value());
    CHECK(*weighted_average_uplift(ranked, 1) == Approx(1 / 3.0));

    const std::array<double, 6> best{1, 0, 1, 0, -1, 0};
    CHECK(*qini_coefficient({best, given, came}) == Approx(1));
    CHECK(*qini_coefficient({std::array<double, 6>{}, given, came}) == Approx(0));
    CHECK_FALSE(qini_coefficient({score, given, std::array<std::uint8_t, 6>{}}).has_value());
    CHECK_FALSE(qini_coefficient({}).has_value());
}

TEST_CASE("uplift: metrics, the women's mail and the men's stand beside others'",
          "[scoring][shared]")
{
    const auto marks = peers::uplift_marks();
    if (marks.empty()) {
        WARN("skipped: no shared data");
        return;
    }
    for (const auto& mark : marks) {
        INFO(mark.text());
        CHECK(mark.met());
    }
}
