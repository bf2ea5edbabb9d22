#include "tests/members/recompute.hpp"
#include "tests/members/shelf.hpp"

#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/retention.hpp"
#include "tests/days/json_schema.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace raiten;
using namespace std::chrono_literals;
using raiten::stage::Dice;
using raiten::test::Shelf;
using raiten::test::Told;

namespace {

constexpr Millis day = 24h;
constexpr std::array<std::uint32_t, 3> tidy_spends{500, 1000, 1500};

const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

/// Three members in the first months of a year.
struct SmallShop {
    SmallShop()
    {
        shelf.begin();
        // Ann: nothing, nothing, buys on the third; again after 10 days. Then silence.
        tell(1, {{start + 5 * day},
                 {start + 25 * day, false, 0, 1},
                 {start + 40 * day, true, 900, 2},
                 {start + 50 * day, true, 300, 0}});
        // Bob: comes back after 70 days, never buys.
        tell(2, {{start + 10 * day}, {start + 80 * day, false, 0, 1}});
        // Cid: once, and buys at once.
        tell(3, {{start + 150 * day, true, 2000, 0}});
        shelf.end();
    }
    void tell(std::uint64_t member, const std::vector<Told>& visits)
    {
        shelf.member(member);
        std::uint32_t ordinal = 0;
        for (const auto& told : visits) shelf.put(shelf.visit(member, ordinal++, told));
    }
    Shelf shelf;
};

}  // namespace

TEST_CASE("members: a small shop's figures, reckoned by hand", "[members]")
{
    SmallShop shop;
    shop.shelf.database().begin();
    for (const int score : {10, 9, 8, 6, 0, 10})
        ledger::put_survey(shop.shelf.database(),
                           {start + 100 * day,
                            std::chrono::floor<std::chrono::days>(start + 100 * day),
                            static_cast<std::uint8_t>(score),
                            {},
                            {}},
                           start);
    shop.shelf.end();
    const Period period{start, start + 160 * day};
    const LifetimeCosts costs{0.5, 100.0, 20.0, 4.0};
    const auto figures = test::figures_of(shop.shelf.path(), period, costs);
    CHECK(test::differences(figures, costs, shop.shelf.database()) == "");

    CHECK(figures.members == 3);
    CHECK(figures.cohorts.retention[0] == Share{1, 2});  // Ann within 20 days; Cid came too lately
    CHECK(figures.cohorts.retention[2] == Share{2, 2});  // Bob after 70
    CHECK(figures.cohorts.repeat_visits == Share{2, 3});
    CHECK(figures.cohorts.repeat_purchases == Share{1, 2});
    CHECK(figures.returning.to_purchase.by_visits[0].purchases == 2);
    CHECK(figures.returning.to_purchase.by_visits[2].spend == Money::from_units(900));
    CHECK(figures.returning.to_first_purchase.purchases == 2);
    CHECK(figures.returning.to_first_purchase.mean_visits() == 2.0);
    CHECK(figures.returning.non_purchasers == std::array<std::uint64_t, 5>{1, 0, 0, 0, 0});  // Bob

    // 3,200 yen in 3 purchases of 2 customers within 155 days.
    REQUIRE(figures.values.purchases_per_year);
    CHECK(*figures.values.purchases_per_year == Approx(1.5 * 365 / 155));
    CHECK(*figures.values.revenue == Approx(1600.0 * 365 / 155 * 4));
    CHECK(*figures.values.margin == Approx(800.0 * 365 / 155 * 4));
    CHECK(*figures.values.net == Approx(1600.0 * 365 / 155 * 4 - 180));
    CHECK(figures.opinion == Opinion{3, 1, 2});
    CHECK(figures.opinion.net_promoter_score() == Approx(100.0 / 6));
}

TEST_CASE("members: who is lost is who went dormant, and moves are between two dates", "[members]")
{
    const SmallShop shop;
    const auto at = [](Stage stage) { return static_cast<std::size_t>(stage); };
    const auto figures =
        test::figures_of(shop.shelf.path(), {start + 60 * day, start + 160 * day}, {});
    // Ann was there with two purchases and has been away for 110 days; Bob, without one for two
    // months, came back after 20 more.
    CHECK(figures.churn == Share{1, 2});
    std::uint64_t lost = 0;
    for (std::size_t from = 0; from < stage_count; ++from)
        if (from != at(Stage::dormant)) lost += figures.moves[from][at(Stage::dormant)];
    CHECK(lost == 1);
    CHECK(figures.moves[stage_count][at(Stage::fresh)] == 1);  // Cid
}

TEST_CASE("members: costs that nobody told are not made up", "[members]")
{
    const SmallShop shop;
    const Period period{start, start + 160 * day};
    const auto none = test::figures_of(shop.shelf.path(), period, {});
    CHECK(none.values.average_spend.has_value());
    CHECK_FALSE(none.values.revenue.has_value());
    LifetimeCosts some;
    some.lifetime_years = 2;
    const auto half = test::figures_of(shop.shelf.path(), period, some);
    CHECK(half.values.revenue.has_value());
    CHECK_FALSE(half.values.margin.has_value());
    CHECK_FALSE(half.values.net.has_value());
    // A store of ten days has no year.
    const auto young = test::figures_of(shop.shelf.path(), {start, start + 42 * day}, some);
    CHECK(young.values.average_spend.has_value());
    CHECK(young.values.purchases_per_year.has_value());
    CHECK_FALSE(test::figures_of(shop.shelf.path(), {start, start + 34 * day}, some)
                    .values.purchases_per_year.has_value());
    const auto json =
        nlohmann::json::parse(app::member_figures_json(half, some, "JPY", StoreClock{}));
    CHECK(json.at("lifetime_value").at("by_margin").is_null());
    CHECK(json.at("visits_to_purchase").at("by_visits").at(2).at("mean_spend") == "900");
    CHECK(json.at("nps").at("net_promoter_score").is_null());

    std::ifstream in{RAITEN_SOURCE_DIR "/daemon/app/openapi.json"};
    const auto document = nlohmann::json::parse(in);
    const auto& schema = document.at("components").at("schemas").at("MemberFigures");
    const LifetimeCosts all{0.3, 500.0, 20.0, 3.0};
    const auto whole = test::figures_of(shop.shelf.path(), period, all);
    const auto shown = app::member_figures_json(whole, all, "JPY", StoreClock{});
    CHECK(test::violation(nlohmann::json::parse(shown), schema, document) == "");
    CHECK(test::violation(json, schema, document) == "");
}

TEST_CASE("members: answers to the survey go when visits do", "[members]")
{
    Shelf shelf;
    const Instant now = start + 500 * day;
    shelf.begin();
    for (const auto at : {start, start + 200 * day, now})
        ledger::put_survey(shelf.database(),
                           {at, std::chrono::floor<std::chrono::days>(at), 10, {}, {}}, at);
    ledger::put_meta(shelf.database(), "engine_time", now.time_since_epoch().count());
    CHECK(ledger::prune_slice(shelf.database(), now, {}) == 1);
    CHECK(ledger::prune_slice(shelf.database(), now, {}) == 0);
    shelf.end();
    CHECK(ledger::survey_days(shelf.database(), start, now + day).size() == 2);
}

namespace {

Instant some_time(Dice& dice)
{
    return start + Millis{static_cast<std::int64_t>(dice.below(430 * 24)) * 3'600'000};
}

void write_history(Shelf& shelf, Dice& dice)
{
    shelf.begin();
    const auto members = 1 + dice.below(14);
    for (std::uint64_t member = 1; member <= members; ++member) {
        shelf.member(member);
        const bool tidy = dice.below(2) == 0;  // round sums meet cuts exactly
        const auto visits = dice.below(dice.below(4) == 0 ? 40 : 8);
        std::vector<Told> all;
        for (std::uint64_t i = 0; i < visits; ++i) {
            Told told{some_time(dice), dice.below(3) == 0};
            told.spend = static_cast<int>(tidy ? tidy_spends[dice.below(3)] : dice.below(100'000));
            told.streak = static_cast<std::uint32_t>(dice.below(dice.below(5) == 0 ? 30 : 4));
            all.push_back(told);
        }
        std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.at < b.at; });
        for (std::size_t i = 0; i + 1 < all.size(); ++i)  // rows are not in order of time
            if (dice.below(6) == 0) std::swap(all[i], all[i + 1]);
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            auto visit = shelf.visit(member, i, all[i]);
            if (dice.below(12) == 0) visit.close_reason = CloseReason::withdrawn;
            if (dice.below(12) == 0) visit.close_reason = CloseReason::consent_withdrawn;
            if (dice.below(15) == 0) visit.state = VisitState::open;
            if (dice.below(20) == 0) visit.close_reason.reset();
            if (!visit.receipts.empty() && dice.below(6) == 0)
                visit.receipts[0].undone =
                    Money::from_units(static_cast<std::int64_t>(dice.below(2)) * all[i].spend);
            shelf.put(visit);
        }
    }
    if (dice.below(3) == 0)  // what is old has gone
        shelf.database().run("DELETE FROM visit WHERE row <= ?",
                             static_cast<std::int64_t>(dice.below(30)));
    for (auto answers = dice.below(20); answers > 0; --answers) {
        const auto at = some_time(dice);
        ledger::put_survey(shelf.database(),
                           {at,
                            std::chrono::floor<std::chrono::days>(at),
                            static_cast<std::uint8_t>(dice.below(11)),
                            {},
                            {}},
                           at);
    }
    shelf.end();
}

}  // namespace

TEST_CASE("members: figures are what SQL over the ledger says, to the last digit", "[members]")
{
    INFO("repeat with --rng-seed " << Catch::rngSeed());
    Dice dice{Catch::rngSeed()};
    Shelf shelf;
    for (int round = 0; round < 2000; ++round) {
        INFO("history " << round);
        write_history(shelf, dice);
        auto from = some_time(dice), to = some_time(dice);
        if (from == to) to += 1h;
        const Period period{std::min(from, to), std::max(from, to)};
        LifetimeCosts costs;
        if (dice.below(2) == 0) costs.lifetime_years = dice.between(0.1, 20);
        if (dice.below(2) == 0) costs.gross_margin = dice.share();
        if (dice.below(2) == 0) costs.acquisition_cost = dice.between(0, 9999);
        if (dice.below(2) == 0) costs.retention_cost_per_year = dice.between(0, 9999);
        const auto figures = test::figures_of(shelf.path(), period, costs);
        REQUIRE(test::differences(figures, costs, shelf.database()) == "");
    }
}
