#include "daemon/app/campaign_check.hpp"
#include "daemon/app/files.hpp"
#include "tests/days/json_schema.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <random>
#include <set>

/// The notation of campaigns, told three times: parser, writer and config/campaign.schema.json.
using namespace raiten;
using namespace raiten::app;
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

using Dice = std::mt19937;

Json schema()
{
    return Json::parse(
        read_file(std::string{RAITEN_SOURCE_DIR} + "/config/campaign.schema.json", 1 << 20)
            .value());
}

std::set<std::string> properties(const Json& schema)
{
    std::set<std::string> names;
    for (const auto& [name, ignored] : schema.at("properties").items()) names.insert(name);
    return names;
}

std::set<std::string> set_of(const std::vector<std::string>& names)
{
    return {names.begin(), names.end()};
}

template <class T>
const T& one_of(const std::vector<T>& list, Dice& dice)
{
    return list[dice() % list.size()];
}

std::int64_t below(std::int64_t most, Dice& dice)
{
    return static_cast<std::int64_t>(dice()) % most;
}

Millis some_days(Dice& dice, unsigned most)
{
    return std::chrono::hours{24 * (1 + below(most, dice))};
}

UseLimit some_limit(Dice& dice, unsigned days)
{
    UseLimit limit{static_cast<std::uint32_t>(1 + dice() % 50), {}};
    if (dice() % 3 > 0) limit.period = some_days(dice, days);
    return limit;
}

Campaign some_campaign(Dice& dice)
{
    const auto yes = [&] { return dice() % 2 == 0; };
    Campaign c;
    c.id = "c-" + std::to_string(dice() % 1000);
    c.moment = static_cast<Moment>(dice() % moment_count);
    if (yes()) c.where = "visits >= 2";
    for (unsigned i = 0; i <= dice() % 3; ++i) {
        Offer offer;
        offer.code = "O-" + std::to_string(i);
        offer.text = {{"ja", "お茶"}, {"en", "tea"}};
        if (yes()) offer.cost = Money::from_ten_thousandths(below(5'000'000, dice));
        if (yes()) offer.value = Money::from_units(below(900, dice));
        if (yes()) offer.item = "tea";
        c.offers.push_back(offer);
    }
    if (yes()) c.starts_at = Instant{Millis{1'790'000'000'000 + below(1'000'000'000, dice)}};
    if (yes()) c.ends_at = Instant{Millis{1'799'000'000'000 + below(1'000'000'000, dice)}};
    c.valid_for = some_days(dice, 400);
    if (c.moment == Moment::visit_predicted) c.lead = some_days(dice, 7);
    c.channel = static_cast<Channel>(dice() % channel_count);
    c.control = static_cast<double>(dice() % 100) / 100;
    for (unsigned i = 0; i < dice() % 3; ++i) c.per_member.push_back(some_limit(dice, 400));
    for (unsigned i = 0; i < dice() % 3; ++i) c.per_store.push_back(some_limit(dice, 31));
    if (yes()) c.budget = Money::from_units(500 + below(100'000, dice));
    if (yes()) {
        const bool daily = yes();
        c.stock =
            Campaign::Stock{static_cast<std::uint32_t>(1 + dice() % 100), daily, daily && yes()};
    }
    c.leased = (c.budget || c.stock) && yes();
    if (yes()) {
        const std::chrono::minutes from{below(1440, dice)};
        c.quiet_hours = QuietHours{from, (from + std::chrono::minutes{1 + below(1439, dice)})
                                             % std::chrono::minutes{1440}};
    }
    if (yes()) c.min_gap = some_days(dice, 30);
    if (yes()) c.target = yes() ? Campaign::Target{0.25, {}} : Campaign::Target{{}, 0.02};
    return c;
}

/// One value put somewhere, something taken away, or a key that nobody knows.
void damage(Json& document, Dice& dice)
{
    static const std::vector<std::string> places{
        "/offers/0",          "/offers/0/code",     "/offers/0/text",    "/offers/0/text/en",
        "/offers/0/text/x",   "/offers/0/cost",     "/offers/0/item",    "/per_member/count",
        "/per_member/period", "/per_store/count",   "/per_store/period", "/stock/count",
        "/stock/per",         "/stock/spread",      "/quiet_hours/from", "/quiet_hours/to",
        "/target/top_share",  "/target/uplift_min", "/surprise",         "/offers/0/surprise",
        "/stock/surprise"};
    static const std::vector<Json> values = [] {
        std::vector<Json> all{nullptr,
                              true,
                              false,
                              0,
                              1,
                              2,
                              0.3,
                              1.0,
                              1.5,
                              -1,
                              1e12,
                              "",
                              "day",
                              "campaign",
                              "7d",
                              "90min",
                              "0s",
                              "1h1d",
                              "24",
                              "300",
                              "4.50",
                              "4.",
                              "-1",
                              ".5",
                              "21:00",
                              "9:00",
                              "24:00",
                              "kiosk",
                              "app",
                              "visit_predicted",
                              "purchased",
                              "2026-11-22T00:00:00+09:00",
                              "2026-11-22",
                              "a b",
                              "x-1",
                              Json::object(),
                              Json::array(),
                              std::string(65, 'a'),
                              std::string(2001, 'b')};
        for (const auto* text :
             {R"({"count":3,"period":"day"})", R"({"count":3,"period":"400d"})",
              R"([{"count":3,"period":"7d"}])", R"([{"count":3}])", R"({"count":20,"per":"day"})",
              R"({"count":20,"per":"campaign","spread":true})", R"({"top_share":0.5})",
              R"({"top_share":0.5,"uplift_min":0})", R"({"from":"21:00","to":"09:00"})",
              R"({"from":"21:00","to":"21:00"})", R"([{"code":"A","text":{"en":"a"}}])"})
            all.push_back(Json::parse(text));
        return all;
    }();
    std::string place =
        dice() % 2 == 0 ? one_of(places, dice) : "/" + one_of(campaign_keys(), dice);
    const Json::json_pointer pointer{place};
    const auto parent = pointer.parent_pointer();
    if (!document.contains(parent) || !document.at(parent).is_object()) return;
    if (dice() % 5 == 0)
        document.at(parent).erase(pointer.back());
    else
        document[pointer] = one_of(values, dice);
}

/// What only the parser knows: the sizes of spans, and how values stand to each other.
bool beyond_a_schema(const Problem& problem)
{
    static const std::array known{
        "is not after",         "is longer than",         "is no time at all",
        "is there twice",       "cover the whole",        "can never be reached",
        "is never reached",     "is more than the stock", "is smaller than",
        "is everybody",         "needs a control",        "nothing to lease",
        "is shorter than lead", "is too large",           "holds control characters"};
    return std::any_of(known.begin(), known.end(), [&](const char* words) {
        return problem.what.find(words) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("campaigns: the schema knows the keys of the parser", "[campaigns]")
{
    const auto all = schema();
    CHECK(unsound(all, all) == "");
    CHECK(properties(all) == set_of(campaign_keys()));
    const auto& p = all.at("properties");
    CHECK(properties(p.at("offers").at("items")) == set_of(offer_keys()));
    CHECK(properties(all.at("$defs").at("limit")) == set_of(limit_keys()));
    CHECK(properties(p.at("stock")) == set_of(stock_keys()));
    CHECK(properties(p.at("quiet_hours")) == set_of(quiet_hours_keys()));
    CHECK(properties(p.at("target")) == set_of(target_keys()));
    CHECK(p.at("moment").at("enum").size() == moment_count);
    for (const auto& moment : p.at("moment").at("enum"))
        CHECK(moment_of(moment.get<std::string>()).has_value());
    CHECK(p.at("channel").at("enum").size() == channel_count);
    for (const auto& channel : p.at("channel").at("enum"))
        CHECK(channel_of(channel.get<std::string>()).has_value());
    // What a schema promises as a default is what the program takes.
    const Campaign plain;
    CHECK(p.at("control").at("default") == plain.control);
    CHECK(p.at("valid_for").at("default") == "24h");
    CHECK(plain.valid_for == std::chrono::hours{24});
    CHECK(p.at("lead").at("default") == "3h");
    CHECK(plain.lead == std::chrono::hours{3});
    CHECK(p.at("channel").at("default") == text_of(plain.channel));
}

TEST_CASE("campaigns: any campaign is read as it was written, and fits the schema", "[campaigns]")
{
    const auto all = schema();
    const unsigned seed = 11;
    Dice dice{seed};
    int told = 0;
    for (int round = 0; round < 300; ++round) {
        const auto campaign = some_campaign(dice);
        const auto text = write_campaign(campaign);
        INFO("seed " << seed << " round " << round << "\n" << text);
        REQUIRE(violation(Json::parse(text), all, all) == "");
        const auto read = parse_campaign(text, {});
        const auto errors = check_campaign(campaign, {}).errors;
        if (!errors.empty()) {
            REQUIRE_FALSE(read.campaign);
            continue;
        }
        for (const auto& problem : read.problems) UNSCOPED_INFO(problem.text());
        REQUIRE(read.campaign);
        ++told;
        const auto& c = *read.campaign;
        REQUIRE(write_campaign(c) == text);
        REQUIRE(c.moment == campaign.moment);
        REQUIRE(c.per_member == campaign.per_member);
        REQUIRE(c.per_store == campaign.per_store);
        REQUIRE(c.stock == campaign.stock);
        REQUIRE(c.quiet_hours == campaign.quiet_hours);
        REQUIRE(c.target == campaign.target);
        REQUIRE(c.min_gap == campaign.min_gap);
        REQUIRE(c.valid_for == campaign.valid_for);
        REQUIRE(c.lead == campaign.lead);
        REQUIRE(c.channel == campaign.channel);
        REQUIRE(c.leased == campaign.leased);
        REQUIRE(c.budget == campaign.budget);
        REQUIRE(c.ends_at == campaign.ends_at);
    }
    CHECK(told > 30);
}

TEST_CASE("campaigns: schema and parser say the same of damaged campaigns", "[campaigns]")
{
    const auto all = schema();
    const unsigned seed = 12;
    Dice dice{seed};
    int good = 0;
    int bad = 0;
    for (int round = 0; round < 1000; ++round) {
        auto document = Json::parse(write_campaign(some_campaign(dice)));
        for (unsigned i = 0; i <= dice() % 3; ++i) damage(document, dice);
        const auto refused = violation(document, all, all);
        const auto read = parse_campaign(document.dump(), {});
        INFO("seed " << seed << " round " << round << "\n" << document.dump(1));
        INFO("the schema says: " << refused);
        for (const auto& problem : read.problems) UNSCOPED_INFO("the parser: " << problem.text());
        if (!refused.empty()) {
            ++bad;
            REQUIRE_FALSE(read.problems.empty());
            continue;
        }
        ++good;
        for (const auto& problem : read.problems) REQUIRE(beyond_a_schema(problem));
    }
    CHECK(good > 100);
    CHECK(bad > 100);
}

TEST_CASE("campaigns: the examples are good as they stand, without a warning", "[campaigns]")
{
    const auto folder = std::string{RAITEN_SOURCE_DIR} + "/config/campaigns";
    CampaignGround ground;
    ground.currency = "JPY";
    std::set<Moment> moments;
    std::set<std::string> ids;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (entry.path().extension() != ".json") continue;
        const auto text = read_file(entry.path().string(), campaign_bytes_max).value();
        const auto read = parse_campaign(text, ground);
        INFO(entry.path().string());
        for (const auto& each : read.problems) UNSCOPED_INFO(each.text());
        for (const auto& each : read.warnings) UNSCOPED_INFO(each.text());
        REQUIRE(read.campaign);
        CHECK(read.warnings.empty());
        CHECK(read.campaign->id == entry.path().stem().string());
        ids.insert(read.campaign->id);
        moments.insert(read.campaign->moment);
    }
    CHECK(ids.size() == 5);
    CHECK(moments
          == std::set<Moment>{Moment::non_purchase_return, Moment::visit_predicted,
                              Moment::went_dormant, Moment::purchased, Moment::first_purchase});
}
