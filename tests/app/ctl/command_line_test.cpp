#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/table.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

using namespace raiten::app::ctl;
using namespace raiten::test;

TEST_CASE("help: every command fits the screen and shows an example", "[tool]")
{
    const std::vector<std::vector<std::string>> commands{{},
                                                         {"status"},
                                                         {"visits"},
                                                         {"returns"},
                                                         {"kpi"},
                                                         {"insights"},
                                                         {"backtest"},
                                                         {"coupons"},
                                                         {"members"},
                                                         {"member"},
                                                         {"outbox"},
                                                         {"watch"},
                                                         {"doctor"},
                                                         {"decode"},
                                                         {"replay"},
                                                         {"import"},
                                                         {"import", "members"},
                                                         {"token"},
                                                         {"token", "new"},
                                                         {"token", "list"},
                                                         {"token", "revoke"},
                                                         {"init"},
                                                         {"score"},
                                                         {"campaigns"},
                                                         {"campaigns", "lint"},
                                                         {"campaigns", "columns"}};
    for (auto words : commands) {
        std::string name;
        for (const auto& word : words) name += word + " ";
        words.emplace_back("--help");
        const auto help = raitenctl(words);
        CAPTURE(name, help.err);
        CHECK(help.code == 0);
        CHECK(help.out.find("Examples:\n  ") != std::string::npos);
        for (const auto& line : help.lines()) {
            CAPTURE(line);
            CHECK(cells_of(line) <= 80);
        }
    }
}

TEST_CASE("usage: what was mistyped ends with 64 and a word on what is known", "[tool]")
{
    CHECK(raitenctl({}).code == 64);
    CHECK(raitenctl({"frobnicate"}).code == 64);
    CHECK(raitenctl({"decode"}).code == 64);
    CHECK(raitenctl({"visits", "--state", "gone"}).code == 64);
    CHECK(raitenctl({"members"}).code == 64);
    CHECK(raitenctl({"insights", "--window", "6"}).code == 64);
    CHECK(raitenctl({"insights", "--db", "x", "--socket", "y"}).code == 64);
    CHECK(raitenctl({"replay", "--config", "x.toml", "--until", "noon", "-"}).code == 64);
    CHECK(raitenctl({"--version"}).out.starts_with("raitenctl "));
}

TEST_CASE("tables: eighty columns, whatever is in them", "[tool]")
{
    Table table{{"A", "B", "C"}};
    table.add({std::string(60, 'x'), "short", std::string(60, 'y')});
    table.add({"店店店店", "a\x1b[31mb", ""});
    const auto lines = lines_of(table.text());
    REQUIRE(lines.size() == 3);
    for (const auto& line : lines) CHECK(cells_of(line) <= 80);
    CHECK(lines[1].find("short") != std::string::npos);
    CHECK(lines[1].find("…") != std::string::npos);
    CHECK(lines[2].find("a?[31mb") != std::string::npos);
    CHECK(cells_of("店a") == 3);
    CHECK(cut_to("店店店", 4) == "店…");
}

TEST_CASE("times and spans, as people read them", "[tool]")
{
    CHECK(short_time("2026-11-22T10:00:05.120+09:00") == "11-22 10:00:05");
    CHECK(short_time("soon") == "soon");
    CHECK(span_text(12) == "12 s");
    CHECK(span_text(190) == "3 min 10 s");
    CHECK(span_text(7500) == "2 h 05 min");
    CHECK(span_text(4 * 86400 + 7200) == "4 d 02 h");
    CHECK(Progress::line("decoding", "bytes", 50, 100)
          == "decoding  [###############...............]  50 %");
    CHECK(Progress::line("decoding", "bytes", 50, {}) == "decoding  50 bytes");
    CHECK(wrapped("one two three", 8) == "one two\nthree");
}
