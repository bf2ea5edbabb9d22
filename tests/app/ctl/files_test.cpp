#include "daemon/app/ctl/findings.hpp"
#include "daemon/app/members_csv.hpp"
#include "daemon/ledger/ledger.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

using namespace raiten;
using namespace raiten::test;

namespace {

void give_key(const Scratch& scratch)
{
    const auto key = scratch.file("token.key", std::string(64, 'a') + "\n");
    ::chmod(key.c_str(), 0600);
}

std::unique_ptr<ledger::Ledger> ledger_of(const Scratch& scratch)
{
    ledger::Ledger::Options options;
    options.path = scratch.path("ledger.db");
    options.store = "acme/s1/d1";
    auto opened = ledger::Ledger::open(std::move(options), [](const auto&) {});
    if (!opened) FAIL(opened.error().text());
    return std::move(*opened);
}

}  // namespace

TEST_CASE("init: makes a start, and never a second one", "[tool]")
{
    const Scratch scratch;
    const auto made =
        raitenctl({"init", "--dir", scratch.path("etc"), "--state", scratch.path("state")});
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    CHECK(made.out.find("raitend --check-config") != std::string::npos);
    struct stat about {};
    REQUIRE(::stat(scratch.path("state/token.key").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
    const auto key = Scratch::content(scratch.path("state/token.key"));
    CHECK(key.size() == 65);

    const auto again =
        raitenctl({"init", "--dir", scratch.path("etc"), "--state", scratch.path("state")});
    CHECK(again.code == 73);
    const auto new_folder =
        raitenctl({"init", "--dir", scratch.path("etc2"), "--state", scratch.path("state")});
    CHECK(new_folder.code == 73);
    CHECK_FALSE(std::filesystem::exists(scratch.path("etc2/raiten.toml")));
    CHECK(Scratch::content(scratch.path("state/token.key")) == key);
}

TEST_CASE("import: members are in the ledger, wrong rows are named", "[tool]")
{
    const Scratch scratch;
    give_key(scratch);
    const auto config = small_store(scratch);
    std::string csv = "member,tokens,consent,birth_month\n";
    for (int i = 0; i < 2500; ++i)
        csv += "m" + std::to_string(i) + ",card:" + std::to_string(1000 + i) + ",yes,\n";
    csv += "x,card:1000,yes,\n";  // m0's card
    csv += "y,card:abc,yes,\n";
    const auto list = scratch.file("members.csv", csv);
    const auto ran = raitenctl({"import", "members", list, "--config", config});
    CAPTURE(ran.err);
    CHECK(ran.code == 65);
    CHECK(ran.out == "2500 members imported, 2 rows refused\n");
    CHECK(ran.err.find("line 2502") != std::string::npos);
    CHECK(ran.err.find("line 2503") != std::string::npos);
    CHECK(ran.err.find("card:1000") == std::string::npos);
    {
        const auto ledger = ledger_of(scratch);
        const auto member = ledger->member("m2499");
        REQUIRE(member.has_value());
        REQUIRE(member->has_value());
        CHECK((*member)->consent);
    }

    SECTION("a card that the ledger knows as another's costs its row, not the list")
    {
        std::string more = "member,tokens,consent\n";
        for (int i = 0; i < 50; ++i)
            more += "n" + std::to_string(i) + ",card:" + std::to_string(i == 17 ? 1005 : 9000 + i)
                    + ",yes\n";
        const auto second =
            raitenctl({"import", "members", "-", "--config", config, "--json"}, more);
        CAPTURE(second.err);
        CHECK(second.code == 65);
        CHECK(second.out == "{\"imported\":49,\"refused\":1}\n");
        CHECK(second.err.find("line 19") != std::string::npos);
    }
    SECTION("while somebody else has the ledger it is left alone")
    {
        const auto held = ledger_of(scratch);
        CHECK(raitenctl({"import", "members", list, "--config", config}).code == 73);
    }
    SECTION("another store's list does not get in")
    {
        const auto wrong =
            raitenctl({"import", "members", list, "--db", scratch.path("ledger.db"), "--store",
                       "acme/s2/d1", "--token-key", scratch.path("token.key")});
        CHECK(wrong.code == 73);
        CHECK(wrong.err.find("belongs to acme/s1/d1") != std::string::npos);
    }
}

TEST_CASE("import: what is missing is said", "[tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    const auto list = scratch.file("members.csv", "member,tokens,consent\nm1,card:1,yes\n");
    CHECK(raitenctl({"import", "members", scratch.path("none"), "--config", config}).code == 66);
    CHECK(raitenctl({"import", "members", list, "--config", scratch.path("none")}).code == 78);
    CHECK(raitenctl({"import", "members", list, "--config", config}).code == 66);  // no key
    CHECK(raitenctl({"import", "members", list, "--db", scratch.path("x.db")}).code == 64);
    CHECK_FALSE(std::filesystem::exists(scratch.path("ledger.db")));
}

TEST_CASE("campaigns columns: all of them, on a terminal and as JSON", "[tool]")
{
    const auto table = raitenctl({"campaigns", "columns"});
    CHECK(table.code == 0);
    CHECK(table.out.find("\nstreak ") != std::string::npos);
    CHECK(table.out.find("coalesce") != std::string::npos);
    std::istringstream lines{table.out};
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
    const auto json = raitenctl({"campaigns", "columns", "--json"});
    CHECK(json.out.starts_with(R"({"name":"member","type":"TEXT","says":)"));
}

TEST_CASE("campaigns lint: good ones pass, wrong ones are told where", "[tool]")
{
    const Scratch scratch;
    const std::string folder = std::string{RAITEN_SOURCE_DIR} + "/config/campaigns/";
    const auto text = Scratch::content(folder + "came-back-empty-handed.json");
    const auto good = scratch.file("a.json", text);
    CHECK(raitenctl({"campaigns", "lint", good}).out == good + ": good\n");

    const auto same = scratch.file("b.json", text);
    const auto twice = raitenctl({"campaigns", "lint", good, same});
    CHECK(twice.code == 65);
    CHECK(twice.out.find("is also that of") != std::string::npos);

    auto bad_text = text;
    const auto where = bad_text.find("\"where\"");
    REQUIRE(where != std::string::npos);
    const auto colon = bad_text.find(':', where);
    const auto open = bad_text.find('"', colon);
    const auto close = bad_text.find('"', open + 1);
    bad_text.replace(open, close - open + 1, "\"streek >= 1\"");
    const auto bad = raitenctl({"campaigns", "lint", "--json", scratch.file("c.json", bad_text)});
    CHECK(bad.code == 65);
    CHECK(bad.out.find("\"good\":false") != std::string::npos);
    CHECK(bad.out.find("/where") != std::string::npos);
    CHECK(raitenctl({"campaigns", "lint", scratch.path("none.json")}).code == 65);
}

TEST_CASE("campaigns lint: the examples compile, and nothing is to be said of them", "[tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    std::vector<std::string> words{"campaigns", "lint", "--config", config};
    std::size_t examples = 0;
    const std::string folder = std::string{RAITEN_SOURCE_DIR} + "/config/campaigns";
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder})
        if (entry.path().extension() == ".json") {
            words.push_back(entry.path().string());
            ++examples;
        }
    CHECK(examples == 5);
    const auto ran = raitenctl(words);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    for (const auto& line : ran.lines()) CHECK(line.ends_with(".json: good"));
}

TEST_CASE("campaigns lint: errors and warnings, as of a time, by a currency", "[tool]")
{
    const Scratch scratch;
    const auto campaign = [&](const std::string& more) {
        return scratch.file("a.json", R"({"id":"a","moment":"visit_opened",)"
                                      R"("offers":[{"code":"A","text":{"ja":"x","en":"x"},)"
                                      R"("cost":"1.50"}],"per_member":{"count":1,"period":"7d"})"
                                          + more + "}");
    };
    // A warning alone is no failure.
    const auto odd = raitenctl({"campaigns", "lint", campaign(R"(,"where":"stage = 'VIP'")")});
    CHECK(odd.code == 0);
    CHECK(odd.out.find("warning: /where: column ") != std::string::npos);
    const auto warned = raitenctl({"campaigns", "lint", campaign(R"(,"control":0)")});
    CHECK(warned.code == 0);
    CHECK(warned.out.find("warning: /control: is 0: without a control group no effect can be shown")
          != std::string::npos);
    CHECK(warned.out.find("a.json: good") != std::string::npos);
    const auto told = raitenctl({"campaigns", "lint", "--json", campaign(R"(,"control":0)")});
    CHECK(told.code == 0);
    CHECK(told.out.find(R"("good":true,"problems":[],"warnings":[{"where":"/control")")
          != std::string::npos);

    // The yen has no decimals; without a store nothing is known of that.
    const auto file = campaign("");
    CHECK(raitenctl({"campaigns", "lint", file}).code == 0);
    const auto yen = raitenctl({"campaigns", "lint", "--config", small_store(scratch), file});
    CHECK(yen.code == 65);
    CHECK(yen.out.find("/offers/0/cost: 1.5 has more decimals than JPY") != std::string::npos);

    const auto short_one = campaign(R"(,"ends_at":"2090-01-01T00:00:00+09:00")");
    const auto as_of = [&](const std::string& at) {
        return raitenctl({"campaigns", "lint", "--at", at, short_one});
    };
    CHECK(as_of("2089-12-31T23:59:59+09:00").code == 0);
    CHECK(as_of("2090-01-01T00:00:00+09:00").code == 65);
    CHECK(as_of("2090-01-01T00:00:00+09:00").out.find("/ends_at: has ended") != std::string::npos);
    CHECK(as_of("tomorrow").code == 78);
    CHECK(raitenctl({"campaigns", "lint", campaign(R"(,"ends_at":"2020-01-01T00:00:00Z")")}).code
          == 65);
}

TEST_CASE("members: channels stand in a list of names, or none", "[tool]")
{
    std::istringstream list{
        "member,tokens,consent,channels\n"
        "ann,card:1,yes,kiosk app\n"
        "ben,card:2,yes,none\n"
        "cyd,card:3,yes,\n"
        "dan,card:4,yes,fax\n"
        "eve,card:5,yes,none app\n"
        "fay,card:6,yes,Wallet  mail wallet\n"};
    const auto read = app::read_member_lines(list, "list");
    REQUIRE(read.rows.size() == 4);
    CHECK(app::channels_text(read.rows[0].channels.value()) == "kiosk app");
    CHECK(app::channels_text(read.rows[1].channels.value()) == "none");
    CHECK_FALSE(read.rows[2].channels.has_value());
    CHECK(app::channels_text(read.rows[3].channels.value()) == "mail wallet");
    REQUIRE(read.problems.size() == 2);
    CHECK(read.problems[0].text().find("line 5: channels: 'fax' is not a channel")
          != std::string::npos);
    CHECK(read.problems[1].text().find("line 6: channels: has none beside") != std::string::npos);
    std::istringstream without{"member,tokens,consent\nann,card:1,yes\n"};
    CHECK_FALSE(app::read_member_lines(without, "list").rows.at(0).channels.has_value());
}

TEST_CASE("import: channels reach the ledger, and a list without them changes none", "[tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    give_key(scratch);
    const auto import = [&](const char* text) {
        const auto ran =
            raitenctl({"import", "members", scratch.file("members.csv", text), "--config", config});
        INFO(ran.err);
        CHECK(ran.code == 0);
    };
    const auto channels = [&](const char* name) {
        return app::channels_text(ledger_of(scratch)->member(name).value().value().channels);
    };
    import("member,tokens,consent,channels\nann,card:1,yes,app\nben,card:2,yes,\n");
    CHECK(channels("ann") == "app");
    CHECK(channels("ben") == "kiosk app mail wallet");
    import("member,tokens,consent\nann,card:1,yes\n");
    CHECK(channels("ann") == "app");
}

TEST_CASE("doctor: a store that is not running is found wanting", "[tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    const auto before = raitenctl({"doctor", "--config", config});
    CAPTURE(before.out);
    CHECK(before.code == 1);
    CHECK(before.out.find("fail  token key: ") != std::string::npos);
    CHECK(before.out.find("fail  raitend: ") != std::string::npos);
    CHECK(before.out.find("-> is it running?") != std::string::npos);
    give_key(scratch);
    const auto after = raitenctl({"doctor", "--config", config});
    CHECK(after.out.find("ok    token key: ") != std::string::npos);

    const auto broken = scratch.file("broken.toml", "[store]\ntenent = \"acme\"\n");
    const auto wrong = raitenctl({"doctor", "--config", broken, "--socket", scratch.path("x")});
    CHECK(wrong.code == 1);
    CHECK(wrong.out.find("fail  config: ") != std::string::npos);
    CHECK(wrong.out.find("did you mean 'tenant'?") != std::string::npos);
}

TEST_CASE("doctor: what a running raitend's status tells", "[tool]")
{
    using namespace raiten::app::ctl;
    std::vector<Finding> found;
    const Instant now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}
                      + std::chrono::hours{12}};
    status_findings(
        R"({"version":"1","engine_time":"2026-11-22T12:00:00Z","clock":"system",
            "started_at":"2026-11-21T12:00:00Z","readers":[
            {"name":"r1","driver":"ble-h4","state":"down","reason":"no such device","garbled":{}},
            {"name":"r2","driver":"ble-h4","state":"up","last_at":"2026-11-22T08:00:00Z"},
            {"name":"r3","driver":"ble-h4","state":"up","last_at":"2026-11-22T11:59:00Z",
             "readings":500000,"garbled":{"bad length":90,"other":3},
             "lately":{"readings":5,"garbled":93,"flooded":0}},
            {"name":"r4","driver":"api","state":"up","last_at":null},
            {"name":"r5","driver":"checkin-serial","state":"up","last_at":"2026-11-22T08:00:00Z",
             "garbled":{"bad checksum":50},"lately":{"readings":60,"garbled":50,"flooded":0}},
            {"name":"r6","driver":"ble-gateway","state":"up","last_at":"2026-11-22T11:59:59Z",
             "lately":{"readings":9000000,"garbled":0,"flooded":1234}}],
            "ledger":{"healthy":false,"reason":"disk full","bytes_written":9e9},
            "sync":{"phase":"waiting","broker":"mqtts://hq","reason":"refused",
                    "lanes":{"coupon":{"waiting":4}}}})",
        true, now, [&](const Finding& finding) { found.push_back(finding); });
    const auto grade = [&](const std::string& about, const std::string& what) {
        for (const auto& finding : found)
            if (finding.about == about && finding.what.find(what) != std::string::npos)
                return static_cast<int>(finding.grade);
        return -1;
    };
    CHECK(grade("reader r1", "no such device") == 2);
    CHECK(grade("reader r2", "silent for 4 h") == 1);
    CHECK(grade("reader r3", "up") == 0);
    CHECK(grade("reader r3", "mostly: bad length") == 1);
    CHECK(grade("reader r4", "up") == 0);
    CHECK(grade("reader r5", "up") == 0);  // a desk may be quiet, and a few bad cards are no fault
    CHECK(grade("reader r5", "garbling") == -1);
    CHECK(grade("reader r6", "flooding: 1234") == 1);
    CHECK(grade("ledger", "disk full") == 2);
    CHECK(grade("wear", "9000 MB") == 1);
    CHECK(grade("sync", "4 waiting") == 2);
    CHECK(clock_finding(Instant{}, true).grade == Grade::fail);
    CHECK(clock_finding(now, false).grade == Grade::warn);
    CHECK(certificate_finding("c", "/nowhere", now).grade == Grade::fail);
}
