#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <fstream>
#include <iterator>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

/// Holds the write lock, so that nothing becomes durable while it lives.
struct Held {
    explicit Held(const std::string& path)
        : other{value(Database::open(path, Database::Access::read_write, 1000ms))}
    {
        other->begin();
    }
    ~Held() { other->rollback(); }
    std::unique_ptr<Database> other;
};

}  // namespace

TEST_CASE("members: load gives what was handed over, before the disk has it and after", "[ledger]")
{
    std::mt19937_64 random{3};
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    auto& members = store.ledger->members();
    const auto id = store.enrol({{"m-1", false, true, 4, {token(1)}}}).front();

    auto record = members.load(id);
    std::string expected;
    CouponId coupon;
    int done = 0;
    {
        const Held held{path};
        for (std::uint32_t n = 0; n < 20; ++n) {
            auto visit = some_visit(random, id, "m-1", n);
            visit.state = VisitState::settled;
            visit.opened_at = at(n * 1min);
            visit.left_at = visit.opened_at + 30s;
            auto given = some_coupon(random, id, "m-1");
            given.decided_at = at(n * 1min);
            coupon = given.id;
            record.visits = record.settled_visits = n + 1;
            record.spend += visit.spend();
            record.first_visit_at = at(0s);
            record.recent.push_back(visit);
            record.coupons.push_back(given);
            Batch batch;
            batch.engine_time = at(n * 1min);
            batch.visits.push_back(visit);
            batch.coupons.push_back(given);
            batch.members.push_back(record);
            store.ledger->commit(std::move(batch), [&](const Result<void>&) { ++done; });
            expected = line(record);
            CHECK(line(members.load(id)) == expected);
            CHECK(members.owner_of(coupon) == id);
        }
        CHECK(done == 0);
    }
    REQUIRE(store.loop.run_until([&] { return done == 20; }));
    CHECK(line(members.load(id)) == expected);
    CHECK(members.owner_of(coupon) == id);
    CHECK_FALSE(members.owner_of(CouponId{1}));
}

TEST_CASE("members: a new member is known at once, and to the disk a little later", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    auto& members = store.ledger->members();
    CHECK_FALSE(members.member_of(token(1).key));  // and this answer must not stick
    bool done = false;
    {
        const Held held{path};
        const auto ids = value(store.ledger->enrol({{"m-1", true, true, {}, {token(1), token(2)}}},
                                                   [&](const Result<void>&) { done = true; }));
        CHECK(members.member_of(token(1).key) == ids.front());
        CHECK(members.load(ids.front()).staff);

        // The same token for somebody else is refused although the disk has not heard of it.
        const auto other = store.ledger->enrol({{"m-2", {}, {}, {}, {token(2)}}}, {});
        REQUIRE_FALSE(other.has_value());
        CHECK(other.error().text().find("another member: m-1") != std::string::npos);
    }
    REQUIRE(store.loop.run_until([&] { return done; }));
    CHECK(members.member_of(token(2).key));
    const auto member = value(store.ledger->member("m-1"));
    REQUIRE(member);
    CHECK(member->kinds == kind_bit(TokenKind::card));
}

TEST_CASE("members: a refused list changes nothing", "[ledger]")
{
    TempFolder folder;
    Opened store{folder.file("ledger.db")};
    store.enrol({{"m-1", {}, true, {}, {token(1)}}});
    auto rotating = token(9, TokenKind::ble);
    rotating.rotating = true;
    for (const auto& [list, why] : std::vector<std::pair<std::vector<Enrolment>, std::string>>{
             {{{"m-2", {}, true, {}, {token(5)}}, {"m-3", {}, true, {}, {token(1)}}}, "m-1"},
             {{{"m-2", {}, true, {}, {token(5)}}, {"m-3", {}, true, {}, {token(5)}}}, "m-2"},
             {{{"m-2", {}, true, {}, {token(5)}}, {"m-2", {}, true, {}, {}}}, "twice"},
             {{{"m-2", {}, true, {}, {token(5)}}, {"山田", {}, true, {}, {}}}, "not a member name"},
             {{{"m-2", {}, true, {}, {token(5), rotating}}}, "changes by itself"},
             {{{"m-2", {}, true, 13, {token(5)}}}, "month"}}) {
        const auto refused = store.ledger->enrol(list, {});
        REQUIRE_FALSE(refused.has_value());
        INFO(refused.error().text());
        CHECK(refused.error().text().find(why) != std::string::npos);
        CHECK_FALSE(store.ledger->members().member_of(token(5).key));
    }
    CHECK(value(store.ledger->counts()).members == 1);
}

TEST_CASE("members: the directory decides who is staff, the engine what they did", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    std::string expected;
    {
        Opened store{path};
        auto& members = store.ledger->members();
        const auto id = store.enrol({{"m-1", false, true, 4, {token(1)}}}).front();
        auto stale = members.load(id);
        store.enrol({{"m-1", true, false, 5, {token(2, TokenKind::nfc)}}});
        stale.visits = 3;
        Batch batch;
        batch.members.push_back(stale);
        store.commit(std::move(batch));
        const auto now = members.load(id);
        CHECK(now.staff);
        CHECK_FALSE(now.consent);
        CHECK(now.birth_month == std::uint8_t{5});
        CHECK(now.visits == 3);
        CHECK(now.kinds == (kind_bit(TokenKind::card) | kind_bit(TokenKind::nfc)));
        expected = line(now);
    }
    Opened store{path};
    CHECK(line(store.ledger->members().load(*store.ledger->members().member_of(token(2).key)))
          == expected);
}

TEST_CASE("members: recent visits can be amended, the one before them gives the streak", "[ledger]")
{
    std::mt19937_64 random{9};
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    const auto id = store.enrol({{"m-1", false, true, {}, {}}}).front();
    const auto visit = [&](std::uint32_t ordinal, Instant opened, VisitState state) {
        auto v = some_visit(random, id, "m-1", ordinal);
        v.opened_at = opened;
        v.left_at = opened + 30min;
        v.state = state;
        Batch batch;
        batch.visits.push_back(v);
        batch.engine_time = std::max(opened, at(10 * 24h + ordinal * 1min));
        store.commit(std::move(batch));
        return v;
    };
    visit(0, at(1 * 24h), VisitState::settled);
    const auto before = visit(1, at(5 * 24h), VisitState::settled);
    const auto recent = visit(2, at(9 * 24h), VisitState::settled);
    // A register delivers a receipt after days: a visit of its own, older than its row.
    visit(3, at(3 * 24h), VisitState::settled);
    const auto later = visit(4, at(10 * 24h), VisitState::settled);
    visit(5, at(10 * 24h + 1h), VisitState::open);

    const auto member = store.ledger->members().load(id);
    REQUIRE(member.recent.size() == 2);
    CHECK(line(member.recent[0]) == line(recent));
    CHECK(line(member.recent[1]) == line(later));
    REQUIRE(member.before_recent);
    CHECK(member.before_recent->visit == before.id);
    CHECK(member.before_recent->streak == before.streak);
    CHECK(member.before_recent->outcome == before.outcome());
}

TEST_CASE("members: a flood of unknown tokens stays within the cache", "[ledger]")
{
    TempFolder folder;
    Opened store{folder.file("ledger.db")};
    auto& members = store.ledger->members();
    store.enrol({{"m-1", {}, true, {}, {token(1)}}});
    for (std::uint64_t n = 2; n < 30'000; ++n) {
        TokenKey key{n * 0x9e3779b97f4a7c15, n};
        if (members.member_of(key)) FAIL("nobody enrolled token " << n);
    }
    CHECK(members.member_of(token(1).key));
}

TEST_CASE("members: a large list is imported as one transaction", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    std::vector<Enrolment> list;
    for (std::uint64_t n = 0; n < 20'000; ++n)
        list.push_back(
            {"m-" + std::to_string(n), false, true, {}, {token(2 * n), token(2 * n + 1)}});
    const auto commits = store.ledger->state().commits;
    const auto ids = store.enrol(list);
    CHECK(store.ledger->state().commits == commits + 1);
    CHECK(store.ledger->members().member_of(token(39'999).key) == ids.back());
    CHECK(store.ledger->members().load(ids[500]).name == "m-500");
}

TEST_CASE("bench: import of 100,000 members", "[.bench]")
{
    TempFolder folder;
    Opened store{folder.file("ledger.db")};
    std::vector<Enrolment> list;
    for (std::uint64_t n = 0; n < 100'000; ++n)
        list.push_back(
            {"m-" + std::to_string(n), false, true, {}, {token(2 * n), token(2 * n + 1)}});
    const auto started = std::chrono::steady_clock::now();
    store.enrol(list);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    WARN("100,000 members with two tokens each: " << took.count() << " s");
}
