#include "daemon/ledger/segment_text.hpp"
#include "daemon/ledger/segments.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using raiten::ledger::SegmentMatcher;

TEST_CASE("segments: mistakes are explained to who makes them", "[ledger]")
{
    SegmentMatcher segments;
    struct Case {
        std::string where, at, what, advice;
    };
    for (const auto& [where, at, what, advice] : std::vector<Case>{
             {"streek >= 2", "column 1", "no such column 'streek'", "did you mean streak?"},
             {"zone = '試着室' AND streek > 1", "column 18", "no such column 'streek'",
              "did you mean streak?"},
             {"stage = \"new\"", "column 9", "\"new\" names a column", "write 'new'"},
             {"stage = dormant", "column 9", "no such column 'dormant'", "write 'dormant'"},
             {"qqqqqqqqq > 1", "column 1", "no such column", "campaigns columns"},
             {"ltv = NULL", "column 5", "'= NULL' is never true", "write IS NULL"},
             {"ltv <> null", "column 5", "never true", "write IS NOT NULL"},
             {"visits > 1 && streak > 1", "column 12", "'&&' is no SQL", "write AND"},
             {"visits => 1", "column 8", "'=>' is no SQL", "write >="},
             {"visits >= １", "column 11", "'１' cannot stand", "half width"},
             {"visits > 1; DELETE FROM member", "column 11", "second statement", "no ;"},
             {"visits > 1 -- often", "column 12", "a comment", ""},
             {"rond(ltv) > 1", "column 1", "rond() is not allowed", "did you mean round()?"},
             {"hour > 9 AND random() > 0", "column 14", "random() is not allowed", ""},
             {"date('now') > 1", "column 1", "date() is not allowed", ""},
             {"1 = readfile('/etc/passwd')", "column 5", "readfile() is not allowed", ""},
             {"visits > (SELECT 1)", "column 11", "a SELECT inside", "columns directly"},
             {"visits > ?", "column 10", "a parameter", "value itself"},
             {"visits >", "column 9", "breaks off", ""},
             {"visits > 1 streak", "column 12", "\"streak\" cannot stand here", ""},
             {"current_date > 1", "column 1", "the clock", "hour"},
             {std::string{"zone = '"} + "\xff'", "column 9", "no UTF-8", ""}}) {
        INFO(where);
        const auto checked = segments.check(where);
        REQUIRE_FALSE(checked.has_value());
        INFO(checked.error().text());
        CHECK(checked.error().where == at);
        CHECK(checked.error().what.find(what) != std::string::npos);
        CHECK(checked.error().advice.find(advice) != std::string::npos);
        CHECK("column " + std::to_string(raiten::ledger::column_of(checked.error()).value_or(0))
              == at);
    }
    CHECK(segments.check("stage == 'new' AND hour = 9").has_value());
}

TEST_CASE("segments: what compiles and is hardly meant is a warning", "[ledger]")
{
    SegmentMatcher segments;
    const auto warned = [&](const std::string& where) {
        INFO(where);
        REQUIRE(segments.check(where).has_value());
        std::string out;
        for (const auto& each : raiten::ledger::segment_warnings(where)) out += each.text() + "; ";
        return out;
    };
    CHECK(warned("stage = 'VIP' AND visits > 1")
              .find("column 9: no stage is called 'VIP' (the "
                    "stages are 'new', 'light', 'middle'")
          == 0);
    CHECK(warned("stage NOT IN ('new', 'lihgt')").find("column 22") == 0);
    CHECK(warned("visits > 1 || streak > 1").find("column 12: '||' joins texts") == 0);
    CHECK(warned("ltv > 'many'").find("column 7: ltv is a number") == 0);
    CHECK(warned("zone = 3").find("column 8: zone is a text") == 0);
    CHECK(
        warned("stage IN ('new', 'core') AND zone = 'floor' AND visits > 1 AND ltv > '5'").empty());
}

TEST_CASE("segments: a caret stands below the place", "[ledger]")
{
    using raiten::ledger::pointed_at;
    CHECK(pointed_at("streek >= 2", 1) == "streek >= 2\n^");
    CHECK(pointed_at("a\n= b", 5) == "a = b\n    ^");
    CHECK(pointed_at("zone = '試着室' AND x", 18)
          == "zone = '試着室' AND x\n                    ^");
    CHECK(pointed_at("ab", 99) == "ab\n  ^");
    const auto cut = pointed_at(std::string(500, 'a') + "b" + std::string(500, 'c'), 501);
    CHECK(cut.size() == 76 + 1 + 38 + 1);
    CHECK(cut[38] == 'b');
}

TEST_CASE("segments: hostile texts are refused, or bounded", "[ledger]")
{
    SegmentMatcher segments;
    std::string megabyte(1'000'000, 'a');
    std::string deep;
    for (int n = 0; n < 600; ++n) deep += "CASE ";
    for (const auto& where :
         std::vector<std::string>{megabyte,
                                  deep,
                                  "'" + megabyte + "'",
                                  "printf('%.*c', 1000000000, 'x') > ''",
                                  "format('%.*c', 1000000000, 'x') > ''",
                                  "hex(zeroblob(1000000000)) > ''",
                                  "replace(basket, '', 'aaaaaaaaaa') > ''",
                                  "group_concat(basket) > ''",
                                  "(VALUES (1)) > 0",
                                  "1 IN (WITH RECURSIVE n(x) AS (SELECT 1) SELECT x FROM n)",
                                  "visits > 1 UNION SELECT 1",
                                  "visits LIKE '%' ESCAPE",
                                  "json_extract(basket, '$') > 1",
                                  "basket -> '$' > 1",
                                  "basket REGEXP '(a+)+$'",
                                  "basket MATCH 'a'",
                                  "fts3_tokenizer('x') > 1",
                                  "sqlite_version() > ''",
                                  "last_insert_rowid() > 0",
                                  "likelihood(visits, 0.5)",
                                  "x'0",
                                  "'a''",
                                  "[zone",
                                  "`zone",
                                  "zone = '\xc0\xaf'",
                                  "zone = '\xed\xa0\x80'",
                                  "raise(abort, 'x')",
                                  "visits > 0 LIMIT 1",
                                  "visits > 0 GROUP BY 1",
                                  "sum(visits) OVER () > 1",
                                  "nth_value(visits, 1) > 0",
                                  "(visits, streak)",
                                  "visits > 1) AND EXISTS (SELECT 1 FROM member"}) {
        INFO(where.substr(0, 80));
        const auto checked = segments.check(where);
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().text().size() < 300);
    }

    // Patterns that look for a needle in many ways, and texts that grow.
    ScoreCard card;
    card.basket = std::string(2000, 'a');
    std::string pattern;
    for (int n = 0; n < 32; ++n) pattern += "%a_";
    for (const auto& where : std::vector<std::string>{
             "basket LIKE '" + pattern + "b'", "basket GLOB '" + std::string(90, '*') + "b'",
             "basket LIKE '" + std::string(200, '%') + "b'",
             "basket||basket||basket||basket||basket||basket||basket||basket||basket > ''"}) {
        INFO(where);
        REQUIRE(segments.check(where).has_value());
        CHECK_FALSE(segments.matches(where, card));
    }
}
