#include "tests/days/past_look.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

/// What of a shop's past is not taken, or not as it stands.
using namespace raiten::test;
using Json = nlohmann::json;

TEST_CASE("history: what is wrong is named and left out, the rest is kept", "[days][history]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const std::string header = "member,at,total,number,kind,currency,sku,quantity,amount\n";
    const std::string good = "ann,2026-11-10T10:00:00+09:00,100,1,sale,JPY,,,\n";
    const auto ran_with = [&](const std::string& row) {
        return import_past(store, "receipts", store.file("r.csv", header + good + row), {"--json"});
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
            const auto ran = import_past(
                fresh, "receipts", fresh.file("r.csv", header + good + row + "\n"), {"--json"});
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
        const auto no_column = import_past(store, "receipts", store.file("r.csv", "member,at\n"));
        CHECK(no_column.code == 65);
        CHECK(no_column.err.find("has no column total") != std::string::npos);
        CHECK(import_past(store, "visits", store.path("none")).code == 66);
        CHECK(import_past(store, "visits", "-", {"--receipts", "-"}).code == 64);
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
    const auto ran = import_past(store, "receipts",
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
    const auto ran = import_past(store, "receipts",
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
