#include "tests/days/story.hpp"

#include "daemon/base/iso8601.hpp"
#include "daemon/ledger/database.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

/// A shop's past comes into a new box, and the next day goes on from there.
using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr std::chrono::minutes tokyo{540};
constexpr const char* as_of = "2026-11-22T00:00:00+09:00";
constexpr const char* ann_card = "card:2900000000011";
constexpr const char* bob_card = "card:2900000000028";

/// Rows of a statement, their columns as text between bars.
std::vector<std::string> rows_of(const std::string& file, const std::string& sql)
{
    auto opened = ledger::Database::open(file, ledger::Database::Access::read_only, 1000ms);
    if (!opened) FAIL(opened.error().text());
    auto rows = (*opened)->query(sql);
    std::vector<std::string> out;
    while (rows.next()) out.push_back(rows.get<std::string>());
    CHECK((*opened)->ok());
    return out;
}

std::string one_of(const std::string& file, const std::string& sql)
{
    const auto rows = rows_of(file, sql);
    return rows.size() == 1 ? rows[0] : std::to_string(rows.size()) + " rows";
}

/// All that two ledgers must agree on, whichever way they came by it.
std::vector<std::string> visits_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT m.name||'|'||v.ordinal||'|'||v.id||'|'||v.state||'|'||v.opened_at||'|'"
                   "||v.left_at||'|'||v.passive||'|'||v.streak||'|'||v.outcome||'|'||v.spend"
                   "||'|'||coalesce(v.dwell_ms,'-') FROM visit v JOIN member m ON m.id = v.member"
                   " ORDER BY m.name, v.ordinal");
}
std::vector<std::string> members_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT name||'|'||visits||'|'||settled_visits||'|'||purchases||'|'||spend||'|'"
                   "||currency||'|'||coalesce(first_visit_at,'-') FROM member ORDER BY name");
}
/// Members whose last purchase is not their last sale that stands.
std::string wrong_last_purchases(const std::string& file)
{
    return one_of(file,
                  "SELECT count(*) FROM member m WHERE last_purchase_at IS NOT (SELECT max("
                  "json_extract(j.value, '$[3]')) FROM visit v, json_each(v.receipts) j WHERE"
                  " v.member = m.id AND json_extract(j.value, '$[5]') <"
                  " json_extract(j.value, '$[4]'))");
}
std::vector<std::string> receipts_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT day||'|'||pos||'|'||number||'|'||kind||'|'||at||'|'||total||'|'"
                   "||refers_to||'|'||currency||'|'||lines FROM receipt"
                   " ORDER BY at, pos, number, kind");
}
std::string told_rows(const std::string& file)
{
    return one_of(file,
                  "SELECT (SELECT count(*) FROM stream)||'|'||(SELECT count(*) FROM outbox)||'|'"
                  "||(SELECT count(*) FROM summary)||'|'||(SELECT count(*) FROM coupon)||'|'"
                  "||(SELECT count(*) FROM journal)");
}
/// `created` never runs backwards along the rows, and a member's chain is whole.
void check_order(const std::string& file)
{
    for (const std::string table : {"visit", "receipt"})
        CHECK(one_of(file,
                     "SELECT count(*) FROM (SELECT created, lag(created) OVER (ORDER BY row)"
                     " AS before FROM "
                         + table + ") WHERE created < before")
              == "0");
    CHECK(one_of(file,
                 "SELECT count(*) FROM member m WHERE last_visit IS NOT (SELECT row FROM visit v"
                 " WHERE v.member = m.id ORDER BY ordinal DESC LIMIT 1)")
          == "0");
    CHECK(one_of(file,
                 "SELECT count(*) FROM visit v WHERE previous IS NOT (SELECT row FROM visit w"
                 " WHERE w.member = v.member AND w.ordinal = v.ordinal - 1)")
          == "0");
}

Ran import(const Store& store, const std::string& what, const std::string& file,
           std::vector<std::string> more = {})
{
    std::vector<std::string> words{"import",       what,      file, "--config",
                                   store.config(), "--as-of", as_of};
    words.insert(words.end(), more.begin(), more.end());
    return raitenctl(words);
}

std::string at_text(Instant at)
{
    return format_instant(at, tokyo);
}

/// The same months of a little shop twice: as events for the engine and as the files that another
/// system would have kept of them.
struct Months {
    std::string events;
    std::string visits{"member,at\n"};
    std::string receipts{"member,at,total,number,kind,pos,sku,name,quantity,amount,category\n"};
};

Months months_of(stage::Dice& dice)
{
    struct Act {
        Instant at;
        std::string event, visit, receipt;
    };
    std::vector<Act> acts;
    const auto start = *parse_instant("2026-01-05T09:00:00+09:00");
    int number = 100'000;
    const std::pair<const char*, const char*> members[]{{"ann", ann_card}, {"bob", bob_card}};
    for (const auto& [name, card] : members) {
        Instant at = start + std::chrono::minutes{dice.below(5000)};
        for (int visit = 0; visit < 30; ++visit) {
            Instant now = at;
            const auto acts_of_visit = 1 + dice.below(4);
            for (std::size_t i = 0; i < acts_of_visit; ++i) {
                if (i > 0) now += std::chrono::minutes{1 + dice.below(89)};
                const auto when = at_text(now);
                if (dice.below(10) < 6) {
                    acts.push_back({now,
                                    R"({"type":"checkin","at":")" + when
                                        + R"(","reader":"desk","token":")" + card + R"("})",
                                    std::string{name} + "," + when, ""});
                    continue;
                }
                const auto sale = std::to_string(++number);
                const auto total = std::to_string(10 * (1 + dice.below(500)));
                acts.push_back(
                    {now,
                     R"({"type":"receipt","at":")" + when + R"(","pos":"reg-1","number":")" + sale
                         + R"(","kind":"sale","token":")" + card + R"(","total":")" + total
                         + R"(","currency":"JPY","lines":[{"sku":"s)" + sale
                         + R"(","name":"tea, green","quantity":"2","amount":")" + total
                         + R"(","category":"tea"}]})",
                     "",
                     std::string{name} + "," + when + "," + total + "," + sale + ",sale,reg-1,s"
                         + sale + ",\"tea, green\",2," + total + ",tea"});
                if (dice.below(4) > 0) continue;
                // Undone: soon enough to change the visit, or later, whole or in part.
                const bool whole = dice.below(2) == 0;
                const auto back = now + std::chrono::minutes{3 + dice.below(46 * 60)};
                const auto part = whole ? total : std::to_string(std::stoi(total) / 2);
                const std::string kind = dice.below(2) == 0 && whole ? "void" : "refund";
                acts.push_back({back,
                                R"({"type":"receipt","at":")" + at_text(back)
                                    + R"(","pos":"reg-1","number":")" + sale + R"(","kind":")"
                                    + kind + R"(","total":")" + part + R"(","currency":"JPY"})",
                                "",
                                std::string{name} + "," + at_text(back) + "," + part + "," + sale
                                    + "," + kind + ",reg-1,,,,,"});
            }
            const Millis gap = dice.below(12) == 0
                                   ? Millis{24h * (91 + static_cast<int>(dice.below(3)))}
                                   : Millis{std::chrono::minutes{100 + dice.below(60 * 24 * 6)}};
            at = now + gap;
            if (at > *parse_instant("2026-11-15T00:00:00+09:00")) break;
        }
    }
    std::stable_sort(acts.begin(), acts.end(),
                     [](const Act& a, const Act& b) { return a.at < b.at; });
    Months out;
    for (const auto& act : acts) {
        out.events += act.event + "\n";
        if (!act.visit.empty()) out.visits += act.visit + "\n";
        if (!act.receipt.empty()) out.receipts += act.receipt + "\n";
    }
    return out;
}

/// Ann came empty-handed three times, the last one on 20 November; Bob bought.
const std::string visits_csv =
    "member,at,left_at,zone\n"
    "ann,2026-11-10T10:00:00+09:00,2026-11-10T10:20:00+09:00,floor\n"
    "ann,2026-11-14T10:00:00+09:00,2026-11-14T10:20:00+09:00,floor\n"
    "ann,2026-11-20T10:00:00+09:00,2026-11-20T10:20:00+09:00,floor\n"
    "bob,2026-11-12T10:00:00+09:00,2026-11-12T10:30:00+09:00,floor\n";
const std::string receipts_csv =
    "member,at,total,number,kind,sku,quantity,amount,category\n"
    "bob,2026-11-12T10:28:00+09:00,1280,17,sale,tea,1,880,drinks\n"
    "bob,2026-11-12T10:28:00+09:00,1280,17,sale,cup,1,400,ware\n"
    "bob,2026-11-16T18:00:00+09:00,500,18,sale,tea,1,500,drinks\n";

}  // namespace

TEST_CASE("history: imported months are what the box itself would have kept of them",
          "[days][history]")
{
    INFO("repeat with --rng-seed " << Catch::rngSeed());
    stage::Dice dice{Catch::rngSeed()};
    for (int round = 0; round < 3; ++round) {
        const auto months = months_of(dice);
        const Store store;
        const auto lived = store.path("lived.db");
        const auto played = store.replay(months.events, {"--db", lived});
        CAPTURE(played.err, months.receipts, months.visits);
        REQUIRE(played.code == 0);

        REQUIRE(store.import_members().code == 0);
        const auto ran = import(store, "visits", store.file("visits.csv", months.visits),
                                {"--receipts", store.file("receipts.csv", months.receipts)});
        CAPTURE(ran.err);
        REQUIRE(ran.code == 0);
        const auto ledger = store.path("raiten.db");
        CHECK(visits_in(ledger) == visits_in(lived));
        CHECK(members_in(ledger) == members_in(lived));
        CHECK(wrong_last_purchases(ledger) == "0");
        CHECK(receipts_in(ledger) == receipts_in(lived));
        CHECK(told_rows(ledger) == "0|0|0|0|0");
        check_order(ledger);
    }
}

TEST_CASE("history: the next live visit goes on where the files end", "[days][history]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const auto visits = store.file("v.csv", visits_csv);
    const auto receipts = store.file("r.csv", receipts_csv);
    const auto ran = import(store, "visits", visits, {"--receipts", receipts, "--json"});
    CAPTURE(ran.err, ran.out);
    REQUIRE(ran.code == 0);
    const auto counts = Json::parse(ran.out);
    CHECK(counts.at("members") == 2);
    CHECK(counts.at("visits") == 5);
    CHECK(counts.at("purchases") == 2);
    CHECK(counts.at("receipts") == 2);
    const auto ledger = store.path("raiten.db");
    CHECK(one_of(ledger,
                 "SELECT group_concat(j.value, '+') FROM receipt, json_each(lines) l,"
                 " json_each(l.value) j WHERE number = '17' AND j.key = 0")
          == "tea+cup");

    Service service{store};
    const auto live = [&](const std::string& at, const char* card) {
        const auto heard = service.door().ask(
            "POST", "/api/v1/events",
            R"({"type":"checkin","at":")" + at + R"(","reader":"desk","token":")" + card + "\"}\n",
            {{"Content-Type", "application/x-ndjson"}});
        REQUIRE(heard.status == 200);
        REQUIRE(Json::parse(heard.body).at("refused") == 0);
    };
    live("2026-11-22T11:00:00+09:00", ann_card);
    live("2026-11-22T11:10:00+09:00", bob_card);
    const auto told = service.door().stream_through(R"("member":"bob")");
    // Nothing of the past is news; and Ann comes back after three visits without a purchase.
    CHECK(told.find("2026-11-20T10:00") == std::string::npos);
    CHECK(told.find(R"("streak":3)") != std::string::npos);
    CHECK(told.find("raiten.visit.settled") == std::string::npos);
    CHECK(told.find("raiten.summary") == std::string::npos);

    const auto member = Json::parse(service.door().ask("GET", "/api/v1/members/ann").body);
    CHECK(member.at("visits") == 3);  // settled ones
    const auto listed = raitenctl({"member", "bob", "--json", "--config", store.config()});
    CAPTURE(listed.out, listed.err);
    CHECK(listed.code == 0);
    const auto bob = Json::parse(listed.out);
    CHECK(bob.at("purchases") == 2);
    CHECK(bob.at("spend") == "1780");
    const auto figures =
        raitenctl({"kpi", "--members", "--json", "--config", store.config(), "--from",
                   "2026-11-01T00:00:00+09:00", "--to", "2026-11-23T00:00:00+09:00"});
    CAPTURE(figures.out, figures.err);
    CHECK(figures.code == 0);
    CHECK(Json::parse(figures.out).at("members").at("members") == 2);

    const auto busy = import(store, "visits", visits);
    CHECK(busy.code == 73);
    CHECK(busy.err.find("systemctl stop raitend") != std::string::npos);
    CHECK(service.stop() == 0);

    CHECK(one_of(ledger,
                 "SELECT ordinal||'|'||streak||'|'||(row > 0) FROM visit v JOIN member m"
                 " ON m.id = v.member WHERE m.name = 'ann' ORDER BY ordinal DESC LIMIT 1")
          == "3|3|1");
    check_order(ledger);

    // What was lived since does not hide that the past is there.
    const auto again = import(store, "visits", visits, {"--receipts", receipts});
    CAPTURE(again.out, again.err);
    CHECK(again.code == 0);
    CHECK(again.out.find("2 members have this history already") != std::string::npos);
    const auto other = import(store, "receipts", receipts);
    CHECK(other.code == 65);
    CHECK(other.err.find("member bob is already known since 2026-11-12T10:00:00")
          != std::string::npos);
}

TEST_CASE("history: the same files twice change nothing", "[days][history]")
{
    const Store store;
    const auto visits = store.file("v.csv", visits_csv);
    const auto receipts = store.file("r.csv", receipts_csv);
    const auto first = import(store, "receipts", receipts, {"--visits", visits, "--enrol"});
    CAPTURE(first.err);
    REQUIRE(first.code == 0);
    CHECK(first.out.find("2 members are new to the store") != std::string::npos);
    const auto ledger = store.path("raiten.db");
    const auto all = [&] {
        return std::tuple{visits_in(ledger), members_in(ledger), receipts_in(ledger),
                          one_of(ledger, "SELECT value FROM meta WHERE key = 'commits'")};
    };
    const auto before = all();
    const auto second = import(store, "visits", visits, {"--receipts", receipts, "--json"});
    CHECK(second.code == 0);
    CHECK(Json::parse(second.out).at("unchanged") == 2);
    CHECK(Json::parse(second.out).at("members") == 0);
    CHECK(all() == before);

    // Somebody else's past interleaves with it.
    const auto more = store.file("more.csv",
                                 "member,at\ncid,2026-11-11T10:00:00+09:00\n"
                                 "cid,2026-11-10T10:00:00+09:00\ncid,2026-11-20\n");
    REQUIRE(import(store, "visits", more, {"--enrol"}).code == 0);
    CHECK(visits_in(ledger).size() == 8);
    check_order(ledger);
    CHECK(one_of(ledger, "SELECT count(*) FROM visit WHERE created <> opened_at") == "0");
}

TEST_CASE("history: killed at any moment, it is there whole or not at all", "[days][history]")
{
    INFO("repeat with --rng-seed " << Catch::rngSeed());
    stage::Dice dice{Catch::rngSeed()};
    const Store store;
    std::string csv = "member,at,total\n";
    constexpr int members = 3000;
    for (int row = 0; row < 4 * members; ++row)
        csv += "m" + std::to_string(row % members) + ","
               + at_text(*parse_instant("2026-10-01T00:00:00Z") + std::chrono::minutes{row * 5})
               + ",100\n";
    const auto file = store.file("r.csv", csv);
    const auto ledger = store.path("raiten.db");
    bool cut = false;
    for (int round = 0; round < 6; ++round) {
        Process process{{RAITENCTL, "import", "receipts", file, "--enrol", "--config",
                         store.config(), "--as-of", as_of, "--json"},
                        true};
        // Until its answer, or a moment of the dice's choice.
        const int answer = process.take_output();
        pollfd what{answer, POLLIN, 0};
        ::poll(&what, 1, static_cast<int>(50 + dice.below(900)));
        ::close(answer);
        process.signal(SIGKILL);
        const int code = process.wait();
        if (code != 0) cut = true;
        if (!std::ifstream{ledger}) continue;
        auto opened = ledger::Database::open(ledger, ledger::Database::Access::read_write, 1000ms);
        if (!opened || rows_of(ledger, "SELECT 1 FROM sqlite_schema WHERE name = 'visit'").empty())
            continue;
        const auto count = one_of(ledger, "SELECT count(*) FROM visit");
        CHECK((count == "0" || count == std::to_string(4 * members)));
        CHECK(one_of(ledger, "SELECT count(*) FROM member")
              == (count == "0" ? "0" : std::to_string(members)));
    }
    CHECK(cut);
    REQUIRE(import(store, "receipts", file, {"--enrol"}).code == 0);
    CHECK(one_of(ledger, "SELECT count(*)||'|'||sum(spend) FROM visit")
          == std::to_string(4 * members) + "|" + std::to_string(4 * members * 1'000'000LL));
    check_order(ledger);
}

TEST_CASE("history: what is wrong is named and left out, the rest is kept", "[days][history]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const std::string header = "member,at,total,number,kind,currency,sku,quantity,amount\n";
    const std::string good = "ann,2026-11-10T10:00:00+09:00,100,1,sale,JPY,,,\n";
    const auto ran_with = [&](const std::string& row) {
        return import(store, "receipts", store.file("r.csv", header + good + row), {"--json"});
    };
    SECTION("a row")
    {
        const std::pair<const char*, const char*> wrong[]{
            {"ann,2026-11-10 10:00,1,2,sale,,,,", "at: "},
            {"ann,1989-12-31T10:00:00+09:00,1,2,sale,,,,", "lies before 1990"},
            {"ann,2026-11-23T10:00:00+09:00,1,2,sale,,,,", "lies in the future"},
            {"ann,2026-11-10T10:00:00+09:00,12x,2,sale,,,,", "total: "},
            {"ann,2026-11-10T10:00:00+09:00,10000000001,2,sale,,,,", "total is more than"},
            {"ann,2026-11-10T10:00:00+09:00,1,2,gift,,,,", "kind is neither"},
            {"ann,2026-11-10T10:00:00+09:00,1,2,sale,USD,,,", "is in USD, but the store counts"},
            {"a b,2026-11-10T10:00:00+09:00,1,2,sale,,,,", "a member that is no name"},
            {"ann,2026-11-10T10:00:00+09:00,200,1,sale,,,,",
             "its total differs from that of line 2"},
            {"ann,2026-11-10T10:00:00+09:00,1,2,sale,,tea,x,", "quantity: "},
            {"ann,2026-11-10T10:00:00+09:00,1,2,sale", "has 5 fields where the header has 9"},
        };
        for (const auto& [row, reason] : wrong) {
            const Store fresh;
            REQUIRE(fresh.import_members().code == 0);
            const auto ran = import(fresh, "receipts",
                                    fresh.file("r.csv", header + good + row + "\n"), {"--json"});
            CAPTURE(row, ran.err);
            CHECK(ran.code == 65);
            CHECK(ran.err.find("r.csv: line 3") != std::string::npos);
            CHECK(ran.err.find(reason) != std::string::npos);
            CHECK(Json::parse(ran.out).at("visits") == 1);
            CHECK(Json::parse(ran.out).at("refused_rows") == 1);
        }
        const auto longer =
            ran_with("ann,2026-11-10T10:00:00+09:00,1," + std::string(65, '9') + ",sale,,,,\n");
        CHECK(longer.code == 65);
        CHECK(longer.err.find("number is longer than 64 bytes") != std::string::npos);
    }
    SECTION("a member")
    {
        const auto ran = ran_with(
            "eve,2026-11-10T10:00:00+09:00,1,2,sale,,,,\n"
            "sue,2026-11-10T10:00:00+09:00,1,3,sale,,,,\n"
            "bob,2026-11-10T10:00:00+09:00,1,4,refund,,,,\n");
        CAPTURE(ran.err);
        CHECK(ran.code == 65);
        CHECK(ran.err.find("member eve is not enrolled: ") == std::string::npos);
        CHECK(ran.err.find("member eve is not enrolled") != std::string::npos);
        CHECK(ran.err.find("line 3") != std::string::npos);
        CHECK(ran.err.find("member sue is staff") != std::string::npos);
        CHECK(ran.err.find("member bob has no visit and no sale") != std::string::npos);
        CHECK(Json::parse(ran.out).at("refused_members") == 3);
        CHECK(Json::parse(ran.out).at("members") == 1);
    }
    SECTION("a file")
    {
        const auto no_column = import(store, "receipts", store.file("r.csv", "member,at\n"));
        CHECK(no_column.code == 65);
        CHECK(no_column.err.find("has no column total") != std::string::npos);
        CHECK(import(store, "visits", store.path("none")).code == 66);
        CHECK(import(store, "visits", "-", {"--receipts", "-"}).code == 64);
    }
    SECTION("a negative total is a refund, and what is unknown has no effect")
    {
        const auto ran = ran_with(
            "ann,2026-11-10T12:00:00+09:00,-40,1,sale,,,,\n"
            "ann,2026-11-18T12:00:00+09:00,-30,1,,,,,\n"
            "ann,2026-11-18T12:00:00+09:00,-7,99,,,,,\n");
        CAPTURE(ran.err);
        CHECK(ran.code == 0);
        CHECK(Json::parse(ran.out).at("unmatched") == 1);
        const auto ledger = store.path("raiten.db");
        CHECK(one_of(ledger, "SELECT spend FROM visit") == "600000");
        CHECK(one_of(ledger, "SELECT spend||'|'||purchases FROM member WHERE name = 'ann'")
              == "300000|1");
    }
}

TEST_CASE("history: what is older than it would be kept is counted, and not kept",
          "[days][history]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const auto ran = import(store, "receipts",
                            store.file("r.csv",
                                       "member,at,total\nann,2024-05-01,100\n"
                                       "ann,2025-10-01,50\nann,2026-11-01,200\n"),
                            {"--json"});
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(Json::parse(ran.out).at("visits") == 3);
    CHECK(Json::parse(ran.out).at("beyond_retention") == 2);
    const auto ledger = store.path("raiten.db");
    CHECK(members_in(ledger)[0].rfind("ann|3|3|3|3500000|JPY|", 0) == 0);
    CHECK(one_of(ledger, "SELECT ordinal FROM visit") == "2");
    CHECK(one_of(ledger, "SELECT count(*) FROM receipt") == "1");
}

TEST_CASE("history: tills that number alike keep both baskets", "[days][history]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const auto ran = import(store, "receipts",
                            store.file("r.csv",
                                       "member,at,total,number,sku\n"
                                       "ann,2026-11-01T12:00:00Z,100,7,tea\n"
                                       "bob,2026-11-01T12:30:00Z,300,7,cup\n"));
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    const auto ledger = store.path("raiten.db");
    CHECK(one_of(ledger,
                 "SELECT group_concat(number, ' ') FROM (SELECT number FROM receipt ORDER"
                 " BY at)")
          == "7 7/bob");
    CHECK(one_of(ledger,
                 "SELECT count(*) FROM visit v, json_each(v.receipts) j JOIN receipt r ON"
                 " r.number = json_extract(j.value, '$[1]') AND r.day ="
                 " json_extract(j.value, '$[2]') AND r.total = v.spend")
          == "2");
}
