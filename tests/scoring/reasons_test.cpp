#include "daemon/scoring/reasons.hpp"

#include "daemon/scoring/card.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace raiten;
using namespace raiten::scoring;

namespace {

constexpr std::int32_t today = 20'000;

/// A member who came and bought on these days, in order.
Habits bought_on(std::initializer_list<std::int32_t> days)
{
    Habits habits;
    for (const auto day : days) {
        habits.note_visit(day, day * 24 * 60 + 17 * 60);
        habits.note_purchase(day, Money::from_units(1'200), true);
    }
    return habits;
}

Models full_models()
{
    Models models;
    models.purchases = PurchaseFit{{ModelKind::mbg_nbd, {0.5, 60, 0.9, 1.6}, 1}, 0, 0, false};
    models.spend = SpendFit{{6.25, 3.74, 15.44}, 0, 0, 0, false};
    models.churn = Churn{};
    models.churn->horizon_days = 90;
    std::vector<Custom> others;
    for (int i = 1; i <= 100; ++i) others.push_back({i * 1.0, i / 10.0, i * 100.0, true});
    models.rfm = RfmCuts::of(others);
    return models;
}

ScoreCard card_of(const Habits& habits, const Models& models)
{
    ScoreCard card;
    card.member = "ann";
    score(card, habits, models, {today, today * 24 * 60 + 12 * 60, {}});
    return card;
}

const Because& because_of(const std::vector<Because>& all, std::string_view score)
{
    for (const auto& each : all)
        if (each.score == score) return each;
    FAIL("no reason for " << score);
    return all.front();
}

std::map<std::string, double> numbers(const Because& because)
{
    std::map<std::string, double> out;
    for (const auto& [name, value] : because.from())
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            out[std::string{name}] = static_cast<double>(*whole);
        else if (const auto* real = std::get_if<double>(&value))
            out[std::string{name}] = *real;
    return out;
}

}  // namespace

TEST_CASE("reasons: every score that the card knows has one, and no other", "[scoring][reasons]")
{
    const auto models = full_models();
    const auto card = card_of(bought_on({today - 200, today - 100, today - 20}), models);
    std::set<std::string_view> told;
    for (const auto& each : reasons_of(card, models)) {
        CHECK(told.insert(each.score).second);
        CHECK_FALSE(each.by.empty());
        CHECK_FALSE(each.from().empty());
    }
    CHECK(told
          == std::set<std::string_view>{"stage", "rfm_r", "rfm_f", "rfm_m", "p_alive",
                                        "expected_purchases", "expected_spend", "ltv", "p_purchase",
                                        "next_visit_at", "p_visit_7d", "visit_hour_from"});
    CHECK(reasons_of(ScoreCard{}, models).empty());
}

TEST_CASE("reasons: the stage tells the rule that matched and its numbers", "[scoring][reasons]")
{
    const auto models = full_models();
    const auto rule = [&](std::initializer_list<std::int32_t> days) {
        const auto card = card_of(bought_on(days), models);
        const auto all = reasons_of(card, models);
        const auto& because = because_of(all, "stage");
        CHECK(because.source == Because::Source::rule);
        return std::pair{std::string{because.by}, numbers(because)};
    };
    using Facts = std::map<std::string, double>;
    CHECK(rule({today - 5})
          == std::pair{std::string{"new"}, Facts{{"purchase_days", 1},
                                                 {"purchases_below", 2},
                                                 {"seen_days", 5},
                                                 {"days_below", 30}}});
    CHECK(rule({today - 300, today - 90})
          == std::pair{std::string{"dormant_days"}, Facts{{"silent_days", 90}, {"days_from", 90}}});
    const auto [light, sum] = rule({today - 80, today - 70});
    CHECK((light == "light" || light == "middle_sum"));
    CHECK(sum.contains("rfm_sum"));

    // As the stage itself says, at each rule's own limit.
    const StageRules rules;
    const std::pair<StageInputs, StageRule> limits[]{
        {{1, 29, 100, 0.1, 15}, StageRule::newcomer},
        {{2, 29, 90, 0.1, 15}, StageRule::long_silence},
        {{2, 29, 89, 0.19, 15}, StageRule::hardly_alive},
        {{2, 29, 89, 0.2, 15}, StageRule::doubtful},
        {{2, 29, 89, 0.5, 12}, StageRule::core_ranks},
        {{2, 29, 89, {}, 8}, StageRule::middle_ranks},
        {{2, 29, 89, {}, 7}, StageRule::rest}};
    for (const auto& [inputs, expected] : limits) {
        CHECK(stage_rule(inputs, rules) == expected);
        CHECK(stage_of(inputs, rules) == stage_of(expected));
    }
}

TEST_CASE("reasons: a rank lies between the cuts that it names", "[scoring][reasons]")
{
    const auto models = full_models();
    for (const std::int32_t silent : {1, 20, 21, 22, 45, 60, 61, 62, 99, 400}) {
        const auto card = card_of(bought_on({today - 500, today - silent}), models);
        const auto all = reasons_of(card, models);
        const auto facts = numbers(because_of(all, "rfm_r"));
        INFO(silent);
        CHECK(facts.at("recency_days") == silent);
        if (facts.contains("cut_from")) CHECK(facts.at("cut_from") <= silent);
        if (facts.contains("cut_below")) CHECK(silent < facts.at("cut_below"));
        CHECK(facts.contains("cut_from") == (card.rfm_r != 5));
        CHECK(facts.contains("cut_below") == (card.rfm_r != 1));
    }
}

TEST_CASE("reasons: who never bought is ranked by rule, and no model of buying speaks",
          "[scoring][reasons]")
{
    const auto models = full_models();
    Habits habits;
    habits.note_visit(today - 3, (today - 3) * 24 * 60);
    const auto card = card_of(habits, models);
    const auto all = reasons_of(card, models);
    CHECK(because_of(all, "rfm_f").by == "never_bought");
    CHECK(because_of(all, "rfm_m").by == "never_bought");
    for (const auto& each : all) CHECK(each.score != "p_alive");
    CHECK(numbers(because_of(all, "next_visit_at")).at("silent_days") == 3);
}

TEST_CASE("reasons: the value is told from what it is made of", "[scoring][reasons]")
{
    const auto models = full_models();
    const auto card = card_of(bought_on({today - 200, today - 100, today - 20}), models);
    const auto all = reasons_of(card, models);
    CHECK(because_of(all, "p_alive").by == "mbg_nbd");
    CHECK(numbers(because_of(all, "p_alive"))
          == std::map<std::string, double>{{"x", 2}, {"t_x", 180}, {"t_total", 200}});
    CHECK(numbers(because_of(all, "expected_spend")).at("mean_spend") == Approx(1'200));
    const auto value = numbers(because_of(all, "ltv"));
    CHECK(value.at("expected_purchases") == *card.expected_purchases);
    CHECK(value.at("expected_spend") == *card.expected_spend);
    CHECK(value.at("horizon_days") == 365);
    CHECK(value.at("discount") == 0.1);
    CHECK(*card.ltv < value.at("expected_purchases") * value.at("expected_spend"));
}
