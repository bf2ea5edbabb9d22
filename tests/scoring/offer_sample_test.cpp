#include "daemon/scoring/offer_sample.hpp"

#include "daemon/base/archive.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>

using namespace raiten;
using namespace raiten::scoring;

namespace {

double at(const OfferFeatures& features, OfferFeature feature)
{
    return features[static_cast<std::size_t>(feature)];
}

/// Members by streak; those with a long one come only with the offer.
OfferOutcome told(std::mt19937& dice)
{
    ScoreCard card;
    card.visits = 10;
    card.streak = static_cast<std::uint32_t>(dice() % 6);
    const bool given = dice() % 10 != 0;
    const unsigned of_100 = card.streak >= 3 && given ? 60 : 20;
    return outcome_of(offer_features(card, 14), 0.9, given, dice() % 100 < of_100);
}

std::string bytes_of(const OfferSample& sample)
{
    ArchiveWriter out;
    out(sample);
    return std::move(out).bytes();
}

}  // namespace

TEST_CASE("offer features: every name once, and every card finite", "[scoring]")
{
    const auto names = offer_feature_names();
    CHECK(names.size() == offer_feature_count);
    CHECK(std::set<std::string_view>{names.begin(), names.end()}.size() == names.size());
    CHECK(names[static_cast<std::size_t>(OfferFeature::streak)] == "streak");
    CHECK(names[static_cast<std::size_t>(OfferFeature::hour_north)] == "hour_north");

    ScoreCard empty;
    const auto of_nobody = offer_features(empty, 0);
    CHECK(at(of_nobody, OfferFeature::never_bought) == 1);
    CHECK(at(of_nobody, OfferFeature::p_alive_unknown) == 1);
    CHECK(at(of_nobody, OfferFeature::hour_north) == 1);

    ScoreCard extreme;
    extreme.visits = extreme.purchases = std::numeric_limits<std::uint32_t>::max();
    extreme.spend = Money::from_ten_thousandths(std::numeric_limits<std::int64_t>::min());
    extreme.days_since_visit = -1;
    extreme.days_since_purchase = std::numeric_limits<double>::infinity();
    extreme.p_alive = std::numeric_limits<double>::quiet_NaN();
    extreme.propensity = 0;
    extreme.stage = Stage::core;
    const auto features = offer_features(extreme, 23.9);
    CHECK(std::all_of(features.begin(), features.end(), [](double v) { return std::isfinite(v); }));
    CHECK(at(features, OfferFeature::propensity) == -7);
    CHECK(at(features, OfferFeature::is_core) == 1);
    CHECK(at(features, OfferFeature::spend_each) == 0);
}

TEST_CASE("offer sample: neither order nor a replayed day makes a difference, and it is bounded",
          "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    std::vector<OfferOutcome> all;
    for (int n = 0; n < 500; ++n) all.push_back(told(dice));
    std::vector<std::uint64_t> order(all.size());
    std::iota(order.begin(), order.end(), 0U);
    OfferSample one{100}, other{100};
    for (const auto id : order) CHECK(one.add(id, all[id]));
    std::shuffle(order.begin(), order.end(), dice);
    for (const auto id : order) other.add(id, all[id]);
    CHECK(one.size() == 100);
    CHECK(one.told() > 250);  // 500, give or take five standard errors
    CHECK(one.told() < 750);
    CHECK((bytes_of(one) == bytes_of(other)));
    for (const auto id : order) other.add(id, all[id]);
    CHECK((bytes_of(one) == bytes_of(other)));

    OfferSample few{1'000};
    for (int day = 0; day < 2; ++day)
        for (const auto id : order) few.add(id, all[id]);
    CHECK(few.size() == 500);
    CHECK(few.told() == 500);
    few.forget(17);
    CHECK(few.size() == 499);
    OfferSample none{0};
    none.add(1, all[0]);
    CHECK(none.size() == 0);
}

TEST_CASE("offer sample: what is kept is a fair share of all", "[scoring]")
{
    OfferSample sample{2'000};
    OfferOutcome early;
    early.chance = 0.5F;
    OfferOutcome late = early;
    late.came = true;
    for (std::uint64_t id = 0; id < 20'000; ++id) sample.add(id, id < 10'000 ? early : late);
    ArchiveWriter out;
    out(sample);
    OfferSample read;
    ArchiveReader in{out.bytes()};
    in(read);
    CHECK(in.done());
    CHECK(read.good());
    CHECK((bytes_of(read) == bytes_of(sample)));
    std::uint64_t kept_late = 0;
    for (std::uint64_t id = 10'000; id < 20'000; ++id) {
        const auto before = read.size();
        read.forget(id);
        kept_late += before - read.size();
    }
    CHECK(kept_late > 900);  // of 2,000 at one half, ± 4 standard errors
    CHECK(kept_late < 1'100);
}

TEST_CASE("offer sample: a store learns on whom its offer works, and says why", "[scoring]")
{
    std::mt19937 dice{20261123};
    OfferSample sample{8'000};
    for (std::uint64_t id = 0; id < 8'000; ++id) sample.add(id, told(dice));
    const auto model = sample.learn();
    REQUIRE(model.has_value());
    CAPTURE(text_of(*model));
    REQUIRE(model->targeting == Targeting::helps);
    ScoreCard keen, sated;
    keen.visits = sated.visits = 10;
    keen.streak = 5;
    const auto features = offer_features(keen, 14);
    const auto estimate = uplift_of(*model, features);
    CHECK(estimate.low > 0.2);
    CHECK(uplift_of(*model, offer_features(sated, 14)).value < 0.1);
    const auto reasons = reasons_of(*model, features, 1);
    REQUIRE(reasons.size() == 1);
    CHECK(offer_feature_names()[reasons[0].feature] == "streak");
}

TEST_CASE("offer sample: what is no number or no chance is not taken", "[scoring]")
{
    OfferSample sample;
    OfferOutcome outcome;
    CHECK_FALSE(sample.add(1, outcome));  // no chance
    outcome.chance = 0.9F;
    outcome.features[2] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(sample.add(1, outcome));
    outcome.features[2] = 0;
    CHECK(sample.add(1, outcome));
    CHECK_FALSE(sample.learn().has_value());
}
