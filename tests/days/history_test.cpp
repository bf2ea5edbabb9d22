#include "tests/days/past_look.hpp"

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
constexpr const char* ann_card = "card:2900000000011";
constexpr const char* bob_card = "card:2900000000028";

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
        const auto ran = import_past(store, "visits", store.file("visits.csv", months.visits),
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
    const auto ran = import_past(store, "visits", visits, {"--receipts", receipts, "--json"});
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

    const auto busy = import_past(store, "visits", visits);
    CHECK(busy.code == 73);
    CHECK(busy.err.find("systemctl stop raitend") != std::string::npos);
    CHECK(service.stop() == 0);

    CHECK(one_of(ledger,
                 "SELECT ordinal||'|'||streak||'|'||(row > 0) FROM visit v JOIN member m"
                 " ON m.id = v.member WHERE m.name = 'ann' ORDER BY ordinal DESC LIMIT 1")
          == "3|3|1");
    check_order(ledger);

    // What was lived since does not hide that the past is there.
    const auto again = import_past(store, "visits", visits, {"--receipts", receipts});
    CAPTURE(again.out, again.err);
    CHECK(again.code == 0);
    CHECK(again.out.find("2 members have this history already") != std::string::npos);
    const auto other = import_past(store, "receipts", receipts);
    CHECK(other.code == 65);
    CHECK(other.err.find("member bob is already known since 2026-11-12T10:00:00")
          != std::string::npos);
}

TEST_CASE("history: the same files twice change nothing", "[days][history]")
{
    const Store store;
    const auto visits = store.file("v.csv", visits_csv);
    const auto receipts = store.file("r.csv", receipts_csv);
    const auto first = import_past(store, "receipts", receipts, {"--visits", visits, "--enrol"});
    CAPTURE(first.err);
    REQUIRE(first.code == 0);
    CHECK(first.out.find("2 members are new to the store") != std::string::npos);
    const auto ledger = store.path("raiten.db");
    const auto all = [&] {
        return std::tuple{visits_in(ledger), members_in(ledger), receipts_in(ledger),
                          one_of(ledger, "SELECT value FROM meta WHERE key = 'commits'")};
    };
    const auto before = all();
    const auto second = import_past(store, "visits", visits, {"--receipts", receipts, "--json"});
    CHECK(second.code == 0);
    CHECK(Json::parse(second.out).at("unchanged") == 2);
    CHECK(Json::parse(second.out).at("members") == 0);
    CHECK(all() == before);

    // Somebody else's past interleaves with it.
    const auto more = store.file("more.csv",
                                 "member,at\ncid,2026-11-11T10:00:00+09:00\n"
                                 "cid,2026-11-10T10:00:00+09:00\ncid,2026-11-20\n");
    REQUIRE(import_past(store, "visits", more, {"--enrol"}).code == 0);
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
    REQUIRE(import_past(store, "receipts", file, {"--enrol"}).code == 0);
    CHECK(one_of(ledger, "SELECT count(*)||'|'||sum(spend) FROM visit")
          == std::to_string(4 * members) + "|" + std::to_string(4 * members * 1'000'000LL));
    check_order(ledger);
}
