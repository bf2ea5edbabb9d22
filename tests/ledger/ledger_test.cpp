#include "tests/ledger/support.hpp"

#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/schema.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

Batch journal_batch(int number)
{
    Batch batch;
    batch.journal.push_back(
        {at(Millis{number}), at(Millis{number}), "checkin", std::to_string(number)});
    batch.engine_time = at(Millis{number});
    return batch;
}

Remembered::ReceiptKey receipt_key(const std::string& number)
{
    Remembered::ReceiptKey key;
    key.pos = "reg-2";
    key.number = number;
    key.day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    key.content = 0xfedcba9876543210;
    key.at = at(3s);
    return key;
}

}  // namespace

TEST_CASE("ledger: whatever goes in comes out as it was, also after a restart", "[ledger]")
{
    const auto seed = GENERATE(11u, 12u, 13u);
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    TempFolder folder;
    const auto path = folder.file("ledger.db");

    std::map<std::uint64_t, VisitRecord> visits;
    std::map<std::uint64_t, CouponRecord> coupons;
    std::vector<Summary> summaries;
    std::string before;
    std::uint64_t epoch = 0;
    {
        Opened store{path};
        epoch = store.ledger->epoch();
        const auto ids = store.enrol({{"m-1", false, true, 5, {token(1)}},
                                      {"m-2", true, false, {}, {token(2), token(3)}},
                                      {"m-3", false, true, 12, {}}});
        std::vector<VisitRecord> known;
        for (std::uint32_t n = 0; n < 60; ++n) {
            Batch batch;
            batch.engine_time = at(Millis{10'000'000 + n});
            const auto who = random() % 3;
            const auto name = "m-" + std::to_string(who + 1);
            auto visit = some_visit(random, ids[who], name, n);
            if (!known.empty() && random() % 2 != 0) {  // an older one changes
                const auto& old = known[random() % known.size()];
                visit.id = old.id;
                visit.member = old.member;
                visit.member_name = old.member_name;
            }
            known.push_back(visit);
            visits[visit.id.value()] = visit;
            batch.visits.push_back(visit);
            const auto coupon = some_coupon(random, ids[who], name);
            coupons[coupon.id.value()] = coupon;
            batch.coupons.push_back(coupon);
            summaries.push_back(some_summary(random, Summary::Bucket::hour, at(n * 1h)));
            batch.summaries.push_back(summaries.back());
            ReceiptRow receipt{receipt_key(std::to_string(n)), "JPY", {}};
            receipt.key.total = Money::from_units(n);
            receipt.lines.push_back({"49", "緑茶 \"L\"", Money::from_units(2),
                                     Money::from_ten_thousandths(12'345), "drink"});
            batch.receipts.push_back(receipt);
            batch.checkins.push_back(
                {"desk-1", token(n).key, "id-" + std::to_string(n), at(n * 37 % 60 * 1s)});
            batch.readers.push_back({"ent-1", true, n % 2 == 0, "why", at(n * 1s)});
            batch.leases.push_back(
                {{"welcome-back", n, Money::from_units(n), n, at(48h)}, Money::from_units(1), 2});
            batch.campaigns_learned = std::string{"learned\0by", 10} + std::to_string(n);
            batch.stream.push_back({n + 1, at(n * 1s), "raiten.visit.opened.v1",
                                    "id" + std::to_string(n), "{\"n\":" + std::to_string(n) + "}"});
            store.commit(std::move(batch));
        }
        before = line(value(store.ledger->remember()));
        CHECK(store.ledger->state().healthy);
    }

    Opened store{path};
    auto& ledger = *store.ledger;
    CHECK(ledger.epoch() == epoch);
    CHECK(ledger.next_cursor() == 61);
    CHECK(ledger.engine_time() == at(Millis{10'000'059}));
    const auto remembered = value(ledger.remember());
    CHECK(line(remembered) == before);
    CHECK(remembered.receipts.size() == 60);
    CHECK(remembered.checkins.size() == 60);
    CHECK(remembered.readers.size() == 60);
    CHECK(std::is_sorted(remembered.checkins.begin(), remembered.checkins.end(),
                         [](const auto& a, const auto& b) { return a.at < b.at; }));
    CHECK(remembered.standings.at("welcome-back").account.lease->grant.version == 59);
    CHECK(remembered.campaigns_learned == std::string{"learned\0by", 10} + "59");

    std::size_t unsettled = 0;
    for (const auto& [id, visit] : visits) unsettled += visit.state != VisitState::settled;
    CHECK(remembered.unsettled.size() == unsettled);
    CHECK(remembered.settled.size() == visits.size() - unsettled);

    std::size_t seen = 0;
    VisitFilter filter;
    filter.limit = 7;
    do {
        const auto page = value(ledger.visits(filter));
        for (const auto& visit : page.visits) {
            CHECK(line(visit) == line(visits.at(visit.id.value())));
            ++seen;
        }
        filter.before = page.older;
    } while (filter.before);
    CHECK(seen == visits.size());

    std::size_t returned = 0;
    for (const auto& visit : value(ledger.returns({}, 1000)).visits) returned += visit.streak > 0;
    CHECK(returned
          == static_cast<std::size_t>(std::count_if(visits.begin(), visits.end(),
                                                    [](auto& v) { return v.second.streak > 0; })));

    const auto page = value(ledger.coupons({}, {}, 1000));
    CHECK(page.coupons.size() == coupons.size());
    for (const auto& coupon : page.coupons) {
        CHECK(line(coupon) == line(coupons.at(coupon.id.value())));
        CHECK(ledger.members().owner_of(coupon.id) == coupon.member);
        CHECK(line(*value(ledger.coupon(coupon.id))) == line(coupon));
    }
    const auto found = value(ledger.summaries(Summary::Bucket::hour, at(0s), at(60h), 1000));
    REQUIRE(found.size() == summaries.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(line(found[i]) == line(summaries[i]));

    const auto receipt = value(ledger.receipt(receipt_key("17")));
    REQUIRE(receipt);
    CHECK(receipt->key.content == 0xfedcba9876543210);
    CHECK(receipt->key.total == Money::from_units(17));
    REQUIRE(receipt->lines.size() == 1);
    CHECK(receipt->lines[0].name == "緑茶 \"L\"");
    CHECK(receipt->lines[0].amount == Money::from_ten_thousandths(12'345));
    const auto backlog = value(ledger.stream_after(58, 10));
    REQUIRE(backlog.size() == 2);
    CHECK(backlog[0].json == "{\"n\":58}");
}

TEST_CASE("ledger: batches share commits, keep their order, and are answered when durable",
          "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    constexpr int count = 500;

    // Somebody else holds the write lock, so that everything piles up behind it.
    auto other = value(Database::open(path, Database::Access::read_write, 1000ms));
    other->begin();
    std::vector<int> answered;
    for (int n = 0; n < count; ++n)
        store.ledger->commit(journal_batch(n), [&, n](const Result<void>& how) {
            CHECK(how.has_value());
            answered.push_back(n);
            if (n % 50 != 0) return;
            auto eye = value(Database::open(path, Database::Access::read_only, 1000ms));
            const auto rows = journal_after(*eye, static_cast<std::uint64_t>(n), 1);
            REQUIRE(rows.size() == 1);  // another connection sees it already
            CHECK(rows[0].entry.payload == std::to_string(n));
        });
    CHECK(answered.empty());
    CHECK(value(store.ledger->journal_after(0, 10)).empty());
    other->rollback();
    REQUIRE(store.loop.run_until([&] { return answered.size() == count; }));
    CHECK(std::is_sorted(answered.begin(), answered.end()));
    const auto state = store.ledger->state();
    CHECK(state.works == count);
    CHECK(state.commits < 20);
    CHECK(state.bytes_written > 0);
    CHECK(state.healthy);
}

TEST_CASE("ledger: what nobody waits for lingers until somebody does", "[ledger]")
{
    TempFolder folder;
    Committer::Options commit;
    commit.linger = std::chrono::hours{1};
    Opened store{folder.file("ledger.db"), commit};
    int answered = 0;
    for (int n = 0; n < 10; ++n) {
        auto batch = journal_batch(n);
        batch.awaited = n == 9;
        store.ledger->commit(std::move(batch), [&](const Result<void>&) { ++answered; });
    }
    REQUIRE(store.loop.run_until([&] { return answered == 10; }));
    CHECK(store.ledger->state().commits == 1);
}

TEST_CASE("ledger: a full queue says so, and says when there is room again", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Committer::Options commit;
    commit.queue_max = 10;
    Opened store{path, commit};
    bool told = false;
    store.ledger->on_room([&] { told = true; });
    auto other = value(Database::open(path, Database::Access::read_write, 1000ms));
    other->begin();
    CHECK(store.ledger->room());
    for (int n = 0; n < 12; ++n) store.ledger->commit(journal_batch(n), {});
    CHECK_FALSE(store.ledger->room());
    other->rollback();
    REQUIRE(store.loop.run_until([&] { return told; }));
    CHECK(store.ledger->room());
}

TEST_CASE("ledger: a stop writes what is queued", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    {
        Opened store{path};
        for (int n = 0; n < 100; ++n) store.ledger->commit(journal_batch(n), {});
        store.ledger->stop();
        bool refused = false;
        store.ledger->commit(journal_batch(100),
                             [&](const Result<void>& how) { refused = !how.has_value(); });
        REQUIRE(store.loop.run_until([&] { return refused; }));
    }
    Opened store{path};
    CHECK(value(store.ledger->journal_after(0, 1000)).size() == 100);
}

TEST_CASE("outbox: settled rows go, dropped ones leave a gap, numbers go on", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    const auto sequences = [](const std::vector<OutboxEntry>& rows) {
        std::string out;
        for (const auto& row : rows)
            out += (row.gap_from ? std::to_string(*row.gap_from) + "-" : "")
                   + std::to_string(row.sequence) + " ";
        return out;
    };
    {
        Opened store{path};
        Batch batch;
        for (std::uint64_t n = 1; n <= 10; ++n) {
            batch.outbox.push_back(
                {Lane::coupon, n, "raiten.coupon.triggered.v1", std::string(100, 'x'), at(1h), {}});
            batch.outbox.push_back({Lane::visit, n, "raiten.visit.settled.v1", "{}", {}, {}});
        }
        store.commit(std::move(batch));
        auto& ledger = *store.ledger;
        int done = 0;
        const auto count = [&](const Result<void>& how) { done += how.has_value(); };
        ledger.outbox_settle(Lane::coupon, 2, count);
        ledger.outbox_drop(Lane::coupon, 4, 5, "expired", count);
        ledger.outbox_drop(Lane::coupon, 6, 6, "expired", count);  // joins the gap before it
        ledger.outbox_drop(Lane::coupon, 8, 8, "too many", count);
        ledger.outbox_drop(Lane::coupon, 90, 99, "nothing there", count);
        ledger.outbox_settle(Lane::visit, 1'000'000, count);  // HQ cannot know what was never sent
        REQUIRE(store.loop.run_until([&] { return done == 6; }));
        CHECK(sequences(value(ledger.outbox_after(Lane::coupon, 0, 100, 10'000)))
              == "3 4-6 7 8-8 9 10 ");
        CHECK(sequences(value(ledger.outbox_after(Lane::coupon, 6, 2, 10'000))) == "7 8-8 ");
        CHECK(sequences(value(ledger.outbox_after(Lane::coupon, 8, 100, 150))) == "9 ");
        CHECK(sequences(value(ledger.outbox_after(Lane::coupon, 8, 100, 1))) == "9 ");
    }
    Opened store{path};
    const auto coupon = value(store.ledger->lane_head(Lane::coupon));
    CHECK(coupon.next == 11);
    CHECK(coupon.settled == 2);
    CHECK(coupon.waiting == 6);
    const auto visit = value(store.ledger->lane_head(Lane::visit));
    CHECK(visit.next == 11);
    CHECK(visit.settled == 10);
    CHECK(value(store.ledger->lane_head(Lane::summary)).next == 1);
    const auto gap = value(store.ledger->outbox_after(Lane::coupon, 3, 1, 1));
    REQUIRE(gap.size() == 1);
    CHECK(gap[0].type == "gap");
    CHECK(gap[0].payload == "expired");
}

TEST_CASE("visits: found by state and by the time they opened", "[ledger]")
{
    std::mt19937_64 random{5};
    TempFolder folder;
    Opened store{folder.file("ledger.db")};
    const auto id = store.enrol({{"m-1", false, true, {}, {}}}).front();
    std::vector<VisitRecord> all;
    for (std::uint32_t n = 0; n < 200; ++n) {
        auto visit = some_visit(random, id, "m-1", n);
        visit.opened_at = at(n * 1min - Millis{random() % 600'000});  // told up to 10 min late
        all.push_back(visit);
        Batch batch;
        batch.visits.push_back(visit);
        batch.engine_time = at(n * 1min);
        store.ledger->commit(std::move(batch), {});
    }
    store.commit({});
    for (const auto state : {VisitState::open, VisitState::ended, VisitState::settled})
        for (const auto since : {at(-1h), at(50min), at(150min + 1s), at(10h)}) {
            VisitFilter filter;
            filter.state = state;
            filter.since = since;
            filter.limit = 1000;
            std::set<std::uint64_t> got;
            for (const auto& v : value(store.ledger->visits(filter)).visits)
                got.insert(v.id.value());
            std::set<std::uint64_t> expected;
            for (const auto& v : all)
                if (v.state == state && v.opened_at >= since) expected.insert(v.id.value());
            CHECK(got == expected);
        }
    const auto newest = value(store.ledger->visits_of(id, 3));
    REQUIRE(newest.size() == 3);
    CHECK(line(newest[0]) == line(all[199]));
    CHECK(line(newest[2]) == line(all[197]));
}

TEST_CASE("retention: what is old goes in slices, a wrong clock deletes nothing", "[ledger]")
{
    std::mt19937_64 random{6};
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Opened store{path};
    auto& ledger = *store.ledger;
    const auto id = store.enrol({{"m-1", false, true, {}, {}}}).front();
    constexpr int days = 500;
    for (int day = 0; day < days; ++day) {
        Batch batch;
        batch.engine_time = at(day * 24h);
        auto visit = some_visit(random, id, "m-1", static_cast<std::uint32_t>(day));
        visit.opened_at = visit.left_at = *batch.engine_time;
        visit.state = day == 3 ? VisitState::ended : VisitState::settled;
        batch.visits.push_back(visit);
        batch.journal.push_back({*batch.engine_time, *batch.engine_time, "tick", "{}"});
        batch.stream.push_back(
            {static_cast<std::uint64_t>(day) + 1, *batch.engine_time, "t", "i", "{}"});
        batch.receipts.push_back({receipt_key(std::to_string(day)), "JPY", {}});
        ledger.commit(std::move(batch), {});
    }
    const auto prune = [&](Instant now) {
        std::uint64_t total = 0;
        for (std::uint64_t slice = 1; slice > 0; total += slice) {
            bool done = false;
            ledger.prune(now, [&](const Result<std::uint64_t>& gone) {
                slice = gone.has_value() ? *gone : 0;
                done = true;
            });
            REQUIRE(store.loop.run_until([&] { return done; }));
        }
        return total;
    };
    const auto newest = at((days - 1) * 24h);
    CHECK(prune(newest) == 469 + 469 + 99 + 98);  // journal, stream, receipts, settled visits
    CHECK(prune(Instant{}) == 0);
    CHECK(prune(newest + 24h * 365 * 50) == 0);
    const auto counts = value(ledger.counts());
    CHECK(counts.journal == 31);
    CHECK(counts.stream == 31);
    CHECK(counts.unsettled == 1);
    CHECK(value(ledger.visits_of(id, 1000)).size() == 401);  // the chain ends where rows are gone
    CHECK(value(ledger.oldest_cursor()) == 470);
    Batch batch;
    batch.stream.push_back({days + 1, newest, "t", "i", "{}"});
    store.commit(std::move(batch));
    CHECK(value(ledger.stream_after(days, 10)).size() == 1);
}

TEST_CASE("schema: a newer file, a stranger's file and another store's are left alone", "[ledger]")
{
    TempFolder folder;
    TestLoop loop;
    const auto path = folder.file("ledger.db");
    const auto touch = [](const std::string& file, const std::string& sql) {
        auto db = value(Database::open(file, Database::Access::read_write, 1000ms));
        db->script(sql);
        REQUIRE(db->ok());
    };
    {
        Opened store{path};
    }

    auto options = options_for(path);
    options.store = "acme/ginza/box-9";
    const auto moved = Ledger::open(options, loop.post());
    REQUIRE_FALSE(moved.has_value());
    CHECK(moved.error().text().find("belongs to acme/shibuya/box-1") != std::string::npos);

    touch(path, "PRAGMA user_version=" + std::to_string(schema_version + 1));
    const auto newer = Ledger::open(options_for(path), loop.post());
    REQUIRE_FALSE(newer.has_value());
    CHECK(newer.error().text().find("newer Raiten") != std::string::npos);

    const auto photos = folder.file("photos.db");
    touch(photos, "CREATE TABLE photo(x)");
    const auto stranger = Ledger::open(options_for(photos), loop.post());
    REQUIRE_FALSE(stranger.has_value());
    CHECK(stranger.error().text().find("not a Raiten ledger") != std::string::npos);
}

TEST_CASE("bench: batches of 1, 10 and 100 visits", "[.bench]")
{
    for (const int size : {1, 10, 100}) {
        std::mt19937_64 random{1};
        TempFolder folder;
        const auto path = folder.file("ledger.db");
        Opened store{path};
        std::vector<Enrolment> list;
        for (int n = 0; n < 5000; ++n) list.push_back({"m-" + std::to_string(n), {}, {}, {}, {}});
        const auto ids = store.enrol(list);
        const auto bytes_before = store.ledger->state().bytes_written;
        constexpr int rows = 20'000;
        const auto started = std::chrono::steady_clock::now();
        for (int row = 0; row < rows;) {
            Batch batch;
            for (int n = 0; n < size; ++n, ++row)
                batch.visits.push_back(some_visit(random, ids[random() % ids.size()], "",
                                                  static_cast<std::uint32_t>(row)));
            bool done = false;
            store.ledger->commit(std::move(batch), [&](const Result<void>&) { done = true; });
            REQUIRE(store.loop.run_until([&] { return done; }));
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
        const auto state = store.ledger->state();
        store.ledger->stop();
        const auto written = (state.bytes_written - bytes_before) / rows;
        WARN("batch " << size << ": " << static_cast<int>(rows / took.count()) << " visits/s, "
                      << written << " bytes written and " << std::filesystem::file_size(path) / rows
                      << " bytes of file a visit");
    }
}
