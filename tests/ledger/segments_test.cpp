#include "daemon/ledger/segments.hpp"
#include "tests/ledger/segment_oracle.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace raiten;
using raiten::ledger::SegmentMatcher;

namespace {

ScoreCard card_of(std::mt19937_64& random)
{
    const auto upto = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    ScoreCard card;
    card.member = "m-" + std::to_string(upto(5));
    card.visits = upto(6);
    card.purchases = upto(3);
    card.spend = Money::from_ten_thousandths(static_cast<std::int64_t>(upto(8)) * 5000);
    card.streak = upto(4);
    if (upto(3) != 0) card.days_since_visit = upto(8) / 2.0;
    if (upto(3) != 0) card.days_since_purchase = upto(8) / 2.0;
    if (upto(3) != 0) card.days_since_first_visit = upto(8) / 2.0;
    if (upto(3) != 0) card.birth_month = static_cast<std::uint8_t>(1 + upto(12));
    card.zone = upto(2) != 0 ? "register" : "floor";
    return card;
}

using Number = std::optional<double>;  // null is nothing
using Truth = std::optional<bool>;

/// A random expression as SQL, and what it is for a card by three-valued logic in C++.
struct Made {
    std::string sql;
    Truth truth;
};

std::pair<std::string, Number> operand(std::mt19937_64& random, const ScoreCard& card)
{
    const auto constant = static_cast<double>(random() % 8) / 2.0;
    switch (random() % 9) {
        case 0:
            return {"visits", card.visits};
        case 1:
            return {"purchases", card.purchases};
        case 2:
            return {"spend", card.spend.units()};
        case 3:
            return {"streak", card.streak};
        case 4:
            return {"days_since_visit", card.days_since_visit};
        case 5:
            return {"days_since_purchase", card.days_since_purchase};
        case 6:
            return {"days_since_first_visit", card.days_since_first_visit};
        case 7:
            return {"birth_month", card.birth_month
                                       ? Number{double{static_cast<double>(*card.birth_month)}}
                                       : Number{}};
        default:
            return {std::to_string(constant), constant};
    }
}

Made made(std::mt19937_64& random, const ScoreCard& card, int depth)
{
    if (depth > 0 && random() % 3 != 0) {
        const auto a = made(random, card, depth - 1);
        if (random() % 4 == 0) return {"NOT (" + a.sql + ")", a.truth ? Truth{!*a.truth} : Truth{}};
        const auto b = made(random, card, depth - 1);
        const bool both = random() % 2 != 0;
        const bool decides = !both;  // true decides OR, false decides AND
        Truth truth;
        if (a.truth == decides || b.truth == decides)
            truth = decides;
        else if (a.truth && b.truth)
            truth = !decides;
        return {"(" + a.sql + ")" + (both ? " AND " : " OR ") + "(" + b.sql + ")", truth};
    }
    if (random() % 6 == 0) {
        const bool in = card.zone == "register";
        return {"zone IN ('register', 'entrance')", in};
    }
    const auto [left, a] = operand(random, card);
    if (random() % 6 == 0) return {left + " IS NULL", !a.has_value()};
    const auto [right, b] = operand(random, card);
    const auto compared = [&](const char* sign, auto how) {
        return Made{left + sign + right, a && b ? Truth{how(*a, *b)} : Truth{}};
    };
    switch (random() % 4) {
        case 0:
            return compared(" < ", [](double x, double y) { return x < y; });
        case 1:
            return compared(" >= ", [](double x, double y) { return x >= y; });
        case 2:
            return compared(" = ", [](double x, double y) { return x == y; });
        default:
            return compared(" <> ", [](double x, double y) { return x != y; });
    }
}

}  // namespace

TEST_CASE("segments: SQL says of a card what C++ says of it", "[ledger]")
{
    const auto seed = 77u;
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    SegmentMatcher segments;
    int matched = 0;
    for (int n = 0; n < 4000; ++n) {
        const auto card = card_of(random);
        const auto [sql, truth] = made(random, card, 3);
        INFO(n << ": " << sql);
        REQUIRE(segments.check(sql).has_value());
        REQUIRE(segments.matches(sql, card) == (truth == true));
        matched += truth == true;
    }
    CHECK(matched > 500);
    CHECK(matched < 3500);
    CHECK(segments.failures() == 0);
}

TEST_CASE("segments: what campaigns write", "[ledger]")
{
    SegmentMatcher segments;
    ScoreCard card;
    card.member = "m-1";
    card.visits = 5;
    card.purchases = 2;
    card.spend = Money::from_ten_thousandths(12'805'000);
    card.streak = 2;
    card.days_since_visit = 3.5;
    card.zone = "register";
    for (const auto& [where, expected] : std::vector<std::pair<std::string, bool>>{
             {"", true},
             {"streak >= 2", true},
             {"streak >= 2 AND zone <> 'register'", false},
             {"spend BETWEEN 1280 AND 1281", true},
             {"spend = 1280.5", true},
             {"days_since_purchase > 30", false},
             {"days_since_purchase IS NULL OR days_since_purchase > 30", true},
             {"coalesce(days_since_purchase, 999) > 30", true},
             {"zone LIKE 'reg%' AND length(member) = 3", true},
             {"CASE WHEN visits > 3 THEN purchases * 1.0 / visits ELSE 0 END >= 0.4", true},
             {"max(visits, purchases) = 5 AND iif(streak > 1, 1, 0)", true},
             {"zone IN ('floor', 'fitting')", false},
             {"member = 'it''s; -- not a comment (' OR 1", true},
             {"birth_month = 11", false}}) {
        INFO(where);
        const auto checked = segments.check(where);
        if (!checked) FAIL(checked.error().text());
        CHECK(segments.matches(where, card) == expected);
        CHECK(segments.matches(where, card) == expected);  // compiled before
    }
    CHECK(segments.failures() == 0);
}

TEST_CASE("segments: whatever is more than an expression over the card is refused", "[ledger]")
{
    SegmentMatcher segments;
    std::string deep;
    for (int n = 0; n < 200; ++n) deep += "NOT ";
    std::string brackets(500, '(');
    brackets += "1" + std::string(500, ')');
    for (const auto& [where, why] : std::vector<std::pair<std::string, std::string>>{
             {"1; DROP TABLE score_card", "second statement"},
             {"1) OR (1", "')' without"},
             {"1) UNION SELECT sql FROM sqlite_master WHERE (1", "')' without"},
             {"(SELECT name FROM sqlite_master) > 0", "SELECT inside"},
             {"rowid = 1", "no such column 'rowid'"},
             {"oid = 1", "no such column"},
             {"main.score_card.streak = 1", ""},
             {"(SELECT streak FROM score_card) > 0", "SELECT inside"},
             {"EXISTS(SELECT 1)", "SELECT inside"},
             {"1 IN sqlite_master", ""},
             {"1 IN pragma_table_list", ""},
             {"1 IN (SELECT 1 FROM pragma_database_list)", ""},
             {"(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT max(x) FROM "
              "n)",
              ""},
             {"load_extension('/tmp/x.so')", "load_extension() is not allowed"},
             {"ATTACH 'x.db' AS y", "syntax error"},
             {"randomblob(1000000000) IS NULL", "randomblob() is not allowed"},
             {"zeroblob(1000000000) IS NULL", "zeroblob() is not allowed"},
             {"random() > 0", "random() is not allowed"},
             {"date('now') > ''", "date() is not allowed"},
             {"current_timestamp > ''", "is not allowed"},
             {"printf('%1000000d', 1) > ''", "is not allowed"},
             {"replace(zone, 'a', 'bb') > ''", "is not allowed"},
             {"count(*) > 0", ""},
             {"max(visits) > 0", "misuse of aggregate"},
             {"row_number() OVER () > 0", ""},
             {"writefile('/tmp/x', 'y')", ""},
             {"streak >= ?1", "parameter"},
             {"streak >= :n", "parameter"},
             {"1 -- 2", "comment"},
             {"1 /* 2", "comment"},
             {"zone = 'open", "quote without"},
             {"zone = \"register\"", "write 'register'"},
             {"rfm >= 3", "no such column 'rfm'"},
             {"streak >= ", "syntax error"},
             {deep + "1", ""},
             {brackets, "deeply"},
             {std::string(2001, '1'), "longer than 2000"},
             {std::string("1\0", 2), "zero byte"}}) {
        INFO(where.substr(0, 80));
        const auto checked = segments.check(where);
        REQUIRE_FALSE(checked.has_value());
        INFO(checked.error().text());
        CHECK(checked.error().text().find(why) != std::string::npos);
        CHECK(checked.error().text().size() < 300);
        CHECK_FALSE(segments.matches(where, ScoreCard{}));
    }
    CHECK(segments.failures() == 38);

    // And after all of it the card is still there.
    CHECK(segments.matches("visits = 0", ScoreCard{}));
}

TEST_CASE("segments: a mistake is pointed at", "[ledger]")
{
    SegmentMatcher segments;
    const auto checked = segments.check("streak >= 2 AND rfm_q >= 3");
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().where == "column 17");
    CHECK(checked.error().what == "no such column 'rfm_q'");
}

TEST_CASE("segments: a long expression holds, and many of them do", "[ledger]")
{
    SegmentMatcher segments;
    std::string where = "visits = 0";
    for (int n = 0; n < 40; ++n) where += " AND coalesce(days_since_visit, 9) + visits < 10";
    REQUIRE(segments.check(where).has_value());
    CHECK(segments.matches(where, ScoreCard{}));
    // More expressions than are kept compiled: each still says the truth.
    for (int n = 0; n < 1000; ++n)
        REQUIRE(segments.matches("visits + " + std::to_string(n) + " = " + std::to_string(n),
                                 ScoreCard{}));
}

namespace {

/// A card on which everything may be known, or nothing.
ScoreCard any_card(std::mt19937_64& random)
{
    const auto upto = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto real = [&](std::optional<double>& to) {
        if (upto(3) != 0) to = upto(4) == 0 ? upto(6) : upto(60) / 8.0;
    };
    ScoreCard card = card_of(random);
    if (upto(4) == 0) card.spend = Money::from_ten_thousandths(upto(30'000));
    real(card.dwell_min);
    real(card.hour);
    real(card.p_alive);
    real(card.ltv);
    real(card.days_since_coupon);
    if (upto(2) != 0) card.stage = static_cast<Stage>(upto(6));
    if (upto(2) != 0) card.rfm_m = static_cast<std::uint8_t>(1 + upto(5));
    if (upto(2) != 0) card.monetary = Money::from_ten_thousandths(upto(6) * 5000);
    if (upto(2) != 0) card.basket_total = Money::from_ten_thousandths(upto(6) * 2500);
    if (upto(2) != 0) card.basket = upto(2) != 0 ? "|coffee|12|" : "|3|";
    if (upto(8) == 0) card.member = std::to_string(upto(4));  // a text that looks like a number
    return card;
}

/// Any expression: texts beside numbers, functions, lists, patterns, cases, arithmetic.
std::string any_value(std::mt19937_64& random, int depth)
{
    static const std::vector<std::string> leaves{
        "visits",     "spend",      "monetary", "basket_total", "streak",
        "member",     "zone",       "basket",   "stage",        "hour",
        "p_alive",    "dwell_min",  "ltv",      "rfm_m",        "0",
        "1",          "2.0",        "3.5",      "'2'",          "'2.0'",
        "'core'",     "'12'",       "NULL",     "-1",           "''",
        "1e3",        "x'32'",      "TRUE",     "'|3|'",        "score_card.visits",
        "\"streak\"", "birth_month"};
    const auto leaf = [&] { return leaves[random() % leaves.size()]; };
    if (depth == 0) return leaf();
    const auto a = any_value(random, depth - 1);
    const auto b = any_value(random, depth - 1);
    static const std::vector<std::string> between{
        " + ", " - ",  " * ",  " / ",      " % ",   " || ", " < ",    " <= ",   " > ", " >= ",
        " = ", " <> ", " IS ", " IS NOT ", " AND ", " OR ", " LIKE ", " GLOB ", " & ", " << "};
    switch (random() % 10) {
        case 0:
            return "NOT (" + a + ")";
        case 1:
            return "(" + a + ") IN (" + b + ", " + leaf() + ")";
        case 2:
            return "CASE WHEN " + a + " THEN " + b + " ELSE " + leaf() + " END";
        case 3:
            return "coalesce(" + a + ", " + b + ")";
        case 4:
            return "(" + a + ") BETWEEN (" + b + ") AND " + leaf();
        case 5:
            return (random() % 2 != 0 ? "length(" : "typeof(") + a + ")";
        case 6:
            return "CAST(" + a + (random() % 2 != 0 ? " AS TEXT)" : " AS INTEGER)");
        default: {
            const auto& sign = between[random() % between.size()];
            const bool null = raiten::ledger::small_letters(b) == "null";
            return "(" + a + ")" + (null ? " IS " : sign) + "(" + b + ")";
        }
    }
}

}  // namespace

TEST_CASE("segments: many in one statement say what SQLite says of each in a real table",
          "[ledger]")
{
    const auto seed = 4711u;
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    SegmentMatcher segments;
    raiten::ledger::SegmentOracle oracle;
    int matched = 0;
    int asked = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<std::string> wheres;
        const std::size_t many = round % 10 == 0 ? 300 : 1 + random() % 80;
        while (wheres.size() < many) {
            auto where = any_value(random, 1 + static_cast<int>(random() % 3));
            if (segments.check(where)) wheres.push_back(std::move(where));
        }
        const auto set = segments.together(wheres);
        for (int n = 0; n < 6; ++n) {
            const auto card = any_card(random);
            oracle.put(card);
            const auto matching = set->matching(card);
            REQUIRE(matching.size() == wheres.size());
            for (std::size_t i = 0; i < wheres.size(); ++i) {
                INFO(round << ", " << n << ": " << wheres[i]);
                const auto truth = oracle.matches(wheres[i]).value_or(false);
                REQUIRE((matching[i] != 0) == truth);
                matched += truth ? 1 : 0;
                ++asked;
            }
        }
    }
    CHECK(matched > asked / 10);
    CHECK(matched < asked * 9 / 10);
}

TEST_CASE("segments: one that fails does not match, and spoils no other", "[ledger]")
{
    SegmentMatcher segments;
    const std::string overflow = "abs(-9223372036854775807 - visits) > 0";
    const auto set = segments.together(
        {"visits = 1", overflow, "", "streak >= 0", "nonsense >= 1", "visits < 9"});
    const auto answers = [&](std::uint32_t visits) {
        ScoreCard card;
        card.visits = visits;
        std::string out;
        for (const auto each : set->matching(card)) out += each != 0 ? '1' : '0';
        return out;
    };
    CHECK(answers(2) == "011101");
    CHECK(segments.failures() == 1);  // the one that does not compile
    CHECK(answers(1) == "101101");    // the overflow
    CHECK(segments.failures() == 3);
    CHECK(segments.set_apart() == 1);
    CHECK(answers(1) == "101101");
    CHECK(segments.set_apart() == 1);
    CHECK(answers(0) == "011101");  // asked alone, it still answers
    CHECK(segments.failures() == 6);
}
