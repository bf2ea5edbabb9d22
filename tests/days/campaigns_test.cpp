#include "tests/days/contract.hpp"
#include "tests/days/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

/// What people see of campaigns: over the API and with raitenctl.
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

const std::string root{RAITEN_SOURCE_DIR};

bool fits(const Ran& ran)
{
    const auto lines = ran.lines();
    return std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
        return std::count_if(
                   line.begin(), line.end(),
                   [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })
               <= 80;
    });
}

bool tells(const Ran& ran, const std::string& words)
{
    INFO(ran.out);
    return ran.out.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("days: a running campaign explains itself, to each as much as is theirs",
          "[days][campaigns]")
{
    const auto doc = Json::parse(Scratch::content(root + "/daemon/app/openapi.json"));
    const Store store;
    const auto made = raitenctl({"token", "new", "kiosk", "--config", store.config()});
    REQUIRE(made.code == 0);
    REQUIRE(store.import_members().code == 0);
    const Service service{store};
    Contract api{doc, service.door()};

    // Ann left without buying, and comes back five days later: a coupon.
    std::string morning;
    const auto lines = lines_of(day_file("return-after-5-days.ndjson"));
    for (std::size_t i = 0; i < 7; ++i) morning += lines[i] + "\n";
    REQUIRE(api.ask("POST", "/api/v1/events", "/api/v1/events", morning).status == 200);

    const auto all = Json::parse(api.ask("GET", "/api/v1/campaigns", "/api/v1/campaigns").body);
    REQUIRE(all.at("campaigns").size() == 1);
    const auto one =
        Json::parse(api.ask("GET", "/api/v1/campaigns/{id}", "/api/v1/campaigns/come-back").body);
    CHECK(one == all.at("campaigns")[0]);
    CHECK(one.at("campaign").at("where") == "streak >= 1");
    CHECK(one.at("funnel").at("given") == 1);
    CHECK(one.at("funnel").at("asked") == 1);
    CHECK(one.at("budget").at("reserved") == "100");
    CHECK(one.at("budget").at("left").is_null());
    CHECK(one.at("arms").at(0).at("given") == 1);
    CHECK(one.at("arms").at(0).at("probability") == 1);
    CHECK(one.at("states").at("triggered") == 1);
    CHECK(one.at("effect").at("verdict") == "too_few");
    CHECK(one.at("effect").at("pending") == 1);
    CHECK(api.ask("GET", "/api/v1/campaigns/{id}", "/api/v1/campaigns/nothing").status == 404);

    // At the counter: what is offered, not how it goes.
    const Door::Fields kiosk{{"Authorization", "Bearer " + made.lines().at(0)}};
    for (const std::string target : {"/api/v1/campaigns", "/api/v1/campaigns/come-back"}) {
        const auto told = Json::parse(service.loopback().ask("GET", target, "", kiosk).body);
        const auto& seen = told.contains("campaigns") ? told.at("campaigns").at(0) : told;
        CHECK(seen.at("campaign") == one.at("campaign"));
        for (const char* key : {"funnel", "budget", "effect", "arms", "states", "lease"})
            CHECK_FALSE(seen.contains(key));
    }

    // Ann is the one to walk over to.
    const auto targets = Json::parse(api.ask("GET", "/api/v1/targets", "/api/v1/targets").body);
    REQUIRE(targets.at("targets").size() == 1);
    const auto& ann = targets.at("targets")[0];
    CHECK(ann.at("member") == "ann");
    CHECK(ann.at("coupon").at("offer") == "TEN");
    CHECK(ann.at("reasons").at(0).at("reason") == "coupon");
    CHECK(ann.at("reasons").at(1).at("words") == "came back 1 time without buying");
    CHECK(api.ask("GET", "/api/v1/targets", "/api/v1/targets?limit=x").status == 400);

    // The operator's tool says the same, on a screen of 80 columns.
    const auto tool = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--config", store.config()});
        auto ran = raitenctl(words);
        INFO(ran.err << ran.out);
        CHECK(ran.code == 0);
        CHECK(fits(ran));
        return ran;
    };
    CHECK(tells(tool({"targets"}), "came back 1 time"));
    CHECK(tells(tool({"campaigns", "list"}), "come-back"));
    const auto shown = tool({"campaigns", "show", "come-back"});
    CHECK(tells(shown, "where          streak >= 1"));
    CHECK(tells(shown, "occasions      1: 1 given, 0 withheld"));
    CHECK(tells(shown, "1 pending"));
    CHECK(tells(tool({"coupons"}), "    where: streak >= 1\n    streak: 1\n"));
    CHECK(tells(tool({"coupons", "--state", "redeemed"}), "no coupons"));
    CHECK(
        Json::parse(
            raitenctl({"campaigns", "show", "come-back", "--json", "--config", store.config()}).out)
            .at("id")
        == "come-back");
    CHECK(raitenctl({"campaigns", "show", "nothing", "--config", store.config()}).code == 1);
    CHECK(api.ask("GET", "/api/v1/coupons", "/api/v1/coupons?state=lost").status == 400);
    CHECK(api.ask("GET", "/api/v1/coupons", "/api/v1/coupons?state=triggered").status == 200);

    const auto page = service.door().ask("GET", "/metrics").body;
    CHECK(page.find("raiten_campaign_given_total{campaign=\"come-back\"} 1") != std::string::npos);
}

TEST_CASE("days: what a campaign changed can be asked of a ledger's file", "[days][campaigns]")
{
    const Store store;
    const auto db = store.path("played.sqlite");
    REQUIRE(store.replay(day_file("return-after-5-days.ndjson"), {"--db", db}).code == 0);
    const auto ran =
        raitenctl({"campaigns", "show", "come-back", "--db", db, "--config", store.config()});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(fits(ran));
    CHECK(tells(ran, "verdict        too few"));
    CHECK(raitenctl(
              {"campaigns", "show", "come-back", "--db", db + ".gone", "--config", store.config()})
              .code
          == 66);
}

TEST_CASE("days: what head office leases is what the store may give, also after a restart",
          "[days][campaigns]")
{
    const auto doc = Json::parse(Scratch::content(root + "/daemon/app/openapi.json"));
    const Store store;
    store.file("campaigns/leased.json", leased_campaign);
    REQUIRE(store.import_members().code == 0);
    const auto of = [](Contract& api) {
        return Json::parse(
            api.ask("GET", "/api/v1/campaigns/{id}", "/api/v1/campaigns/leased").body);
    };
    const auto lines = lines_of(day_file("return-after-5-days.ndjson"));
    std::string morning;
    for (std::size_t i = 0; i < 7; ++i) morning += lines[i] + "\n";
    {
        const Service service{store};
        Contract api{doc, service.door()};
        CHECK(granted(api, "leased", 3, "100") == 200);
        CHECK(granted(api, "leased", 2, "9000") == 409);
        CHECK(granted(api, "come-back", 1, "5") == 409);
        REQUIRE(api.ask("POST", "/api/v1/events", "/api/v1/events", morning).status == 200);
        // Two visits: the second coupon would have cost more than the lease.
        const auto one = of(api);
        CHECK(one.at("funnel").at("given") == 1);
        CHECK(one.at("lease").at("budget") == "100");
    }
    const Service again{store};
    Contract api{doc, again.door()};
    const auto one = of(api);
    CHECK(one.at("lease").at("version") == 3);
    CHECK(one.at("lease").at("budget") == "100");
}
