#include "daemon/app/campaign_files.hpp"
#include "daemon/app/files.hpp"
#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace raiten;
using namespace raiten::app;
using namespace std::chrono_literals;

namespace {

const std::string example_path =
    std::string{RAITEN_SOURCE_DIR} + "/config/campaigns/came-back-empty-handed.json";

std::string example()
{
    return read_file(example_path, campaign_bytes_max).value();
}

/// The example with one value replaced: "" as pointer's parent is the root.
std::vector<Problem> with(const std::string& pointer, const nlohmann::json& value)
{
    auto json = nlohmann::json::parse(example());
    json[nlohmann::json::json_pointer{pointer}] = value;
    return parse_campaign(json.dump(), {}).problems;
}

void expect(const std::vector<Problem>& problems, const std::string& line)
{
    INFO("expected " << line);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].text().find(line) == 0);
}

}  // namespace

TEST_CASE("campaigns: the example is read as it is meant", "[campaigns]")
{
    const auto read = parse_campaign(example(), {});
    REQUIRE(read.campaign.has_value());
    const auto& c = *read.campaign;
    CHECK(c.id == "came-back-empty-handed");
    CHECK(c.moment == Moment::non_purchase_return);
    CHECK(c.where == "streak >= 1");
    CHECK(c.offers.at(0).value == Money::from_units(300));
    CHECK(c.offers.at(0).text.count("ja") == 1);
    CHECK(c.control == 0.1);
    CHECK(c.valid_for == 24h);
    CHECK(c.per_member == std::vector<UseLimit>{{1, Millis{30 * 24h}}});
    CHECK(c.per_store == std::vector<UseLimit>{{50, {}}});
    CHECK(c.channel == Channel::kiosk);
    CHECK(c.min_gap == 7 * 24h);
}

TEST_CASE("campaigns: what is written can be read again", "[campaigns]")
{
    const auto first = write_campaign(parse_campaign(example(), {}).campaign.value());
    CHECK(write_campaign(parse_campaign(first, {}).campaign.value()) == first);
    CHECK(nlohmann::json::parse(first) == nlohmann::json::parse(example()));
}

TEST_CASE("campaigns: every mistake is told by its place", "[campaigns]")
{
    expect(with("/moment", "visit_open"),
           "/moment: 'visit_open' is not a moment (did you mean 'visit_opened'?)");
    expect(with("/moment", "full_moon"), "/moment: 'full_moon' is not a moment (one of visit_op");
    expect(with("/channel", "mial"), "/channel: 'mial' is not a channel (did you mean 'mail'?)");
    expect(with("/contorl", 0.2), "/contorl: there is no such key (did you mean 'control'?)");
    expect(with("/control", 1.2), "/control: is not a share");
    expect(with("/offers/0/value", 300), "/offers/0/value: is not a decimal string");
    expect(with("/offers/0/price", "1"), "/offers/0/price: there is no such key");
    expect(with("/offers", nlohmann::json::array()), "/offers: is not a list of offers");
    expect(with("/valid_for", 24), "/valid_for: is not a duration");
    expect(with("/valid_for", "24"), "/valid_for: '24' has no unit");
    expect(with("/per_member/count", 0), "/per_member/count: is not a count");
    expect(with("/id", "a b"), "/id: has other characters");
    expect(with("/starts_at", "2026-11-22"), "/starts_at: not a time");
    expect(with("/budget", "-1"), "/budget: is negative");
    expect(with("/budget", "0"), "/budget: is smaller than the cost of one offer");
    expect(with("/valid_for", "0h"), "/valid_for: is no time at all");
    expect(with("/valid_for", "401d"), "/valid_for: is longer than 400d");
    expect(with("/lead", "3h"), "/lead: is only for the moment visit_predicted");
    expect(with("/stock", {{"count", 9}}), "/stock/per: is missing");
    expect(with("/stock", {{"count", 90}, {"per", "campaign"}, {"spread", true}}),
           "/stock/spread: only a stock per day");
    expect(with("/quiet_hours", {{"from", "21:00"}}), "/quiet_hours/to: is missing");
    expect(with("/quiet_hours", {{"from", "9:00"}, {"to", "10:00"}}),
           "/quiet_hours/from: '9:00' is not a time of day");
    expect(with("/target", nlohmann::json::object()), "/target: says nothing");
    expect(with("/target", {{"top_share", 0.3}, {"uplift_min", 0.1}}),
           "/target: has both top_share and uplift_min");
    expect(with("/per_member", nlohmann::json::array()), "/per_member: is not a list of 1 to 4");
    expect(with("/per_member/period", "401d"), "/per_member/period: is longer than 400d");
    expect(with("/per_store", {{"count", 900}, {"period", "32d"}}),
           "/per_store/period: is longer than 31d");
    expect(with("/control", 1), "/control: is everybody: nobody would ever get a coupon");
    CHECK(parse_campaign("{}", {}).problems.size() == 3);
    expect(parse_campaign("{\"id\": \"a\",\n  nonsense}", {}).problems, "2:");
    auto twice = example();
    twice.insert(1, "\"id\": \"x\",");
    expect(parse_campaign(twice, {}).problems, "/: the key 'id' stands twice");
    auto leased = nlohmann::json::parse(example());
    leased["leased"] = true;
    CHECK(parse_campaign(leased.dump(), {}).problems.empty());
    leased.erase("budget");
    expect(parse_campaign(leased.dump(), {}).problems,
           "/leased: there is nothing that head office");
}

TEST_CASE("campaigns: texts that are made to break a reader are refused in words", "[campaigns]")
{
    const std::string deep = std::string(9, '[') + std::string(9, ']');
    expect(parse_campaign(R"({"id":)" + deep + "}", {}).problems, "/: is nested too deeply");
    expect(parse_campaign(R"({"id":"a","control":1e999})", {}).problems,
           "/: holds a number that is too large");
    expect(parse_campaign(std::string(campaign_bytes_max + 1, ' '), {}).problems,
           "/: a campaign of more than 65536 bytes");
    expect(with("/" + std::string(5'000, 'x'), 1), "/" + std::string(64, 'x') + "…: there is no");
    expect(with("/moment", std::string(5'000, 'x')), "/moment: '" + std::string(40, 'x') + "…' is");
    expect(with("/per_day", 1e18), "/per_day: is not a count");
    expect(with("/per_day", -1), "/per_day: is not a count");
    expect(with("/per_member/count", 1'000'000'000), "/per_member: can never be reached");
    expect(with("/offers", nlohmann::json::array({1})), "/offers/0: is not an object");
    std::string keys = "{";
    for (int i = 0; i < 5'000; ++i) keys += "\"k" + std::to_string(i) + "\":1,";
    const auto many = parse_campaign(keys + "\"id\":\"a\"}", {}).problems;
    REQUIRE(many.size() == 33);
    CHECK(many.back().what == "and 4970 more mistakes");
    CHECK(parse_campaign("", {}).problems.size() == 1);
    CHECK(parse_campaign("[]", {}).problems.size() == 1);
}

TEST_CASE("campaigns: every key is read as a marketer writes it", "[campaigns]")
{
    const auto read = parse_campaign(R"({
        "id": "all", "moment": "visit_predicted", "lead": "4h", "channel": "wallet",
        "offers": [{"code": "A", "text": {"en": "a", "ja": "い"}, "cost": "4.50", "item": "tea"}],
        "per_member": [{"count": 1, "period": "day"}, {"count": 3, "period": "30d"}],
        "per_day": 20, "per_store": {"count": 100, "period": "7d"},
        "stock": {"count": 20, "per": "day"}, "leased": true, "budget": "900",
        "quiet_hours": {"from": "21:00", "to": "09:00"}, "target": {"top_share": 0.3}})",
                                     {});
    for (const auto& problem : read.problems) UNSCOPED_INFO(problem.text());
    REQUIRE(read.campaign);
    const auto& c = *read.campaign;
    CHECK(c.moment == Moment::visit_predicted);
    CHECK(c.lead == 4h);
    CHECK(c.channel == Channel::wallet);
    CHECK(c.per_member == std::vector<UseLimit>{{1, {}}, {3, Millis{30 * 24h}}});
    CHECK(c.per_store == std::vector<UseLimit>{{20, {}}, {100, Millis{7 * 24h}}});
    CHECK(c.stock == Campaign::Stock{20, true, true});
    CHECK(c.leased);
    CHECK(c.quiet_hours == QuietHours{21h, 9h});
    CHECK(c.target == Campaign::Target{0.3, {}});
    CHECK(parse_campaign(write_campaign(c), {}).campaign->per_store == c.per_store);
}

TEST_CASE("campaigns: the segment is asked of whoever compiles it", "[campaigns]")
{
    std::string asked;
    CampaignGround ground;
    ground.where = [&asked](const std::string& where) -> Result<void> {
        asked = where;
        return Problem{"no such column: streek", "column 1"};
    };
    expect(parse_campaign(example(), ground).problems,
           "/where: no such column: streek at column 1");
    CHECK(asked == "streak >= 1");
}

TEST_CASE("campaigns: a folder in the order of names; one bad file does not stop the rest",
          "[campaigns]")
{
    auto folder = (std::filesystem::temp_directory_path() / "raiten-campaigns-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    auto second = nlohmann::json::parse(example());
    second["id"] = "second";
    std::ofstream{folder + "/b.json"} << second.dump();
    std::ofstream{folder + "/a.json"} << example();
    std::ofstream{folder + "/c.json"} << "{";
    std::ofstream{folder + "/d.json"} << example();
    std::ofstream{folder + "/readme.txt"} << "not a campaign";
    const auto found = load_campaigns(folder, {});
    REQUIRE(found.campaigns.size() == 2);
    CHECK(found.campaigns[0].id == "came-back-empty-handed");
    CHECK(found.campaigns[1].id == "second");
    REQUIRE(found.problems.size() == 2);
    CHECK(found.problems[0].where.find("/c.json: 1:") != std::string::npos);
    CHECK(found.problems[1].what.find("already taken") != std::string::npos);
    std::filesystem::remove_all(folder);
    CHECK(load_campaigns(folder, {}).problems.empty());
}

TEST_CASE("campaigns: a file that turns bad goes on as it last was", "[campaigns]")
{
    auto folder = (std::filesystem::temp_directory_path() / "raiten-campaigns-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const auto put = [&](const std::string& name, const std::string& text) {
        std::ofstream{folder + "/" + name, std::ios::trunc} << text;
    };
    const auto named = [](const std::string& id, int per_day) {
        auto json = nlohmann::json::parse(example());
        json["id"] = id;
        json["per_day"] = per_day;
        return json.dump();
    };
    const auto running = [](const CampaignFolder& found) {
        std::string ids;
        for (const auto& c : found.campaigns)
            ids += c.id + ":" + std::to_string(c.per_store.front().count) + " ";
        return ids;
    };
    put("a.json", named("a", 10));
    put("b.json", named("b", 20));
    auto found = load_campaigns(folder, {});
    CHECK(running(found) == "a:10 b:20 ");

    // The marketer edits both; one slips.
    put("a.json", named("a", 11));
    put("b.json", "{\"id\": \"b\", oops");
    found = load_campaigns(folder, {}, found.good);
    CHECK(running(found) == "a:11 b:20 ");
    CHECK(found.kept == std::vector<std::string>{folder + "/b.json"});
    CHECK(found.problems.size() == 1);

    // Again and again, it stays.
    found = load_campaigns(folder, {}, found.good);
    CHECK(running(found) == "a:11 b:20 ");

    // A good file with the kept one's id wins over it.
    put("c.json", named("b", 30));
    auto taken = load_campaigns(folder, {}, found.good);
    CHECK(running(taken) == "a:11 b:30 ");
    CHECK(taken.kept.empty());
    std::filesystem::remove(folder + "/c.json");

    // Too many files at once: all goes on as it was.
    for (std::size_t i = 0; i <= campaigns_max; ++i) put("x" + std::to_string(i) + ".json", "{}");
    const auto crowded = load_campaigns(folder, {}, found.good);
    CHECK(running(crowded) == "a:11 b:20 ");
    REQUIRE(crowded.problems.size() == 1);
    CHECK(crowded.problems[0].what.find("more than 256 files") != std::string::npos);
    for (std::size_t i = 0; i <= campaigns_max; ++i)
        std::filesystem::remove(folder + "/x" + std::to_string(i) + ".json");

    // Mended, and gone.
    put("b.json", named("b", 21));
    found = load_campaigns(folder, {}, found.good);
    CHECK(running(found) == "a:11 b:21 ");
    CHECK(found.kept.empty());
    std::filesystem::remove(folder + "/b.json");
    found = load_campaigns(folder, {}, found.good);
    CHECK(running(found) == "a:11 ");
    std::filesystem::remove_all(folder);
}

TEST_CASE("campaigns: one that has ended is left out and told, not blamed", "[campaigns]")
{
    auto folder = (std::filesystem::temp_directory_path() / "raiten-campaigns-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    auto json = nlohmann::json::parse(example());
    json["ends_at"] = "2026-11-01T00:00:00+09:00";
    std::ofstream{folder + "/a.json"} << json.dump();
    CampaignGround ground;
    ground.now = parse_instant("2026-10-31T23:59:59+09:00").value();
    auto found = load_campaigns(folder, ground);
    CHECK(found.campaigns.size() == 1);
    CHECK(found.warnings.empty());

    ground.now = parse_instant("2026-11-01T00:00:00+09:00").value();
    found = load_campaigns(folder, ground, found.good);
    CHECK(found.campaigns.empty());
    CHECK(found.problems.empty());
    REQUIRE(found.warnings.size() == 1);
    CHECK(found.warnings[0].text().find("a.json: /ends_at: has ended") != std::string::npos);

    // Who lints it is told so.
    CHECK(parse_campaign(json.dump(), ground).problems.size() == 1);
    // A kept version does not outlive its end either.
    std::ofstream{folder + "/a.json"} << "{";
    ground.now = parse_instant("2026-10-31T23:59:59+09:00").value();
    json["id"] = "other";
    GoodCampaigns before{{folder + "/a.json", parse_campaign(json.dump(), {}).campaign.value()}};
    CHECK(load_campaigns(folder, ground, before).campaigns.size() == 1);
    ground.now = parse_instant("2026-11-02T00:00:00+09:00").value();
    CHECK(load_campaigns(folder, ground, before).campaigns.empty());
    std::filesystem::remove_all(folder);
}

TEST_CASE("campaigns: damaged files are refused in words", "[campaigns]")
{
    const unsigned seed = 3;
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    const auto whole = example();
    for (int i = 0; i < 200; ++i) {
        auto text = whole.substr(0, i % 4 == 0 ? dice() % whole.size() : whole.size());
        for (unsigned k = 0; k < 1 + dice() % 8 && !text.empty(); ++k)
            text[dice() % text.size()] = static_cast<char>(dice() % 256);
        const auto read = parse_campaign(text, {});
        if (!read.campaign) REQUIRE_FALSE(read.problems.empty());
        for (const auto& problem : read.problems) REQUIRE_FALSE(problem.what.empty());
    }
    REQUIRE_FALSE(parse_campaign(std::string(60'000, '['), {}).campaign.has_value());
}
