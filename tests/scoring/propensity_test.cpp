#include "daemon/scoring/propensity.hpp"

#include "daemon/base/archive.hpp"
#include "tests/scoring/peers/planted_visits.hpp"
#include "tests/scoring/peers/propensity.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace raiten;
using namespace raiten::scoring;
using peers::planted_visits;
using peers::PlantedShop;

namespace {

std::vector<SettledVisit> settled(const PlantedShop& shop)
{
    std::vector<SettledVisit> out;
    for (auto& each : planted_visits(shop)) out.push_back(std::move(each.visit));
    return out;
}

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return std::move(writer).bytes();
}

/// A member whom the shop knows, on a Wednesday afternoon.
VisitFeatures known_member()
{
    VisitFeatures features;
    features.local_hour = 14;
    features.weekday = 2;
    features.visits = 8;
    features.purchases = 3;
    features.days_since_purchase = 12;
    features.stage = Stage::light;
    return features;
}

double log_odds(const Propensity& propensity, const VisitFeatures& features)
{
    return log_odds_of(propensity.probability(features));
}

/// A visit from `opened` min to `left` min, bought at `bought` min.
VisitRecord visit(int opened, int left, std::optional<int> bought = {})
{
    const auto minute = [](int n) { return Instant{std::chrono::minutes{n}}; };
    VisitRecord record;
    record.state = VisitState::settled;
    record.passive = true;
    record.opened_at = minute(opened);
    record.left_at = minute(left);
    if (bought) {
        VisitReceipt receipt;
        receipt.at = minute(*bought);
        receipt.total = Money::from_ten_thousandths(10'000);
        record.receipts.push_back(receipt);
    }
    return record;
}

std::vector<int> moments(const std::vector<Landmark>& landmarks)
{
    std::vector<int> out;
    for (const auto& each : landmarks) out.push_back(each.moment);
    return out;
}

}  // namespace

TEST_CASE("propensity: planted effects come back out", "[scoring]")
{
    PlantedShop shop;
    shop.days = 100;
    CAPTURE(shop.seed);
    Propensity propensity;
    propensity.learn(settled(shop));

    const auto plain = known_member();
    auto coupon = plain, saturday = plain, regular = plain;
    coupon.coupon = true;
    saturday.weekday = 5;
    regular.purchases = 7;
    const double base = log_odds(propensity, plain);
    CHECK(log_odds(propensity, coupon) - base == Approx(shop.coupon_effect).margin(0.25));
    CHECK(log_odds(propensity, saturday) - base == Approx(shop.saturday_effect).margin(0.25));
    CHECK(log_odds(propensity, regular) > base + 0.1);

    auto late = plain, fitting = plain, paying = plain;
    late.dwell_minutes = fitting.dwell_minutes = paying.dwell_minutes = 20;
    late.zones = {{"floor", 1'200}};
    fitting.zones = {{"floor", 1'200}, {"fitting", 180}};
    paying.zones = {{"floor", 1'200}, {"register", 60}};
    CHECK(log_odds(propensity, fitting) > log_odds(propensity, late) + 0.5);
    CHECK(log_odds(propensity, paying) > log_odds(propensity, late));

    const auto foresight = propensity.foresee(coupon, 4);
    CHECK(foresight.probability == propensity.probability(coupon));
    CHECK(foresight.model_share > 0.9);
    REQUIRE(foresight.reasons.size() == 4);
    CHECK(foresight.reasons[0].what == "coupon in hand");
    CHECK(foresight.reasons[0].log_odds == Approx(0.8 * shop.coupon_effect).margin(0.25));
}

TEST_CASE("propensity: where all have the same habits, a streak counts for what it is", "[scoring]")
{
    PlantedShop shop;
    shop.days = 80;
    shop.members = 300;
    shop.habit_sd = 0;
    CAPTURE(shop.seed);
    Propensity propensity;
    propensity.learn(settled(shop));
    auto returned = known_member();
    returned.streak = 3;
    CHECK(log_odds(propensity, returned) - log_odds(propensity, known_member())
          == Approx(shop.streak_effect * std::log(4)).margin(0.3));
}

TEST_CASE("propensity: it stays calibrated in a shop that changes, at every moment of a visit",
          "[scoring]")
{
    PlantedShop shop;
    shop.trend_a_year = 2;
    shop.days = 240;
    shop.visits_a_day = 30;
    CAPTURE(shop.seed);
    Propensity propensity;
    struct Sums {
        double cases{}, expected{}, came{};
    };
    std::array<Sums, landmark_minutes.size()> late{};
    for (const auto& each : settled(shop)) {
        for (const auto& [moment, features] : each.landmarks) {
            late[moment].cases += 1;
            late[moment].expected += propensity.probability(features);
            late[moment].came += each.bought ? 1 : 0;
        }
        propensity.learn({each});
    }
    for (std::size_t i = 0; i < 5; ++i) {  // few stay for 40 min
        CAPTURE(landmark_minutes[i], late[i].cases);
        const double expected = late[i].expected / late[i].cases;
        const double chance = std::sqrt(expected * (1 - expected) / late[i].cases);
        CHECK(expected == Approx(late[i].came / late[i].cases).margin(3 * chance));
    }
    const auto& marks = propensity.marks();
    for (const auto& tenth : marks.deciles()) {
        CAPTURE(tenth.weight, tenth.expected, tenth.came);
        const double chance = std::sqrt(tenth.expected * (1 - tenth.expected) / tenth.weight);
        CHECK(std::abs(tenth.expected - tenth.came) < 4 * chance);
    }
    REQUIRE(marks.line().has_value());
    CHECK(marks.line()->slope == Approx(1).margin(0.1));
    CHECK(marks.line()->intercept == Approx(0).margin(0.1));
    CHECK(marks.log_loss() < marks.base_log_loss() - 0.03);
    CHECK(marks.auc().value() > 0.65);
}

TEST_CASE("propensity: without effects it is hardly worse than the rate", "[scoring]")
{
    PlantedShop shop;
    shop.days = 60;
    shop.habit_sd = shop.streak_effect = shop.coupon_effect = shop.saturday_effect = 0;
    for (const unsigned seed : {1U, 2U}) {
        shop.seed = seed;
        CAPTURE(shop.seed);
        Propensity propensity;
        propensity.learn(settled(shop));
        const auto& marks = propensity.marks_at_opening();
        CHECK(marks.log_loss() < marks.base_log_loss() + 0.01);
    }
}

TEST_CASE("propensity: before it has learned much, the rate speaks", "[scoring]")
{
    Propensity propensity;
    CHECK(propensity.probability({}) == Approx(0.5).margin(0.01));
    CHECK(propensity.foresee({}).reasons.empty());
    CHECK_FALSE(propensity.marks().auc().has_value());
    CHECK_FALSE(propensity.marks().line().has_value());
    CHECK(propensity.marks().calibration_error() == 0);
    for (std::uint64_t i = 0; i < 10; ++i)
        propensity.learn({{VisitId{i}, Instant{std::chrono::hours{i}},
                           landmarks_of(visit(0, 1), known_member()), false}});
    CHECK(propensity.probability(known_member()) < 0.25);
    CHECK(propensity.rates().store() == Approx(1.0 / 12));
}

TEST_CASE("propensity: neither the order within a batch nor the size of batches matters",
          "[scoring]")
{
    PlantedShop shop;
    shop.days = 5;
    auto visits = settled(shop);
    for (auto& each : visits)  // many at a time
        each.settled_at = std::chrono::floor<std::chrono::hours>(each.settled_at);
    std::sort(visits.begin(), visits.end(), [](const auto& a, const auto& b) {
        return std::tie(a.settled_at, a.id) < std::tie(b.settled_at, b.id);
    });
    Propensity at_once;
    auto shuffled = visits;
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937{5});
    at_once.learn(shuffled);

    Propensity by_hour;
    for (std::size_t i = 0; i < visits.size();) {
        std::vector<SettledVisit> batch;
        for (const auto hour = visits[i].settled_at;
             i < visits.size() && visits[i].settled_at == hour; ++i)
            batch.insert(batch.begin(), visits[i]);
        by_hour.learn(batch);
    }
    CHECK(bytes_of(at_once) == bytes_of(by_hour));

    auto none = visits;
    for (auto& each : none) each.landmarks.clear();
    by_hour.learn(none);
    CHECK(bytes_of(at_once) == bytes_of(by_hour));
}

TEST_CASE("propensity: an amended outcome is as if it had been learned so", "[scoring]")
{
    PlantedShop shop;
    shop.days = 30;
    auto visits = settled(shop);
    const auto amended = std::find_if(visits.begin() + 1'700, visits.end(), [](const auto& each) {
        return each.bought && each.landmarks.size() > 2;
    });
    REQUIRE(amended != visits.end());
    Propensity truth, told;
    const auto features = amended->landmarks[1].features;
    truth.learn(visits);
    amended->bought = false;
    told.learn(visits);
    const double wrong = told.probability(features) - truth.probability(features);
    amended->bought = true;
    told.correct(*amended);
    const double corrected = told.probability(features) - truth.probability(features);
    CHECK(wrong < -0.001);
    CHECK(std::abs(corrected) < 0.2 * std::abs(wrong));
    CHECK(told.rates().store() == Approx(truth.rates().store()).epsilon(1e-4));
}

TEST_CASE("propensity: whatever comes in, a probability comes out", "[scoring]")
{
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    constexpr double endless = std::numeric_limits<double>::infinity();
    VisitFeatures wild;
    wild.streak = wild.visits = std::numeric_limits<std::uint32_t>::max();
    wild.purchases = 7;
    wild.dwell_minutes = endless;
    wild.zones = {{"", nothing}, {"register", endless}, {"floor", -endless}};
    wild.local_hour = nothing;
    wild.weekday = 255;
    wild.days_since_purchase = -endless;
    wild.stage = static_cast<Stage>(200);
    VisitFeatures odd;
    odd.visits = 0;
    odd.purchases = 5;
    for (int i = 0; i < 100; ++i) odd.zones.emplace().push_back({std::to_string(i), 1e300});

    Propensity propensity;
    Instant at{};
    std::uint64_t id = 0;
    const auto check = [&] {
        for (const auto& features : {wild, odd, VisitFeatures{}, known_member()}) {
            const auto foresight = propensity.foresee(features, 40);
            CHECK(foresight.probability > 0);
            CHECK(foresight.probability < 1);
            for (const auto& reason : foresight.reasons) CHECK(std::isfinite(reason.log_odds));
        }
    };
    for (const bool bought : {true, false, true}) {
        for (int i = 0; i < 700; ++i, at += std::chrono::minutes{1})
            propensity.learn({{VisitId{++id}, at, {{0, i % 2 == 0 ? wild : odd}}, bought}});
        check();
        at += std::chrono::days{40'000};  // a century without a visit
    }
    CHECK(bytes_of(propensity).size() < 64 * 1'024);
}

TEST_CASE("propensity: kept and read again it is the same, and damage is noticed", "[scoring]")
{
    PlantedShop shop;
    shop.days = 8;
    auto visits = settled(shop);
    const std::vector<SettledVisit> later{visits.end() - 100, visits.end()};
    visits.resize(visits.size() - 100);
    Propensity propensity;
    propensity.learn(visits);
    const auto bytes = bytes_of(propensity);
    CHECK(bytes.size() < 40'000);
    CHECK(sizeof(Propensity) + 2 * sizeof(double) * inputs::count * (inputs::count + 3) < 64'000);

    Propensity again;
    ArchiveReader reader{bytes};
    reader(again);
    REQUIRE(reader.done());
    CHECK(bytes_of(again) == bytes);
    propensity.learn(later);
    again.learn(later);
    CHECK(bytes_of(again) == bytes_of(propensity));

    for (std::size_t size = 0; size < bytes.size(); size += 997) {
        Propensity cut;
        ArchiveReader short_reader{std::string_view{bytes}.substr(0, size)};
        short_reader(cut);
        CHECK_FALSE(short_reader.done());
    }
    for (std::size_t place = 7; place < bytes.size(); place += 509) {
        auto damaged = bytes;
        damaged[place] = static_cast<char>(damaged[place] ^ 0x5a);
        Propensity other;
        ArchiveReader damaged_reader{damaged};
        damaged_reader(other);
        if (!damaged_reader.done()) continue;
        other.learn(later);
        CAPTURE(place);
        CHECK(std::isfinite(other.probability(known_member())));
    }
}

TEST_CASE("propensity: a visit teaches the moments at which it was not yet decided", "[scoring]")
{
    const auto known = known_member();
    CHECK(moments(landmarks_of(visit(100, 112), known)) == std::vector{0, 1, 2, 3});
    CHECK(moments(landmarks_of(visit(100, 101), known)) == std::vector{0});
    CHECK(moments(landmarks_of(visit(100, 300), known)) == std::vector{0, 1, 2, 3, 4, 5});
    CHECK(moments(landmarks_of(visit(100, 130, 107), known)) == std::vector{0, 1, 2});
    CHECK(moments(landmarks_of(visit(100, 130, 105), known)) == std::vector{0, 1});
    CHECK(landmarks_of(visit(100, 130, 100), known).empty());  // it opened with the receipt

    auto undone = visit(100, 112, 105);
    undone.receipts[0].undone = undone.receipts[0].total;
    CHECK(moments(landmarks_of(undone, known)) == std::vector{0, 1, 2, 3});
    auto tapped = visit(100, 112);
    tapped.passive = false;  // how long they stayed is not known
    CHECK(moments(landmarks_of(tapped, known)) == std::vector{0});
    CHECK_FALSE(landmarks_of(tapped, known)[0].features.dwell_minutes.has_value());
    auto unsure = visit(100, 112, 110);
    unsure.receipts[0].confidence = 0.7;
    CHECK(landmarks_of(unsure, known).empty());
    auto deaf = visit(100, 112);
    deaf.blind = std::chrono::minutes{4};
    CHECK(landmarks_of(deaf, known).empty());
}

TEST_CASE("propensity: no landmark knows zones that came after it", "[scoring]")
{
    auto record = visit(0, 12, 11);
    record.zones = {{"floor", std::chrono::minutes{10}}, {"register", std::chrono::minutes{2}}};
    const auto minute = [](int n) { return Instant{std::chrono::minutes{n}}; };
    const std::vector<ZoneStay> stays{{"floor", minute(0), minute(4)},
                                      {"fitting", minute(4), minute(7)},
                                      {"floor", minute(7), minute(10)},
                                      {"register", minute(10), minute(12)}};
    for (const auto& each : landmarks_of(record, known_member()))
        CHECK_FALSE(each.features.zones.has_value());
    const auto landmarks = landmarks_of(record, known_member(), stays);
    REQUIRE(moments(landmarks) == std::vector{0, 1, 2, 3});
    CHECK(landmarks[0].features.zones->empty());
    const auto seconds = [&](std::size_t moment, std::string_view zone) {
        for (const auto& each : *landmarks[moment].features.zones)
            if (each.zone == zone) return each.seconds;
        return 0.0;
    };
    CHECK(seconds(1, "floor") == 120);
    CHECK(seconds(2, "fitting") == 60);
    CHECK(seconds(3, "floor") == 7 * 60);
    CHECK(seconds(3, "register") == 0);

    record.state = VisitState::open;
    record.zones = {{"floor", std::chrono::minutes{4}}};
    record.zone = "fitting";
    record.zone_since = minute(4);
    const auto now = features_at(record, known_member(), minute(5));
    CHECK(now.dwell_minutes == 5);
    CHECK(terms_of(now, 0.4).size() == terms_of(landmarks[2].features, 0.4).size());
    CHECK(Propensity{}.probability(now) > 0);
}

TEST_CASE("propensity: between landmarks it passes from one to the next without a step",
          "[scoring]")
{
    PlantedShop shop;
    shop.days = 20;
    Propensity propensity;
    propensity.learn(settled(shop));
    auto features = known_member();
    for (double minutes = 0; minutes < 60; minutes += 0.01) {
        features.dwell_minutes = minutes;
        double sum = 0;
        for (const auto& term : terms_of(features, 0.4))
            if (term.place >= inputs::dwell && term.place < inputs::hour) sum += term.value;
        CHECK((minutes < 2 ? sum == Approx(minutes / 2).margin(1e-12) : sum == Approx(1)));
    }
}

TEST_CASE("propensity: beside others", "[scoring][shared]")
{
    for (const auto& mark : peers::propensity_marks()) {
        INFO(mark.text());
        CHECK(mark.met());
    }
}
