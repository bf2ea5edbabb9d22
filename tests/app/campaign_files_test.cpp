#include "daemon/app/campaign_files.hpp"
#include "daemon/app/files.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

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

std::set<std::string> properties(const nlohmann::json& schema)
{
    std::set<std::string> names;
    for (const auto& [name, ignored] : schema.at("properties").items()) names.insert(name);
    return names;
}

std::set<std::string> set_of(const std::vector<std::string>& names)
{
    return {names.begin(), names.end()};
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
    CHECK(c.per_member->count == 1);
    CHECK(c.per_member->period == 30 * 24h);
    CHECK(c.per_day == 50U);
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
    expect(with("/moment", "visit_opened"),
           "/moment: 'visit_opened' is not a moment of this version (known: non_purchase_return)");
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
    CHECK(parse_campaign("{}", {}).problems.size() == 3);
    expect(parse_campaign("{\"id\": \"a\",\n  nonsense}", {}).problems, "2:");
    auto twice = example();
    twice.insert(1, "\"id\": \"x\",");
    expect(parse_campaign(twice, {}).problems, "/: the key 'id' stands twice");
}

TEST_CASE("campaigns: the segment is asked of whoever compiles it", "[campaigns]")
{
    std::string asked;
    const WhereChecker check = [&asked](const std::string& where) -> Result<void> {
        asked = where;
        return Problem{"no such column: streek"};
    };
    expect(parse_campaign(example(), check).problems, "/where: no such column: streek");
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

TEST_CASE("campaigns: the schema knows the keys of the parser", "[campaigns]")
{
    const auto schema = nlohmann::json::parse(
        read_file(std::string{RAITEN_SOURCE_DIR} + "/config/campaign.schema.json", 1 << 20)
            .value());
    CHECK(properties(schema) == set_of(campaign_keys()));
    const auto& p = schema.at("properties");
    CHECK(properties(p.at("offers").at("items")) == set_of(offer_keys()));
    CHECK(properties(p.at("per_member")) == set_of(per_member_keys()));
    for (const auto& moment : p.at("moment").at("enum"))
        CHECK(moment_of(moment.get<std::string>()).has_value());
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
