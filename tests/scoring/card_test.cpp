#include "daemon/scoring/card.hpp"

#include "tests/scoring/buying_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

/// What holds of every card, whoever the member is.
using namespace raiten;
using namespace raiten::scoring;
using test::Dice;

namespace {

constexpr std::int32_t noon = 12 * 60;
constexpr std::int32_t day_minutes = 24 * 60;

Money units(double value)
{
    return Money::from_ten_thousandths(std::llround(value * 10'000));
}

PastVisit visit(std::uint32_t ordinal, std::int32_t day, std::optional<double> spent,
                std::int32_t minute = noon)
{
    return {ordinal,           day,  day * day_minutes + minute,
            spent.has_value(), true, units(spent.value_or(0))};
}

Habits habits_of(const std::vector<PastVisit>& visits)
{
    Habits habits;
    for (const auto& each : visits) habits.note(each, true);
    return habits;
}

Models models_of(ModelKind kind)
{
    Models models;
    PurchaseModel model{kind, {0.55, 10.6, 0.8, 2.4}, 1};
    if (kind == ModelKind::mbg_cnbd_k) model.regularity = 3;
    if (kind == ModelKind::pareto_nbd) model.parameters = {0.55, 10.6, 0.6, 11.7};
    models.purchases = PurchaseFit{model, 0, 0, false};
    models.spend = SpendFit{{6.25, 3.74, 15.44}, 0, 0, 0, false};
    models.rfm = {RankCuts::of({1, 5, 20, 60, 100, 200}), RankCuts::of({1, 2, 3, 5, 8}),
                  RankCuts::of({100, 900, 2000, 5000, 9000})};
    return models;
}

constexpr std::array kinds{ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::mbg_cnbd_k,
                           ModelKind::pareto_nbd};

Today on(std::int32_t day)
{
    return {day, day * day_minutes + noon, {}};
}

ScoreCard card_of(const Habits& habits, const Models& models, std::int32_t day)
{
    ScoreCard card;
    score(card, habits, models, on(day));
    return card;
}

void check_card(const ScoreCard& card)
{
    for (const auto& column : card_columns()) {
        INFO(column.name);
        const auto value = column.of(card);
        if (const auto* number = std::get_if<double>(&value)) CHECK(std::isfinite(*number));
    }
    for (const auto& share : {card.p_alive, card.p_purchase, card.p_visit_7d})
        if (share) {
            CHECK(*share >= 0);
            CHECK(*share <= 1);
        }
    for (const auto& rank : {card.rfm_r, card.rfm_f, card.rfm_m}) {
        REQUIRE(rank.has_value());
        CHECK(*rank >= 1);
        CHECK(*rank <= 5);
    }
    REQUIRE(card.recency_days.has_value());
    CHECK(*card.recency_days >= 0);
    CHECK(card.stage.has_value());
    if (card.x) {
        CHECK(*card.t_x >= 0);
        CHECK(*card.t_total >= *card.t_x);
        CHECK(*card.expected_purchases >= 0);
    }
    if (card.next_visit_at) {
        CHECK(*card.next_visit_lo <= *card.next_visit_at);
        CHECK(*card.next_visit_at <= *card.next_visit_hi);
        CHECK(*card.visit_hour_from >= 0);
        CHECK(*card.visit_hour_from < *card.visit_hour_to);
        CHECK(*card.visit_hour_to <= 24);
    }
}

/// Everything that numbers of a card say, to the bit.
std::string text_of(const ScoreCard& card)
{
    std::string out;
    for (const auto& column : card_columns()) {
        const auto value = column.of(card);
        char text[40] = "";
        if (const auto* real = std::get_if<double>(&value))
            std::snprintf(text, sizeof text, "%a", *real);
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            std::snprintf(text, sizeof text, "%lld", static_cast<long long>(*whole));
        out += std::string{column.name} + "=" + text + "\n";
    }
    return out;
}

struct Extreme {
    const char* name;
    std::vector<PastVisit> visits;
};

std::vector<Extreme> extremes()
{
    constexpr std::uint32_t many = 10'000;
    std::vector<Extreme> all{
        {"nobody", {}},
        {"one visit ever", {visit(0, 20'000, {})}},
        {"one purchase ever", {visit(0, 20'000, 12.5)}},
        {"spends nothing", {visit(0, 19'990, 0), visit(1, 19'995, 0), visit(2, 20'000, 0)}},
        {"gives back more than was bought",
         {visit(0, 19'990, 100), visit(1, 19'995, -5'000), visit(2, 20'000, -900'000)}},
        {"the first and the last day that there are", {visit(0, 0, 1), visit(1, 65'535, 1)}},
        {"the clock was set back", {visit(0, 20'000, 5), visit(1, 19'000, 5), visit(2, 19'001, 5)}},
    };
    Extreme one_day{"everything on one day", {}}, every_day{"every day for 27 years", {}},
        never{"10,000 visits without a purchase", {}}, rich{"a fortune every day", {}};
    for (std::uint32_t n = 0; n < many; ++n) {
        const auto day = 10'000 + static_cast<std::int32_t>(n);
        one_day.visits.push_back(visit(n, 20'000, 1, static_cast<std::int32_t>(n % 1440)));
        every_day.visits.push_back(visit(n, day, 10));
        never.visits.push_back(visit(n, day, {}));
        if (n < 1'000) rich.visits.push_back(visit(n, day, 1e9));
    }
    for (auto* each : {&one_day, &every_day, &never, &rich}) all.push_back(std::move(*each));
    return all;
}

}  // namespace

TEST_CASE("card: finite and within its bounds for whoever comes", "[scoring][card]")
{
    for (const auto& extreme : extremes()) {
        const auto habits = habits_of(extreme.visits);
        for (const auto kind : kinds)
            for (const std::int32_t today : {0, 9'999, 19'000, 20'000, 20'001, 20'500, 60'000}) {
                INFO(extreme.name << " by " << name_of(kind) << " on day " << today);
                check_card(card_of(habits, models_of(kind), today));
                check_card(card_of(habits, Models{}, today));
            }
    }
}

TEST_CASE("card: finite for any member by any model", "[scoring][card]")
{
    constexpr unsigned seed = 20261123;
    INFO("seed " << seed);
    Dice dice{seed};
    for (int round = 0; round < 400; ++round) {
        INFO("round " << round);
        auto models = models_of(kinds[dice.number() % kinds.size()]);
        for (double& each : models.purchases->model.parameters) each = dice.over_orders(1e-4, 1e4);
        models.rules.unit_days = dice.number() % 2 == 0 ? 1 : 7;
        models.rules.horizon_days = std::floor(dice.over_orders(7, 3650));
        std::vector<PastVisit> visits;
        auto day = 15'000 + static_cast<std::int32_t>(dice.below(1'000));
        const auto count = 1 + dice.number() % 60;
        for (std::uint32_t n = 0; n < count; ++n) {
            day += static_cast<std::int32_t>(dice.over_orders(1, 400)) - 1;
            const bool buys = dice.number() % 2 == 0;
            visits.push_back(visit(
                n, day,
                buys ? std::optional{dice.over_orders(1e-3, 1e7) - dice.over_orders(1e-3, 1e6)}
                     : std::nullopt,
                static_cast<std::int32_t>(dice.number() % 1440)));
        }
        const auto today = day - 5 + static_cast<std::int32_t>(dice.below(800));
        check_card(card_of(habits_of(visits), models, today));
    }
}

TEST_CASE("card: receipts of one moment may come in any order", "[scoring][card]")
{
    constexpr unsigned seed = 7;
    INFO("seed " << seed);
    Dice dice{seed};
    for (int round = 0; round < 50; ++round) {
        std::vector<PastVisit> visits;
        for (std::int32_t day = 20'000; day < 20'030; day += 10)
            for (std::uint32_t n = 0; n < 4; ++n)
                visits.push_back(visit(0, day, std::floor(dice.over_orders(1, 1e6))));
        const auto before = habits_of(visits);
        for (std::size_t from = 0; from < visits.size(); from += 4)
            for (std::size_t n = 3; n > 0; --n)
                std::swap(visits[from + n], visits[from + dice.number() % (n + 1)]);
        const auto models = models_of(kinds[dice.number() % kinds.size()]);
        CHECK(text_of(card_of(habits_of(visits), models, 20'100))
              == text_of(card_of(before, models, 20'100)));
    }
}

TEST_CASE("card: who buys later, oftener or more is never ranked lower", "[scoring][card]")
{
    constexpr unsigned seed = 11;
    INFO("seed " << seed);
    Dice dice{seed};
    std::vector<double> recency, frequency, monetary;
    for (int n = 0; n < 200; ++n) {
        recency.push_back(std::floor(dice.over_orders(1, 400)));
        frequency.push_back(std::floor(dice.over_orders(1, 40)));
        monetary.push_back(dice.over_orders(1, 1e6));
    }
    const RfmCuts cuts{RankCuts::of(recency), RankCuts::of(frequency), RankCuts::of(monetary)};
    for (int round = 0; round < 2'000; ++round) {
        const Custom one{dice.below(500), dice.below(50), dice.over_orders(0.1, 1e7), true};
        Custom better = one;
        better.recency -= dice.below(one.recency);
        better.frequency += dice.below(20);
        better.monetary += dice.below(1e6);
        const auto low = cuts.rank(one);
        const auto high = cuts.rank(better);
        CHECK(high.r >= low.r);
        CHECK(high.f >= low.f);
        CHECK(high.m >= low.m);
    }
}

TEST_CASE("card: silence never makes a member more alive", "[scoring][card]")
{
    const auto habits = habits_of(
        {visit(0, 20'000, 10), visit(1, 20'007, 12), visit(2, 20'016, 9), visit(3, 20'021, 11)});
    for (const auto kind : kinds) {
        INFO(name_of(kind));
        double p_alive = 1;
        double expected = INFINITY;
        for (std::int32_t today = 20'021; today < 20'600; ++today) {
            const auto card = card_of(habits, models_of(kind), today);
            CHECK(*card.p_alive <= p_alive * (1 + 1e-12));
            // Who buys in step is the nearer to the next purchase the longer the last one is ago.
            if (kind != ModelKind::mbg_cnbd_k)
                CHECK(*card.expected_purchases <= expected * (1 + 1e-9));
            p_alive = *card.p_alive;
            expected = *card.expected_purchases;
        }
        CHECK(p_alive < 0.5);
    }
}
