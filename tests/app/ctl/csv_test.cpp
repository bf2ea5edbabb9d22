#include "daemon/app/csv.hpp"
#include "daemon/app/members_csv.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <sstream>

using namespace raiten;
using namespace raiten::app;

namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Seen {
    Rows rows;
    std::vector<std::size_t> lines;
    std::vector<std::string> problems;
};

Seen read(const std::string& text, CsvLimits limits = {})
{
    std::istringstream in{text};
    CsvReader csv{in, limits};
    Seen seen;
    for (;;) {
        auto row = csv.next();
        if (!row) {
            seen.problems.push_back(row.error().text());
            continue;
        }
        if (!*row) return seen;
        seen.rows.push_back((*row)->fields);
        seen.lines.push_back((*row)->line);
    }
}

std::string written(const std::string& field, bool quote)
{
    if (!quote && field.find_first_of("\",\r\n") == std::string::npos && !field.empty())
        return field;
    std::string out = "\"";
    for (const char c : field) out += c == '"' ? std::string{"\"\""} : std::string{c};
    return out + "\"";
}

Pseudonyms pseudonyms()
{
    return std::move(*Pseudonyms::make(Secret{std::string(32, 'k')}));
}

MemberList<MemberRow> members(const std::string& text)
{
    std::istringstream in{text};
    auto keys = pseudonyms();
    return read_members(in, "m.csv", keys);
}

}  // namespace

TEST_CASE("csv: what a spreadsheet writes is read back", "[csv]")
{
    const auto seen = read(
        "\xef\xbb\xbf"
        "a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n\r\n\"two\nlines\",\n,last");
    CHECK(seen.rows == Rows{{"a", "b"}, {"x, y", "say \"hi\""}, {"two\nlines", ""}, {"", "last"}});
    CHECK(seen.lines == std::vector<std::size_t>{1, 2, 4, 6});
    CHECK(seen.problems.empty());
}

TEST_CASE("csv: a bad row costs only itself", "[csv]")
{
    const auto seen = read("a,b\n\"x\"y,2\nz\"q,3\nc,d\n\"never closed");
    CHECK(seen.rows == Rows{{"a", "b"}, {"c", "d"}});
    REQUIRE(seen.problems.size() == 3);
    CHECK(seen.problems[0] == "line 2: has text after a closing quote");
    CHECK(seen.problems[1].starts_with("line 3: has a quote"));
    CHECK(seen.problems[2] == "line 5: ends within quotes");
}

TEST_CASE("csv: a row that never ends does not fill the memory", "[csv]")
{
    const auto seen = read("a\n" + std::string(5000, 'x') + "\nb\n1,2,3,4\nc\n", {1000, 3});
    CHECK(seen.rows == Rows{{"a"}, {"b"}, {"c"}});
    CHECK(seen.problems
          == std::vector<std::string>{"line 2: is too long", "line 4: has too many fields"});
}

TEST_CASE("csv: any rows, quoted at will, come back as they were", "[csv]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    const auto below = [&](std::size_t n) { return dice() % n; };
    const std::string letters{"ab ,\"\r\n\t\xe5\xba\x97"};
    for (int round = 0; round < 300; ++round) {
        Rows rows;
        std::string text = below(2) == 0 ? "\xef\xbb\xbf" : "";
        for (std::size_t r = below(6); r-- > 0;) {
            auto& row = rows.emplace_back();
            std::string line;
            for (std::size_t f = 1 + below(4); f-- > 0;) {
                std::string field;
                for (std::size_t n = below(8); n-- > 0;) field += letters[below(letters.size())];
                if (!row.empty()) line += ',';
                line += written(field, below(2) == 0);
                row.push_back(std::move(field));
            }
            text += line + (below(2) == 0 ? "\r\n" : "\n");
        }
        const auto seen = read(text);
        CAPTURE(text);
        REQUIRE(seen.problems.empty());
        REQUIRE(seen.rows == rows);
    }
}

TEST_CASE("csv: any bytes at all end, and every row lies within the limits", "[csv]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (std::size_t n = dice() % 400; n-- > 0;) text += "\",\r\n\0xyz"[dice() % 8];
        const auto seen = read(text, {64, 8});
        for (const auto& row : seen.rows) REQUIRE(row.size() <= 8);
    }
}

TEST_CASE("members: a list as a shop has it", "[csv][members]")
{
    const auto list = members(
        "member,tokens,consent,birth_month,staff\n"
        "m1,card:2900000000018 nfc:04:A2:24,yes,4,\n"
        "m2,,no,,yes\n"
        ",card:77,true,12,no\n");
    CHECK(list.problems.empty());
    REQUIRE(list.rows.size() == 3);
    CHECK(list.rows[0].name == "m1");
    CHECK(list.rows[0].tokens.size() == 2);
    CHECK(list.rows[0].consent);
    CHECK(list.rows[0].birth_month == 4);
    CHECK(list.rows[1].staff);
    CHECK_FALSE(list.rows[1].consent);
    auto keys = pseudonyms();
    const auto card = keys.token("card:77");
    REQUIRE(card.has_value());
    CHECK(list.rows[2].name == member_name(card->key));
}

TEST_CASE("members: wrong rows are named by line, without their tokens, and left out",
          "[csv][members]")
{
    const auto list = members(
        "tokens,member,consent,birth_month,notes\n"
        "card:1,m1,yes,1,x\n"
        "card:secret,m2,yes,,\n"
        "card:2,m3,maybe,,\n"
        "card:3,m4,yes,13,\n"
        "card:1,m5,yes,,\n"
        "card:4,m 6,yes,,\n"
        ",,yes,,\n"
        "card:5,m7,yes\n"
        "card:1,m1,no,2,same member again\n");
    CHECK(list.unused_columns == std::vector<std::string>{"notes"});
    REQUIRE(list.rows.size() == 2);
    CHECK(list.rows[1].line == 10);
    REQUIRE(list.problems.size() == 7);
    std::string all;
    for (const auto& problem : list.problems) all += problem.text() + "\n";
    for (const auto* line : {"line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "line 9"})
        CHECK(all.find(std::string{"m.csv: "} + line) != std::string::npos);
    CHECK(all.find("secret") == std::string::npos);
}

TEST_CASE("members: without a usable header nothing is taken", "[csv][members]")
{
    for (const auto* text : {"", "m1,card:1,yes\n", "member,tokens\nm1,card:1\n",
                             "member,tokens,consent,member\nm1,card:1,yes,m1\n"}) {
        const auto list = members(text);
        CHECK(list.rows.empty());
        CHECK(list.problems.size() == 1);
    }
}
