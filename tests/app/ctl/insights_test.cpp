#include "daemon/app/ctl/table.hpp"
#include "daemon/base/iso8601.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const Instant monday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} - 9h};  // in Tokyo

/// What one member of a small store does. Everybody comes first on one of twenty days.
struct Plan {
    int number{};
    bool fitting() const { return number % 2 == 0; }
    bool app() const { return number % 3 == 0; }
    bool buys() const { return number % 4 == 0; }
    bool back() const { return number % 5 == 0; }  ///< a week later
    /// Four of five who were in the fitting room come again, three of ten of the others.
    bool stays() const { return fitting() ? number / 2 % 5 != 0 : number / 2 % 10 < 3; }
    Instant first() const { return monday + 24h * (number % 20) + 10h; }
};
constexpr int members = 80;

struct Script {
    struct Line {
        Instant at;
        std::string text;
    };
    std::vector<Line> lines;

    void add(Instant at, Json event)
    {
        event["at"] = format_instant(at, 540min);
        lines.push_back({at, event.dump()});
    }
    void seen(Instant at, const std::string& reader, const std::string& token)
    {
        for (auto in = 0s; in <= 80s; in += 10s)
            add(at + in,
                {{"type", "sighting"}, {"reader", reader}, {"token", token}, {"rssi", -60}});
    }
    std::string text()
    {
        std::stable_sort(lines.begin(), lines.end(),
                         [](const Line& a, const Line& b) { return a.at < b.at; });
        std::string out;
        for (const auto& line : lines) out += line.text + "\n";
        return out;
    }
};

std::string beacon(int number)
{
    return "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/" + std::to_string(number);
}

void visit(Script& script, const Plan& who, Instant at, bool first)
{
    const auto token = beacon(who.number);
    script.seen(at, "door", token);
    script.seen(at + 2min, who.fitting() ? "mirror" : "hall", token);
    if (!first) return;
    const auto number = std::to_string(who.number);
    if (who.app())
        script.add(at + 4min,
                   {{"type", "checkin"}, {"reader", "desk"}, {"token", "app:" + number}});
    if (!who.buys()) return;
    Json receipt{{"type", "receipt"}, {"pos", "reg-1"},        {"number", number},
                 {"kind", "sale"},    {"token", token},        {"total", "1280"},
                 {"currency", "JPY"}, {"lines", Json::array()}};
    for (const auto* category : {"tea", "cups"})
        if (*category == 't' || who.number % 8 == 0)
            receipt["lines"].push_back({{"sku", category},
                                        {"name", category},
                                        {"quantity", "1"},
                                        {"amount", "640"},
                                        {"category", category}});
    script.add(at + 5min, receipt);
}

/// A store whose 80 members, three newcomers and one of the staff lived for 200 days, replayed
/// into a ledger.
struct LivedStore {
    LivedStore()
    {
        std::string list = "member,tokens,consent,staff\n";
        Script script;
        for (int number = 0; number < members; ++number) {
            const Plan who{number};
            list += "m" + std::to_string(number) + "," + beacon(number)
                    + " app:" + std::to_string(number) + ",yes,no\n";
            visit(script, who, who.first(), true);
            if (who.back()) visit(script, who, who.first() + 24h * 7, false);
            if (who.stays()) visit(script, who, who.first() + 24h * 60, false);
        }
        for (int number = 900; number < 904; ++number) {
            list += "m" + std::to_string(number) + "," + beacon(number) + ",yes,"
                    + (number == 900 ? "yes" : "no") + "\n";
            script.seen(number == 900 ? monday + 10h : monday + 24h * 150 + 10h, "door",
                        beacon(number));
        }
        script.add(monday + 24h * 200, {{"type", "tick"}});
        std::string readers;
        for (const auto& [name, zone] : std::map<std::string, std::string>{
                 {"door", "entrance"}, {"hall", "floor"}, {"mirror", "fitting"}})
            readers += "[[reader]]\nname = \"" + name + "\"\ndriver = \"api\"\nzone = \"" + zone
                       + "\"\npassive = true\n";
        config = small_store(scratch, readers);
        std::filesystem::permissions(scratch.file("token.key", std::string(64, 'a') + "\n"),
                                     std::filesystem::perms::owner_read);
        const auto replayed =
            raitenctl({"replay", "--config", config, "--members", scratch.file("members.csv", list),
                       "--db", db, scratch.file("events.ndjson", script.text())});
        CAPTURE(replayed.err);
        REQUIRE(replayed.code == 0);
    }
    Ran insights(std::vector<std::string> more = {}) const
    {
        std::vector<std::string> words{"insights", "--db", db, "--config", config};
        words.insert(words.end(), more.begin(), more.end());
        return raitenctl(words);
    }

    Scratch scratch;
    std::string config;
    std::string db = scratch.path("lived.db");
};

/// Members of whom `did` holds: how many, and how many of them come again.
template <class Did>
std::pair<int, int> counted(Did did)
{
    std::pair<int, int> out;
    for (int number = 0; number < members; ++number) {
        const Plan who{number};
        if (!did(who)) continue;
        ++out.first;
        if (who.stays()) ++out.second;
    }
    return out;
}

}  // namespace

TEST_CASE("insights: what a replayed store's members did, counted to the last one", "[tool]")
{
    const LivedStore store;
    const auto ran = store.insights({"--json"});
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    const auto answer = Json::parse(ran.out);
    const auto all = counted([](const Plan&) { return true; });
    CHECK(answer.at("members").at("members") == all.first);
    CHECK(answer.at("members").at("came_again") == all.second);
    CHECK(answer.at("members").at("too_recent") == 3);  // and nobody of the staff
    CHECK(answer.at("members").at("incomplete") == 0);
    CHECK(answer.at("as_of") == "2026-07-23T00:00:00.000+09:00");

    std::map<std::string, Json> by_name;
    double above = 1;
    for (const auto& each : answer.at("experiences")) {
        const auto zone = each.at("zone");
        by_name[zone.is_null() ? each.at("behaviour").get<std::string>()
                               : zone.get<std::string>()] = each;
        CHECK(each.at("difference").at("lower") <= above);
        above = each.at("difference").at("lower");
    }
    CAPTURE(answer.dump(1));
    const auto check = [&](const std::string& name, auto did, auto asked) {
        INFO(name);
        REQUIRE(by_name.contains(name));
        const auto yes = counted([&](const Plan& who) { return asked(who) && did(who); });
        const auto no = counted([&](const Plan& who) { return asked(who) && !did(who); });
        CHECK(by_name[name].at("did").at("members") == yes.first);
        CHECK(by_name[name].at("did").at("came_again") == yes.second);
        CHECK(by_name[name].at("did_not").at("members") == no.first);
        CHECK(by_name[name].at("did_not").at("came_again") == no.second);
    };
    const auto everybody = [](const Plan&) { return true; };
    check(
        "fitting", [](const Plan& who) { return who.fitting(); }, everybody);
    check(
        "checked_in", [](const Plan& who) { return who.app(); }, everybody);
    check(
        "checked_in_by_app", [](const Plan& who) { return who.app(); }, everybody);
    check(
        "came_back_within_14_d", [](const Plan& who) { return who.back(); }, everybody);
    check(
        "bought_on_first_visit", [](const Plan& who) { return who.buys(); }, everybody);
    check(
        "back_after_no_purchase", [](const Plan& who) { return who.back(); },
        [](const Plan& who) { return !who.buys(); });
    check(
        "bought_two_categories", [](const Plan& who) { return who.number % 8 == 0; },
        [](const Plan& who) { return who.buys(); });
    check(
        "weekends",
        [](const Plan& who) {
            // A week later it is the same day of the week.
            return who.number % 20 % 7 >= 5;
        },
        everybody);
    CHECK_FALSE(by_name.contains("entrance"));  // where all of them were
    CHECK_FALSE(by_name.contains("redeemed_coupon"));

    CHECK(answer.at("experiences").at(0).at("zone") == "fitting");
    CHECK(by_name["fitting"].at("with_equal_visits").at("q") < 0.01);
    CHECK(by_name["checked_in"].at("difference").at("q") > 0.05);
}

TEST_CASE("insights: a table of 80 columns that says what it means", "[tool]")
{
    const LivedStore store;
    const auto ran = store.insights();
    CAPTURE(ran.err, ran.out);
    REQUIRE(ran.code == 0);
    for (const auto& line : ran.lines()) CHECK(app::ctl::cells_of(line) <= 80);
    CHECK(ran.out.find("visited fitting") != std::string::npos);
    CHECK(ran.out.find("40, 80 %") != std::string::npos);
    CHECK(ran.out.find("not why") != std::string::npos);
    CHECK(ran.out.find("…") == std::string::npos);

    const auto longer = Json::parse(store.insights({"--json", "--window", "100"}).out);
    CHECK(longer.at("window_days") == 100);
    CHECK(longer.at("members").at("came_again") == 0);  // the visit of day 60 is a beginning now
}

TEST_CASE("insights: what is no ledger is said to be none", "[tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    const auto of = [&](const std::string& db) {
        return raitenctl({"insights", "--db", db, "--config", config});
    };
    const auto none = of(scratch.path("none.db"));
    CHECK(none.code == 66);
    CHECK(none.err.find("no such file") != std::string::npos);
    const auto text = of(scratch.file("notes.txt", std::string(5'000, 'x')));
    CHECK(text.code == 65);
    CHECK(text.err.find("notes.txt") != std::string::npos);
    const auto empty = of(scratch.file("empty.db", ""));
    CHECK(empty.code == 65);
    CHECK(empty.err.find("not a Raiten ledger") != std::string::npos);
    CHECK(raitenctl({"insights", "--db", "x", "--config", scratch.path("no.toml")}).code == 78);
    const auto nobody = raitenctl({"insights", "--config", config});
    CHECK(nobody.code == 69);
}
