#include "daemon/ledger/histories.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

/// A ledger's file that is written by hand, and looked at through a connection of its own.
struct Archive {
    Archive()
        : path{folder.file("ledger.sqlite")},
          database{value(Database::open(path, Database::Access::read_write, 1s))}
    {
        REQUIRE(bring_up_to_date(*database).has_value());
        database->begin();
    }
    Histories look()
    {
        REQUIRE(database->commit().has_value());
        database->begin();
        return value(Histories::open(path));
    }
    MemberRecord member(std::uint64_t number)
    {
        MemberRecord m;
        m.id = MemberId{number};
        m.name = "m" + std::to_string(number);
        m.kinds = kind_bit(TokenKind::app);
        return m;
    }

    TempFolder folder;
    std::string path;
    std::unique_ptr<Database> database;
};

std::vector<MemberHistory> all_of(Histories& past, Detail detail)
{
    std::vector<MemberHistory> out;
    REQUIRE(past.each_member(
                    [&](const MemberHistory& history) {
                        out.push_back(history);
                        return true;
                    },
                    detail)
                .has_value());
    return out;
}

void check_same(const SettledVisit& read, const VisitRecord& written)
{
    CHECK(read.ordinal == written.ordinal);
    CHECK(read.opened_at == written.opened_at);
    CHECK(read.left_at == written.left_at);
    CHECK(read.dwell == written.dwell());
    CHECK(read.passive == written.passive);
    CHECK(read.blind == written.blind);
    CHECK(read.doubtful == written.doubtful);
    CHECK(read.streak == written.streak);
    CHECK(read.purchase == (written.outcome() == VisitOutcome::purchase));
    CHECK(read.spend == written.spend());
    CHECK(read.zones == written.zones);
    CHECK(read.readers == written.readers);
    REQUIRE(read.receipts.size() == written.receipts.size());
    for (std::size_t i = 0; i < read.receipts.size(); ++i) {
        const auto& one = read.receipts[i];
        const auto& other = written.receipts[i];
        CHECK(one.pos == other.pos);
        CHECK(one.number == other.number);
        CHECK(one.day == other.day);
        CHECK(one.at == other.at);
        CHECK(one.total == other.total);
        CHECK(one.counts() == other.counts());
        CHECK(one.attribution == other.attribution);
        CHECK(one.confidence == other.confidence);
    }
}

ReceiptRow sale(std::uint64_t number, ReceiptKind kind = ReceiptKind::sale)
{
    ReceiptRow row;
    row.key.pos = "reg-1";
    row.key.number = std::to_string(number);
    row.key.kind = kind;
    row.key.day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    row.key.at = at(number * 1min);
    row.lines = {{"sku-" + std::to_string(number), "お茶", Money::from_units(2),
                  Money::from_units(300), "drinks"}};
    return row;
}

}  // namespace

TEST_CASE("histories: a long look gives every settled visit as it was written", "[ledger]")
{
    const auto seed = GENERATE(1U, 2U, 3U);
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    Archive archive;
    std::map<std::uint64_t, std::map<std::uint32_t, VisitRecord>> written;
    for (std::uint64_t who = 1; who <= 20; ++who) {
        put_basics(*archive.database, archive.member(who));
        for (std::uint32_t n = 0; n < random() % 12; ++n) {
            auto visit = some_visit(random, MemberId{who}, "m" + std::to_string(who), n);
            visit.blind = Millis{static_cast<std::int64_t>(random() % 1000)};
            visit.doubtful = random() % 2 == 0;
            put_visit(*archive.database, visit, at(0ms));
            if (visit.state == VisitState::settled && visit.close_reason != CloseReason::withdrawn)
                written[who][n] = visit;
        }
    }
    auto past = archive.look();
    const auto whole = all_of(past, Detail::whole);
    const auto figures = all_of(past, Detail::figures);
    REQUIRE(whole.size() == figures.size());
    CHECK(whole.size() > 10);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto& one = whole[i];
        const auto& visits = written[one.member.value()];
        CHECK(one.name == "m" + std::to_string(one.member.value()));
        REQUIRE(one.visits.size() == visits.size());
        CHECK(
            std::is_sorted(one.visits.begin(), one.visits.end(),
                           [](const auto& a, const auto& b) { return a.opened_at < b.opened_at; }));
        for (const auto& visit : one.visits) check_same(visit, visits.at(visit.ordinal));
        // The short reading says the same of what it reads, and nothing of the rest.
        CHECK(figures[i].member == one.member);
        CHECK(figures[i].complete == one.complete);
        REQUIRE(figures[i].visits.size() == one.visits.size());
        for (std::size_t n = 0; n < one.visits.size(); ++n) {
            CHECK(figures[i].visits[n].opened_at == one.visits[n].opened_at);
            CHECK(figures[i].visits[n].spend == one.visits[n].spend);
            CHECK(figures[i].visits[n].zones.empty());
        }
    }
}

TEST_CASE("histories: who is left out says so, with what each redeemed and answered", "[ledger]")
{
    Archive archive;
    auto& database = *archive.database;
    std::mt19937_64 random{7};
    for (std::uint64_t who = 1; who <= 4; ++who) {
        auto member = archive.member(who);
        member.staff = who == 2;
        member.consent = who != 3;
        member.equipment = who == 4 ? Equipment::suspected : Equipment::rejected;
        member.first_visit_at = at(who * 1h);
        put_basics(database, member);
        put_history(database, member);
        put_visit(database, some_visit(random, member.id, member.name, 0), at(0ms));
    }
    for (std::uint64_t i = 0; i < 6; ++i) {
        auto coupon = some_coupon(random, MemberId{1 + i % 2}, "");
        coupon.offer = "offer-" + std::to_string(i);
        coupon.decided_at = at(60min - i * 1min);
        coupon.state = i < 4 ? CouponState::redeemed : CouponState::expired;
        coupon.closed_at = coupon.decided_at + 5min;
        put_coupon(database, coupon, at(0ms));
    }
    // Of a member who was erased meanwhile, of nobody, of the last and of the first.
    put_survey(database, {at(1min), {}, 3, MemberId{99}, {}}, at(0ms));
    put_survey(database, {at(2min), {}, 4, {}, {}}, at(0ms));
    put_survey(database, {at(3min), {}, 10, MemberId{4}, {}}, at(0ms));
    put_survey(database, {at(4min), {}, 9, MemberId{1}, {}}, at(0ms));
    put_survey(database, {at(5min), {}, 8, MemberId{1}, {}}, at(0ms));

    auto past = archive.look();
    const auto all = all_of(past, Detail::whole);
    REQUIRE(all.size() == 4);
    CHECK_FALSE(all[0].left_out);
    CHECK(all[1].left_out);
    CHECK(all[2].left_out);
    CHECK(all[3].left_out);
    CHECK(all[0].first_visit_at == at(1h));
    CHECK(all[0].kinds == kind_bit(TokenKind::app));
    REQUIRE(all[0].redeemed.size() == 2);  // ascending by decision, the expired one is none
    CHECK(all[0].redeemed[0].offer == "offer-2");
    CHECK(all[0].redeemed[1].offer == "offer-0");
    CHECK(all[0].redeemed[1].redeemed_at == at(65min));
    REQUIRE(all[0].replies.size() == 2);
    CHECK(all[0].replies[0].score == 9);
    CHECK(all[0].replies[1].at == at(5min));
    CHECK(all[1].replies.empty());
    REQUIRE(all[3].replies.size() == 1);
    CHECK(all[3].replies[0].score == 10);
}

TEST_CASE("histories: receipts are told in pieces, each once, and those that come later too",
          "[ledger]")
{
    Archive archive;
    for (std::uint64_t i = 1; i <= 25; ++i) put_receipt(*archive.database, sale(i), at(0ms));
    auto undone = sale(7, ReceiptKind::refund);
    undone.key.number = "900";
    undone.key.refers_to = "7";
    put_receipt(*archive.database, undone, at(0ms));

    std::uint64_t row = 0;
    std::vector<Basket> told;
    const auto catch_up = [&] {
        auto past = archive.look();
        for (;;) {
            const auto some = value(past.baskets_after(row, 10));
            CHECK(some.size() <= 10);
            if (some.empty()) return value(past.newest_basket());
            told.insert(told.end(), some.begin(), some.end());
            row = some.back().row;
        }
    };
    CHECK(catch_up() == row);
    REQUIRE(told.size() == 26);
    CHECK(told[6].number == "7");
    CHECK(told[6].at == at(7min));
    CHECK(told[6].day == std::chrono::sys_days{std::chrono::year{2026} / 11 / 22});
    REQUIRE(told[6].lines.size() == 1);
    CHECK(told[6].lines[0].sku == "sku-7");
    CHECK(told[6].lines[0].name == "お茶");
    CHECK(told[6].lines[0].quantity == Money::from_units(2));
    CHECK(told[6].lines[0].category == "drinks");
    CHECK(told[25].kind == ReceiptKind::refund);
    CHECK(told[25].refers_to == "7");

    put_receipt(*archive.database, sale(3), at(0ms));  // known: told no second time
    put_receipt(*archive.database, sale(26), at(0ms));
    CHECK(catch_up() == row);
    CHECK(told.size() == 27);
    CHECK(told.back().number == "26");
}

TEST_CASE("histories: readers by what they last said of themselves", "[ledger]")
{
    Archive archive;
    put_reader_state(*archive.database, {"ent-1", true, true, "", at(1min)}, at(0ms));
    put_reader_state(*archive.database, {"desk-1", true, true, "", at(1min)}, at(0ms));
    put_reader_state(*archive.database, {"desk-1", false, false, "", at(2min)}, at(0ms));
    auto past = archive.look();
    CHECK(value(past.passive_readers())
          == std::map<std::string, bool>{{"ent-1", true}, {"desk-1", false}});
}

TEST_CASE("histories: a damaged row is a problem that names it", "[ledger]")
{
    Archive archive;
    std::mt19937_64 random{5};
    put_basics(*archive.database, archive.member(1));
    auto visit = some_visit(random, MemberId{1}, "m1", 0);
    visit.state = VisitState::settled;
    visit.close_reason = CloseReason::timeout;
    put_visit(*archive.database, visit, at(0ms));
    put_receipt(*archive.database, sale(1), at(0ms));
    archive.database->run("UPDATE visit SET zones = '{'");
    archive.database->run("UPDATE receipt SET lines = '[[1]]'");
    auto past = archive.look();
    const auto nobody = [](const MemberHistory&) { return true; };
    const auto read = past.each_member(nobody, Detail::whole);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().what == "visit row 1 cannot be read");
    CHECK(past.each_member(nobody).has_value());
    const auto baskets = past.baskets_after(0, 10);
    REQUIRE_FALSE(baskets.has_value());
    CHECK(baskets.error().what == "receipt row 1 cannot be read");
}

TEST_CASE("histories: what a visit's receipt was for, by its key", "[ledger]")
{
    Archive archive;
    put_receipt(*archive.database, sale(7), at(0ms));
    put_meta(*archive.database, "engine_time", at(3h).time_since_epoch().count());
    auto past = archive.look();
    VisitReceipt receipt;
    receipt.pos = "reg-1";
    receipt.number = "7";
    receipt.day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    const auto lines = value(past.sold(receipt));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].category == "drinks");
    receipt.number = "8";
    CHECK(value(past.sold(receipt)).empty());
    CHECK(value(past.engine_time()) == at(3h));
}

TEST_CASE("histories: a file of another format is refused with what to do", "[ledger]")
{
    Archive archive;
    const auto refusal = [&](const std::string& sql) {
        REQUIRE(archive.database->commit().has_value());
        archive.database->script(sql);
        archive.database->begin();
        const auto past = Histories::open(archive.path);
        REQUIRE_FALSE(past.has_value());
        return past.error().text();
    };
    CHECK(refusal("PRAGMA user_version=99").find("newer Raiten") != std::string::npos);
    CHECK(refusal("PRAGMA user_version=1").find("start raitend") != std::string::npos);
    CHECK(refusal("PRAGMA application_id=1").find("not a Raiten ledger") != std::string::npos);
    CHECK_FALSE(Histories::open(archive.path + ".gone").has_value());
}
