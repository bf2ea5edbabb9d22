#include "tests/ledger/support.hpp"

#include "daemon/engine/engine.hpp"
#include "daemon/ledger/database.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/same_segments.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

/// The store's own figures against SQL over its visits, as daemon/kpi/README.md shows it.
using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t people = 60;

/// The SQL in the README that begins like this.
std::string documented(const std::string& start)
{
    std::ifstream in{std::string{RAITEN_SOURCE_DIR} + "/daemon/kpi/README.md"};
    std::string line, sql;
    bool inside = false;
    while (std::getline(in, line)) {
        if (line == "```sql") {
            inside = true;
            sql.clear();
        } else if (line == "```") {
            if (inside && sql.starts_with(start)) return sql;
            inside = false;
        } else if (inside) {
            sql += line + "\n";
        }
    }
    FAIL("the README has no SQL that begins with " << start);
    return {};
}

/// Berlin, around a change of its clocks.
StoreClock berlin(bool autumn)
{
    using std::chrono::year;
    const auto change = autumn ? std::chrono::sys_days{year{2026} / 10 / 25}
                               : std::chrono::sys_days{year{2026} / 3 / 29};
    StoreClock clock;
    clock.offsets = {{Instant::min(), autumn ? 120min : 60min},
                     {change + 1h, autumn ? 60min : 120min}};
    return clock;
}

/// A store that lives some days into a ledger, and is started anew in between.
class Store {
 public:
    Store(std::uint64_t seed, bool autumn) : dice_{seed}, clock_{berlin(autumn)}
    {
        first_ = clock_.start_of(std::chrono::floor<std::chrono::days>(clock_.offsets[1].from)
                                 - std::chrono::days{2});
        now_ = first_;
        start();
        std::vector<Enrolment> all;
        for (std::uint64_t n = 0; n < people; ++n)
            all.push_back({"m-" + std::to_string(n),
                           false,
                           true,
                           {},
                           {token(n, TokenKind::card), token(1000 + n, TokenKind::ibeacon)}});
        opened_->enrol(all);
    }

    void live(int days, bool restarted)
    {
        for (int day = 0; day < days; ++day) {
            const Instant morning =
                clock_.start_of(clock_.day_of(first_ + 3h) + std::chrono::days{day});
            std::vector<Event> events;
            evening_ = morning + 22h + 30min;
            for (int n = 0; n < 160; ++n)
                visit(morning + Millis{dice_.below(22 * 3'600'000)}, events);
            for (int n = 0; n < 3; ++n)
                outage(morning + Millis{dice_.below(22 * 3'600'000)}, events);
            std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
                return a.received_at < b.received_at;
            });
            for (const auto& event : events) tell(event);
            if (day == 1) night(morning + 23h + 45min, restarted);
        }
        tell({now_ + 96h, now_ + 96h, Tick{}});
        engine_.reset();
        opened_.reset();
    }

    const std::string path() const { return folder_.file("ledger.db"); }
    std::size_t revised{};

 private:
    void start()
    {
        engine_.reset();
        opened_.reset();
        opened_ = std::make_unique<Opened>(path());
        Engine::Setup setup;
        setup.clock = clock_;
        setup.currency = "EUR";
        setup.k_anonymity = 5;
        setup.seed = 7;
        setup.sketch_key = {1, 2};
        setup.readers = {{"door", "entrance", true, bluetooth_kinds},
                         {"floor", "floor", true, bluetooth_kinds},
                         {"till", "register", true, bluetooth_kinds},
                         {"desk", "entrance", false, {}}};
        Campaign campaign;
        campaign.id = "back";
        campaign.moment = Moment::non_purchase_return;
        campaign.offers.resize(1);
        campaign.offers[0].code = "ten";
        campaign.control = 0.2;
        campaign.valid_for = 6h;
        setup.campaigns = {campaign};
        engine_ = std::make_unique<Engine>(std::move(setup), opened_->ledger->members(), segments_);
        engine_->restore(value(opened_->ledger->remember()));
    }

    /// Nobody is there; what changed since the last commit is kept before a restart.
    void night(Instant at, bool restarted)
    {
        tell({at, at, Tick{}});
        if (!restarted) return;
        auto last = engine_->checkpoint();
        Batch batch;
        batch.visits = std::move(last.visits);
        batch.summaries = std::move(last.summaries);
        batch.engine_time = engine_->now();
        opened_->commit(std::move(batch));
        start();
    }

    void visit(Instant at, std::vector<Event>& events)
    {
        const auto who = dice_.below(people);
        const bool passive = dice_.below(3) > 0;
        const auto stay = Millis{60'000 + dice_.below(1'200'000)};
        if (passive) {
            for (const auto reader : {0, 1, 2})
                for (Millis in{0}; in < stay / 3; in += 20s) {
                    const Instant t = at + stay / 3 * reader + in;
                    events.push_back({t, t,
                                      Sighting{ReaderId{static_cast<std::uint16_t>(reader)},
                                               token(1000 + who, TokenKind::ibeacon), -60}});
                }
        } else {
            events.push_back({at, at, CheckIn{ReaderId{3}, token(who, TokenKind::card), ""}});
        }
        const auto strange =
            Token{{dice_.word(), dice_.below(500)}, TokenKind::ble, dice_.below(2) == 0};
        events.push_back({at, at, Sighting{ReaderId{0}, strange, -70}});
        if (dice_.below(5) < 2) sale(at + stay - 10s, who, events);
    }

    void sale(Instant at, std::uint64_t who, std::vector<Event>& events)
    {
        Receipt receipt;
        receipt.pos = "till-1";
        receipt.number = std::to_string(++receipts_);
        const auto how = dice_.below(10);
        if (how < 6) receipt.token = token(who, TokenKind::card);
        if (how > 7) {  // somebody else stood there too
            const Token strange{{dice_.word(), 1}, TokenKind::ble, false};
            events.push_back({at, at, Sighting{ReaderId{2}, strange, -66}});
        }
        if (how == 6) receipt.token = token(99'999, TokenKind::card);
        receipt.total =
            Money::from_ten_thousandths(static_cast<std::int64_t>(1 + dice_.below(9'999'999)));
        receipt.currency = "EUR";
        for (auto lines = dice_.below(4); lines > 0; --lines)
            receipt.lines.push_back({"sku", "thing",
                                     Money::from_ten_thousandths(
                                         static_cast<std::int64_t>(2'500 * (1 + dice_.below(9)))),
                                     receipt.total, ""});
        const bool late = dice_.below(6) == 0;
        // All is told by the end of the day: what readers did is not taken back in an hour.
        const Instant told =
            late ? std::max(at, std::min(evening_, at + Millis{dice_.below(12 * 3'600'000)})) : at;
        events.push_back({at, told, receipt});
        if (dice_.below(8) > 0) return;
        Receipt back = receipt;
        back.kind = dice_.below(2) == 0 ? ReceiptKind::void_ : ReceiptKind::refund;
        back.number = std::to_string(++receipts_);
        back.refers_to = receipt.number;
        back.lines.clear();
        if (back.kind == ReceiptKind::refund)
            back.total = Money::from_ten_thousandths(receipt.total.ten_thousandths() / 3);
        const Instant when =
            std::max(told, std::min(evening_, told + Millis{dice_.below(6 * 3'600'000)}));
        events.push_back({when, when, back});
    }

    void outage(Instant at, std::vector<Event>& events)
    {
        const Instant back = at + Millis{dice_.below(3'600'000)};
        if (dice_.below(2) == 0) {  // all of them
            for (std::uint16_t each = 0; each < 3; ++each) {
                events.push_back({at, at, ReaderState{ReaderId{each}, false, "test"}});
                events.push_back({back, back, ReaderState{ReaderId{each}, true, "test"}});
            }
            return;
        }
        const ReaderId reader{static_cast<std::uint16_t>(dice_.below(3))};
        events.push_back({at, at, ReaderState{reader, false, "test"}});
        events.push_back({back, back, ReaderState{reader, true, "test"}});
    }

    void tell(const Event& event)
    {
        now_ = std::max(now_, event.received_at);
        Consequence what = engine_->apply(event);
        Batch batch;
        for (const auto& effect : what.effects) {
            if (const auto* issued = std::get_if<SummaryIssued>(&effect.what)) {
                batch.summaries.push_back(issued->summary);
                if (issued->summary.revision > 1) ++revised;
            }
        }
        std::vector<CouponRecord> shown;
        for (const auto& coupon : what.coupons)
            if (coupon.state == CouponState::triggered && dice_.below(2) == 0)
                shown.push_back(coupon);
        const auto* receipt = std::get_if<Receipt>(&event.what);
        if (receipt && what.verdict <= Verdict::accepted) {
            ReceiptRow row;
            row.key = {receipt->pos,
                       receipt->number,
                       receipt->kind,
                       clock_.day_of(event.at),
                       Engine::content_of(*receipt),
                       event.at,
                       receipt->total,
                       receipt->refers_to};
            row.currency = receipt->currency;
            batch.receipts.push_back(std::move(row));
        }
        if (const auto* state = std::get_if<ReaderState>(&event.what))
            batch.readers.push_back(
                {engine_->info(state->reader).name, true, state->up, "", event.at});
        const bool nothing = what.visits.empty() && what.members.empty() && what.coupons.empty()
                             && batch.summaries.empty() && batch.receipts.empty()
                             && batch.readers.empty();
        batch.visits = std::move(what.visits);
        batch.members = std::move(what.members);
        batch.coupons = std::move(what.coupons);
        batch.engine_time = engine_->now();
        // Nothing waits for a disk here but the end and a restart.
        if (!nothing) opened_->ledger->commit(std::move(batch), {});
        if (std::holds_alternative<Tick>(event.what)) opened_->commit({});
        for (const auto& coupon : shown) {
            tell({now_, now_, Delivery{coupon.id, "kiosk"}});
            if (dice_.below(2) == 0) tell({now_, now_, Redemption{coupon.id, "till-1"}});
        }
    }

    stage::Dice dice_;
    StoreClock clock_;
    TempFolder folder_;
    raiten::test::SameSegments segments_;
    std::unique_ptr<Opened> opened_;
    std::unique_ptr<Engine> engine_;
    Instant first_;
    Instant now_;
    Instant evening_;
    std::uint64_t receipts_{};
};

using Figures = std::map<std::string, std::vector<std::int64_t>>;

/// Columns after the first `names`, by the text of those.
Figures figures_of(Database& database, const std::string& sql, int names, int numbers)
{
    Figures out;
    auto rows = database.query(sql);
    while (rows.next()) {
        std::string name;
        for (int i = 0; i < names; ++i) name += rows.get<std::string>() + " ";
        auto& row = out[name];
        for (int i = 0; i < numbers; ++i) row.push_back(rows.get<std::int64_t>());
    }
    return out;
}

}  // namespace

TEST_CASE("figures: every issued figure equals SQL over the visits, to the last digit",
          "[ledger][kpi]")
{
    const bool autumn = GENERATE(true, false);
    const auto seed = GENERATE(1U, 2U);
    INFO("seed " << seed << (autumn ? ", a day of 25 hours" : ", a day of 23 hours"));
    Store store{seed, autumn};
    store.live(5, true);

    auto opened = Database::open(store.path(), Database::Access::read_only, 5s);
    REQUIRE(opened.has_value());
    Database& database = *opened.value();
    const std::string names =
        "visits, members, new_members, purchase_visits, purchase_visits_uncertain,"
        " non_purchase_visits, non_purchase_returns, returns_with_purchase, partly_blind,"
        " conversion_visits, conversion_purchases, dwell_visits, dwell_ms, transactions, itemised,"
        " units, revenue, to_purchase_1, to_purchase_2, to_purchase_3, to_purchase_4, "
        "to_purchase_5,"
        " spend_1, spend_2, spend_3, spend_4, spend_5, receipts_matched, receipts_inferred,"
        " coupons_triggered, coupons_withheld, coupons_delivered, coupons_redeemed, "
        "coupons_expired,"
        " coupons_revoked";
    const auto issued = figures_of(
        database, "SELECT bucket, starts_at, " + names + " FROM summary WHERE revision > 0", 2, 35);
    const auto recomputed = figures_of(database, documented("WITH receipt_of"), 2, 35);
    CHECK(issued.size() > 90);
    REQUIRE(issued.size() == recomputed.size());
    for (const auto& [period, figures] : issued) {
        INFO("bucket and start " << period);
        CHECK(figures == recomputed.at(period));
    }
    std::vector<std::int64_t> sums(35);
    for (const auto& [period, figures] : issued)
        for (std::size_t i = 0; i < figures.size(); ++i) sums[i] += figures[i];
    std::ostringstream shown;
    for (const auto sum : sums) shown << sum << ' ';
    INFO("sums of all columns: " << shown.str());
    CHECK(std::count(sums.begin(), sums.end(), 0) == 0);  // each was put to the test
    CHECK(store.revised > 20);

    const auto zones = figures_of(database,
                                  "SELECT bucket, starts_at, z.key, z.value ->> 0, z.value ->> 1,"
                                  " z.value ->> 2 FROM summary, json_each(zones) z"
                                  " WHERE revision > 0",
                                  3, 3);
    CHECK(zones.size() > 200);
    CHECK(zones == figures_of(database, documented("SELECT s.bucket, s.starts_at, z.key"), 3, 3));

    // Every sale is in one of the five, and in one period.
    const auto sales = figures_of(
        database,
        "SELECT s.bucket, s.starts_at, count(r.row) - (receipts_matched + receipts_inferred"
        " + receipts_ambiguous + receipts_unmatched + receipts_foreign) FROM summary s"
        " LEFT JOIN receipt r ON r.kind = 0 AND r.at >= s.starts_at AND r.at < s.ends_at"
        " WHERE s.revision > 0 GROUP BY 1, 2",
        2, 1);
    for (const auto& [period, figures] : sales) {
        INFO("sales in " << period);
        CHECK(figures[0] == 0);
    }
    // Hours make the day, also where it has 23 or 25.
    const auto days =
        figures_of(database,
                   "SELECT d.day, d.visits - sum(h.visits), d.revenue - sum(h.revenue),"
                   " d.observed_minutes < sum(h.observed_minutes) FROM summary d JOIN summary h"
                   " ON h.bucket = 0 AND h.day = d.day WHERE d.bucket = 1 GROUP BY d.day",
                   1, 3);
    CHECK(days.size() >= 5);
    for (const auto& [day, figures] : days) CHECK(figures == std::vector<std::int64_t>{0, 0, 0});
    const auto lengths = figures_of(
        database,
        "SELECT DISTINCT (ends_at - starts_at) / 3600000, 1 FROM summary WHERE bucket = 1", 1, 1);
    CHECK(lengths.contains(autumn ? "25 " : "23 "));
}

TEST_CASE("figures: a restart changes none, and nothing of what head office is told",
          "[ledger][kpi]")
{
    const auto seed = GENERATE(3U, 4U);
    INFO("seed " << seed);
    std::vector<std::vector<std::string>> seen;
    for (const bool restarted : {false, true}) {
        Store store{seed, true};
        store.live(4, restarted);
        Opened opened{store.path()};
        auto& lines = seen.emplace_back();
        for (const auto bucket : {Summary::Bucket::hour, Summary::Bucket::day})
            for (const auto& each :
                 value(opened.ledger->summaries(bucket, Instant::min(), Instant::max(), 1000)))
                lines.push_back(line(each));
    }
    REQUIRE(seen[0].size() == seen[1].size());
    CHECK(seen[0].size() > 60);
    for (std::size_t i = 0; i < seen[0].size(); ++i) CHECK(seen[0][i] == seen[1][i]);
}
