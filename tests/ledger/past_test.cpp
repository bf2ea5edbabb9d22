#include "daemon/ledger/past.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

/// A store's past lies beneath what its ledger has lived, and ages like it.
using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

constexpr Millis day = 24h;

VisitRecord visit_at(Instant at, MemberId member, std::uint32_t ordinal)
{
    VisitRecord visit;
    visit.id = VisitId{member.value() * 1000 + ordinal};
    visit.member = member;
    visit.ordinal = ordinal;
    visit.state = VisitState::settled;
    visit.opened_at = visit.left_at = visit.zone_since = at;
    visit.close_reason = CloseReason::timeout;
    visit.revision = 1;
    return visit;
}

ReceiptRow receipt_at(Instant at, const std::string& number)
{
    ReceiptRow row;
    row.key.pos = "reg-1";
    row.key.number = number;
    row.key.day = std::chrono::floor<std::chrono::days>(at);
    row.key.at = at;
    row.key.total = Money::from_units(5);
    row.currency = "JPY";
    return row;
}

std::unique_ptr<Past> past_of(const std::string& path)
{
    StoreFile file;
    file.path = path;
    file.store = "t/s/d";
    return value(Past::open(file, value(FileLock::take(path + ".lock"))));
}

/// Visits of a member on those days before `newest`, and a receipt with each.
void give_past(Past& past, const std::string& name, Instant newest, const std::vector<int>& days)
{
    MemberRecord member;
    member.name = name;
    member.id = past.enrol(name);
    for (const int back : days) {
        const auto at = newest - back * day;
        REQUIRE(past.put(receipt_at(at, name + std::to_string(member.visits)), at));
        past.put(visit_at(at, member.id, member.visits++));
    }
    member.settled_visits = member.visits;
    member.first_visit_at = newest - days.front() * day;
    past.put(member);
}

std::vector<std::string> listed(Ledger& ledger, const VisitFilter& filter = {})
{
    std::vector<std::string> out;
    for (const auto& visit : value(ledger.visits(filter)).visits)
        out.push_back(visit.member_name + std::to_string(visit.ordinal));
    return out;
}

Ledger::Options options_of(const std::string& path)
{
    Ledger::Options options;
    options.path = path;
    options.store = "t/s/d";
    return options;
}

}  // namespace

TEST_CASE("past: without commit nothing of it is there", "[ledger][past]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    give_past(*past_of(path), "ann", at(500 * day), {3, 2});
    TestLoop loop;
    const auto ledger = value(Ledger::open(options_of(path), loop.post()));
    CHECK(listed(*ledger).empty());
    CHECK_FALSE(value(ledger->member("ann")).has_value());
}

TEST_CASE("past: it lies beneath what was lived, however often and late it comes", "[ledger][past]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    const Instant born = at(500 * day);
    const auto live = [&](const std::string& name, Instant when) {
        TestLoop loop;
        const auto ledger = value(Ledger::open(options_of(path), loop.post()));
        bool done = false;
        const auto id = value(ledger->enrol({{name, false, true, {}, {}}}, {})).at(0);
        Batch batch;
        auto member = ledger->members().load(id);
        batch.visits.push_back(visit_at(when, id, member.visits++));
        batch.receipts.push_back(receipt_at(when, name + " live"));
        batch.members.push_back(member);
        batch.engine_time = when;
        ledger->commit(std::move(batch), [&](const Result<void>&) { done = true; });
        REQUIRE(loop.run_until([&] { return done; }));
    };
    {
        const auto past = past_of(path);
        give_past(*past, "ann", born, {300, 20, 10});
        REQUIRE(past->commit().has_value());
    }
    live("zoe", born);
    live("ann", born + 1h);
    {
        const auto past = past_of(path);
        give_past(*past, "bob", born, {250, 15, 1, -2});  // the last one after the first live one
        REQUIRE(past->commit().has_value());
    }
    {
        const auto past = past_of(path);
        give_past(*past, "cid", born, {250, 15, 15});  // the very moments of another
        REQUIRE(past->commit().has_value());
    }
    TestLoop loop;
    const auto ledger = value(Ledger::open(options_of(path), loop.post()));
    // As one after the other: what was lived first in the list, then the past by its time.
    CHECK(listed(*ledger)
          == std::vector<std::string>{"ann3", "zoe0", "bob3", "bob2", "ann2", "cid2", "cid1",
                                      "bob1", "ann1", "cid0", "bob0", "ann0"});
    VisitFilter filter;
    filter.since = born - 12 * day;
    CHECK(listed(*ledger, filter)
          == std::vector<std::string>{"ann3", "zoe0", "bob3", "bob2", "ann2"});
    filter = {};
    filter.limit = 5;
    const auto page = value(ledger->visits(filter));
    filter.before = page.older;
    CHECK(listed(*ledger, filter)
          == std::vector<std::string>{"cid2", "cid1", "bob1", "ann1", "cid0"});
    CHECK(value(ledger->counts()).visits == 12);
    CHECK(value(ledger->counts()).receipts == 12);

    // The chain of a member goes through both.
    const auto ann = value(ledger->member("ann"));
    REQUIRE(ann.has_value());
    CHECK(ann->visits == 4);
    CHECK(value(ledger->visits_of(ann->id, 10)).size() == 4);
    // No figure of a period is made of it.
    for (const auto& visit : value(ledger->remember()).settled)
        CHECK((visit.member_name == "zoe" || visit.ordinal == 3));

    // It goes when it is as old as what was lived would be.
    const auto prune = [&](Instant now) {
        bool done = false;
        Batch batch;
        batch.engine_time = now;
        ledger->commit(std::move(batch), {});
        ledger->prune(now, [&](const Result<std::uint64_t>&) { done = true; });
        REQUIRE(loop.run_until([&] { return done; }));
    };
    prune(born + 151 * day);
    CHECK(listed(*ledger)
          == std::vector<std::string>{"ann3", "zoe0", "bob3", "bob2", "ann2", "cid2", "cid1",
                                      "bob1", "ann1"});
    CHECK(value(ledger->counts()).receipts == 9);
}

TEST_CASE("past: a state that the engine left before does not know of it", "[ledger][past]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    {
        TestLoop loop;
        const auto ledger = value(Ledger::open(options_of(path), loop.post()));
        Batch last;
        last.engine_time = at(5s);
        last.engine_state = "state";
        last.awaited = false;
        ledger->commit(std::move(last), {});
        ledger->stop();
    }
    {
        const auto past = past_of(path);
        give_past(*past, "ann", at(500 * day), {3});
        REQUIRE(past->commit().has_value());
    }
    TestLoop loop;
    const auto ledger = value(Ledger::open(options_of(path), loop.post()));
    CHECK_FALSE(value(ledger->engine_state()).has_value());
    CHECK(ledger->engine_time() == at(5s));
}
