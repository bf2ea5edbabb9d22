#include "daemon/scoring/card.hpp"
#include "tests/engine/store_day.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using raiten::test::StoreDay;

namespace {

/// What a night would have left of a member who bought on these days.
scoring::Habits habits_of(std::initializer_list<int> days, std::uint32_t visits)
{
    scoring::Habits habits;
    for (const int day : days)
        habits.note({0, day, day * 24 * 60, true, true, Money::from_ten_thousandths(10'000'000)},
                    true);
    habits.next_visit = visits;
    return habits;
}

std::shared_ptr<const scoring::Models> models()
{
    auto models = std::make_shared<scoring::Models>();
    models->purchases = scoring::PurchaseFit{
        {scoring::ModelKind::mbg_nbd, {0.5248, 6.183 * 7, 0.8914, 1.614}, 1}, 0, 0, false};
    models->spend = scoring::SpendFit{{6.25, 3.74, 15.44}, 0, 0, 0, false};
    return models;
}

}  // namespace

TEST_CASE("cards: without a night there are only facts", "[engine]")
{
    StoreDay store;
    store.play("10:00 tap ann desk");
    const auto now = store.engine().now();
    const auto card = store.engine().card(store.member("ann").id, now + std::chrono::minutes{6});
    CHECK(card.member == "ann");
    CHECK(card.dwell_min == Approx(6));
    CHECK_FALSE(card.stage.has_value());
    CHECK_FALSE(card.p_alive.has_value());
}

TEST_CASE("cards: what settled since the night counts too", "[engine]")
{
    StoreDay store;
    store.play("10:00 tap ann desk");
    const auto now = store.engine().now();
    const auto ann = store.member("ann").id;
    const auto today = scoring::today_at(now, StoreClock{}).day;
    ledger::ScoreRow night;
    night.member = ann;
    night.habits = habits_of({today - 100, today - 60, today - 20}, 0);
    store.members().put(night);
    store.engine().replace_models(models());
    const auto before = store.engine().card(ann, now);
    CHECK(before.x == 2);
    CHECK(before.recency_days == 20);
    CHECK(before.stage.has_value());

    store.play("10:05 sale 1 1280 ann");
    store.settle();
    const auto after = store.engine().card(ann, store.engine().now());
    CHECK(after.x == 3);
    CHECK(after.recency_days == 0);
    CHECK(after.frequency == 4);
    CHECK(after.p_alive > before.p_alive);
    CHECK(after.expected_purchases > before.expected_purchases);
    CHECK(after.monetary->units() == Approx(3000 + 1280));

    // Looking changes nothing.
    const auto snapshot = store.engine().snapshot();
    store.engine().card(ann, store.engine().now() + std::chrono::hours{9});
    CHECK(store.engine().snapshot() == snapshot);
}

TEST_CASE("cards: a move of stage is told, but not of somebody who is left out", "[engine]")
{
    StoreDay store;
    CHECK(store.play("03:30 stage ann new core")
          == std::vector<std::string>{"03:30:00 stage ann new -> core #1"});
    store.play("03:40 withdraw ann");
    CHECK(store.play("03:50 stage ann core light").empty());
    CHECK(store.last_verdict == Verdict::left_out);
}
