#include "daemon/ledger/decision_history.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

/// What came of decisions, from the visits as they are now.
using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

struct Shop {
    Shop()
        : path{folder.file("ledger.sqlite")},
          database{value(Database::open(path, Database::Access::read_write, 1s))}
    {
        database->script("PRAGMA synchronous=OFF");
        REQUIRE(bring_up_to_date(*database).has_value());
        database->begin();
    }
    void member(std::uint64_t number, bool staff = false)
    {
        MemberRecord m;
        m.id = MemberId{number};
        m.name = "m" + std::to_string(number);
        m.staff = staff;
        put_basics(*database, m);
    }
    VisitRecord visit(std::uint64_t member, std::uint32_t ordinal, Instant opened,
                      std::vector<Millis> bought_after = {})
    {
        VisitRecord v;
        v.id = VisitId{member << 32U | ordinal};
        v.member = MemberId{member};
        v.ordinal = ordinal;
        v.state = VisitState::settled;
        v.opened_at = opened;
        v.left_at = opened + 30min;
        v.revision = 1;
        for (const auto after : bought_after) {
            VisitReceipt r;
            r.pos = "reg-1";
            r.number = std::to_string(v.receipts.size());
            r.at = opened + after;
            r.total = Money::from_units(1000);
            r.currency = "JPY";
            v.receipts.push_back(r);
        }
        return v;
    }
    void put(const VisitRecord& visit) { put_visit(*database, visit, visit.opened_at); }
    CouponRecord coupon(std::uint64_t member, std::uint64_t number, Instant decided,
                        CouponState state = CouponState::expired)
    {
        CouponRecord c;
        c.id = CouponId{member << 32U | number};
        c.campaign = "welcome-back";
        c.member = MemberId{member};
        c.moment = "visit_opened";
        c.occasion = std::to_string(number);
        c.decided_at = decided;
        c.expires_at = decided + 24h;
        c.offer = state == CouponState::withheld ? "" : "10OFF";
        c.arm_probability = 0.25;
        c.control = 0.1;
        c.features = {0.5, -1, 1e-17, 1.0 / 3};
        c.cost = Money::from_units(100);
        c.state = state;
        return c;
    }
    void put(const CouponRecord& coupon) { put_coupon(*database, coupon, coupon.decided_at); }

    std::vector<PastDecision> decisions(Instant settled_before = at(24h * 1000))
    {
        std::vector<PastDecision> out;
        REQUIRE(database->commit().has_value());
        auto past = value(Histories::open(path));
        REQUIRE(past.each_decision("welcome-back", settled_before,
                                   [&](const PastDecision& each) {
                                       out.push_back(each);
                                       return true;
                                   })
                    .has_value());
        database->begin();
        return out;
    }
    PastDecision only()
    {
        const auto all = decisions();
        REQUIRE(all.size() == 1);
        return all.front();
    }

    TempFolder folder;
    std::string path;
    std::unique_ptr<Database> database;
};

}  // namespace

TEST_CASE("decisions: what was decided, and what came of it", "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    shop.put(shop.visit(1, 0, at(0h), {10min}));  // before the decision
    shop.put(shop.visit(1, 1, at(2h), {5min, 10min}));
    shop.put(shop.visit(1, 2, at(30h), {5min}));  // after its end
    auto given = shop.coupon(1, 1, at(1h), CouponState::redeemed);
    given.uplift = 0.125;
    shop.put(given);
    const auto told = shop.only();
    CHECK(told.id == given.id);
    CHECK(told.member == MemberId{1});
    CHECK(told.member_name == "m1");
    CHECK(told.decided_at == given.decided_at);
    CHECK(told.expires_at == given.expires_at);
    CHECK_FALSE(told.withheld);
    CHECK(told.redeemed);
    CHECK(told.offer == "10OFF");
    CHECK(told.arm_probability == 0.25);
    CHECK(told.control == 0.1);
    CHECK(told.uplift == 0.125);
    CHECK(told.features == given.features);
    CHECK(told.cost == Money::from_units(100));
    CHECK(told.bought);
    CHECK(told.spent == Money::from_units(2000));
    CHECK_FALSE(told.guessed);
    CHECK_FALSE(told.partly_blind);
}

TEST_CASE("decisions: a receipt counts after the decision, up to its end", "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    const auto [after, bought] =
        GENERATE(table<Millis, bool>({{0ms, false}, {1ms, true}, {24h, true}, {24h + 1ms, false}}));
    CAPTURE(after.count());
    const auto opened = at(after > 1h ? 24h : 0h);  // decided at 0:30 of the visit, or a day before
    auto visit = shop.visit(1, 0, opened);
    visit = shop.visit(1, 0, opened, {at(30min) + after - opened});
    shop.put(visit);
    shop.put(shop.coupon(1, 1, at(30min), CouponState::withheld));
    const auto told = shop.only();
    CHECK(told.withheld);
    CHECK(told.bought == bought);
    CHECK(told.spent == (bought ? Money::from_units(1000) : Money{}));
}

TEST_CASE("decisions: a void that comes later undoes the outcome", "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    auto visit = shop.visit(1, 0, at(1h), {5min, 10min});
    shop.put(visit);
    shop.put(shop.coupon(1, 1, at(0h)));
    CHECK(shop.only().spent == Money::from_units(2000));
    visit.receipts[0].undone = Money::from_units(300);
    visit.receipts[1].undone = visit.receipts[1].total;
    visit.revision = 2;
    shop.put(visit);
    CHECK(shop.only().bought);
    CHECK(shop.only().spent == Money::from_units(700));
    visit.receipts[0].undone = visit.receipts[0].total;
    shop.put(visit);
    CHECK_FALSE(shop.only().bought);
    CHECK(shop.only().spent == Money{});
}

TEST_CASE("decisions: what is a guess is told as one, and a withdrawn visit not at all",
          "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    shop.put(shop.coupon(1, 1, at(0h)));
    auto visit = shop.visit(1, 0, at(1h), {5min});
    SECTION("a receipt that named nobody")
    {
        visit.receipts[0].attribution = Attribution::inferred;
        visit.receipts[0].confidence = 0.6;
        shop.put(visit);
        CHECK(shop.only().guessed);
        CHECK_FALSE(shop.only().bought);
        CHECK(shop.only().spent == Money{});
    }
    SECTION("a visit that never was")
    {
        visit.close_reason = CloseReason::withdrawn;
        shop.put(visit);
        CHECK_FALSE(shop.only().bought);
    }
    SECTION("a reader that was down")
    {
        visit.blind = 10min;
        shop.put(visit);
        CHECK(shop.only().partly_blind);
        CHECK(shop.only().bought);
    }
}

TEST_CASE("decisions: none is told before its outcome is settled", "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    shop.put(shop.coupon(1, 1, at(0h)));
    CHECK(shop.decisions(at(24h)).empty());
    CHECK(shop.decisions(at(24h) + 1ms).size() == 1);
    // Whoever is left to a reader that never comes back keeps the outcome open.
    auto visit = shop.visit(1, 0, at(24h));
    visit.state = VisitState::open;
    shop.put(visit);
    CHECK(shop.decisions().empty());
    visit.state = VisitState::settled;
    shop.put(visit);
    auto later = shop.visit(1, 1, at(24h) + 1ms);
    later.state = VisitState::ended;
    shop.put(later);
    CHECK(shop.decisions().size() == 1);

    VisitRules rules;
    CHECK(at(0h) - outcomes_settled_by(at(0h), rules) == 12h + 15min + 5min + 24h + 5min);
}

TEST_CASE("decisions: who is in no result, what was revoked, and other campaigns are left out",
          "[ledger][decisions]")
{
    Shop shop;
    for (const std::uint64_t number : {3U, 1U, 2U}) shop.member(number, number == 2);
    auto other = shop.coupon(1, 9, at(0h));
    other.campaign = "welcome";
    shop.put(other);
    shop.put(shop.coupon(1, 8, at(0h), CouponState::revoked));
    shop.put(shop.coupon(2, 1, at(0h)));
    shop.put(shop.coupon(3, 1, at(0h)));
    shop.put(shop.coupon(1, 2, at(1h), CouponState::withheld));
    shop.put(shop.coupon(3, 2, at(2h)));
    std::vector<std::uint64_t> ids;
    for (const auto& each : shop.decisions()) ids.push_back(each.id.value());
    const std::vector<std::uint64_t> in_order{1ULL << 32U | 2, 3ULL << 32U | 1, 3ULL << 32U | 2};
    CHECK(ids == in_order);

    REQUIRE(shop.database->commit().has_value());
    std::size_t told = 0;
    each_decision(*shop.database, "welcome-back", at(100h),
                  [&](const PastDecision&) { return ++told < 2; });
    CHECK(told == 2);
    CHECK(shop.database->ok());
    shop.database->begin();
}

TEST_CASE("decisions: an outcome that is no longer kept is not made up", "[ledger][decisions]")
{
    Shop shop;
    for (const std::uint64_t number : {1U, 2U}) shop.member(number);
    shop.put(shop.visit(1, 0, at(0h), {5min}));
    shop.put(shop.visit(1, 1, at(26h), {5min}));
    shop.put(shop.visit(2, 0, at(24h * 50)));
    shop.put(shop.visit(2, 1, at(24h * 90)));
    shop.put(shop.coupon(1, 1, at(25h)));
    shop.put(shop.coupon(1, 2, at(24h * 80)));  // long after the last visit: gone dormant
    shop.put(shop.coupon(2, 1, at(24h * 80)));
    CHECK(shop.decisions().size() == 3);
    shop.database->run("DELETE FROM visit WHERE opened_at < ?", at(24h * 60));
    const auto left = shop.decisions();
    CHECK(left.empty());  // of all of them something may be missing
    shop.put(shop.coupon(1, 3, at(24h * 100)));
    const auto later = shop.decisions();
    REQUIRE(later.size() == 1);
    CHECK(later.front().decided_at == at(24h * 100));
}

TEST_CASE("decisions: they say what SQL says of the same rows", "[ledger][decisions]")
{
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    Shop shop;
    for (std::uint64_t who = 1; who <= 120; ++who) {
        shop.member(who);
        Instant opened = at(0h);
        for (std::uint32_t n = 0; n < random() % 9; ++n) {
            opened += Millis{static_cast<std::int64_t>(random() % 100'000'000)};
            std::vector<Millis> bought;
            for (auto left = random() % 3; left > 0; --left)
                bought.emplace_back(static_cast<std::int64_t>(random() % 1'800'000));
            auto visit = shop.visit(who, n, opened, bought);
            for (auto& receipt : visit.receipts) {
                if (random() % 3 == 0) receipt.undone = receipt.total;
                if (random() % 4 == 0) receipt.confidence = 0.5;
            }
            if (random() % 8 == 0) visit.close_reason = CloseReason::withdrawn;
            shop.put(visit);
            opened = visit.left_at;
        }
        for (std::uint64_t n = 0; n < random() % 4; ++n)
            shop.put(shop.coupon(who, n,
                                 at(Millis{static_cast<std::int64_t>(random() % 300'000'000)}),
                                 random() % 2 != 0 ? CouponState::withheld : CouponState::expired));
    }
    std::map<std::uint64_t, Money> by_sql;
    {
        auto rows = shop.database->query(
            "SELECT c.id, (SELECT coalesce(sum(r.value ->> 4) - sum(r.value ->> 5), 0)"
            " FROM visit v, json_each(v.receipts) r WHERE v.member = c.member AND v.state = 2"
            " AND v.close_reason IS NOT 4 AND NOT v.uncertain AND r.value ->> 5 < r.value ->> 4"
            " AND r.value ->> 3 > c.decided_at AND r.value ->> 3 <= c.expires_at) FROM coupon c");
        while (rows.next()) {
            const auto id = rows.get<std::uint64_t>();
            by_sql[id] = rows.get<Money>();
        }
        REQUIRE(shop.database->ok());
    }
    const auto told = shop.decisions();
    REQUIRE(told.size() == by_sql.size());
    std::size_t bought = 0;
    for (const auto& each : told) {
        CHECK(each.spent == by_sql.at(each.id.value()));
        CHECK(each.bought == (each.spent > Money{}));
        bought += each.bought ? 1 : 0;
    }
    CHECK(bought > 5);
    CHECK(bought + 5 < told.size());
}

TEST_CASE("decisions: every statement finds its rows by an index", "[ledger][decisions]")
{
    Shop shop;
    shop.member(1);
    shop.put(shop.visit(1, 0, at(1h), {5min}));
    shop.put(shop.coupon(1, 1, at(0h)));
    REQUIRE(shop.database->commit().has_value());
    const auto look = value(Database::open(shop.path, Database::Access::read_only, 1s));
    each_decision(*look, "welcome-back", at(100h), [](const PastDecision&) { return true; });
    REQUIRE(look->ok());
    std::vector<std::string> statements;
    for (auto* one = sqlite3_next_stmt(look->handle(), nullptr); one != nullptr;
         one = sqlite3_next_stmt(look->handle(), one))
        if (std::string sql = sqlite3_sql(one); sql.find("SELECT") == 0) statements.push_back(sql);
    CHECK(statements.size() == 5);
    bool by_campaign = false;
    for (const auto& sql : statements) {
        auto plan = look->query("EXPLAIN QUERY PLAN " + sql);
        while (plan.next()) {
            (void)plan.get<int>();
            (void)plan.get<int>();
            (void)plan.get<int>();
            const auto step = plan.get<std::string>();
            INFO(sql << "\n  " << step);
            const bool first_row = sql.find("ORDER BY row LIMIT 1") != std::string::npos;
            CHECK((first_row || step.find("SCAN") == std::string::npos));
            by_campaign = by_campaign || step.find("coupon_standing") != std::string::npos;
        }
        REQUIRE(look->ok());
    }
    CHECK(by_campaign);
    shop.database->begin();
}

TEST_CASE("bench: outcomes of 200,000 decisions", "[.bench]")
{
    Shop shop;
    std::mt19937_64 random{1};
    constexpr std::uint64_t members = 200'000;
    for (std::uint64_t who = 1; who <= members; ++who) shop.member(who);
    // Visits and decisions by time, as they come in life.
    for (std::uint32_t n = 0; n < 3; ++n)
        for (std::uint64_t who = 1; who <= members; ++who) {
            const auto opened = at(n * 24h * 7 + Millis{who * 1000});
            std::vector<Millis> bought;
            if (random() % 3 == 0) bought.emplace_back(60'000);
            shop.put(shop.visit(who, n, opened, bought));
            if (n != 1) continue;
            auto coupon = shop.coupon(who, n, opened, CouponState::expired);
            coupon.features.clear();
            for (int i = 0; i < 19; ++i)
                coupon.features.push_back(static_cast<double>(random() % 1'000'003) / 7919);
            shop.put(coupon);
        }
    REQUIRE(shop.database->commit().has_value());
    auto past = value(Histories::open(shop.path));
    for (int run = 0; run < 3; ++run) {
        std::size_t told = 0, bought = 0;
        const auto begun = std::chrono::steady_clock::now();
        REQUIRE(past.each_decision("welcome-back", at(24h * 1000),
                                   [&](const PastDecision& each) {
                                       ++told;
                                       bought += each.bought ? 1 : 0;
                                       return true;
                                   })
                    .has_value());
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        WARN(told << " decisions, " << bought << " bought: " << took.count() << " s");
        CHECK(told == members);
    }
    shop.database->begin();
}
