#include "tests/faults/shop_script.hpp"
#include "tests/support/hq_ear.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <boost/asio/io_context.hpp>

#include <catch2/catch.hpp>

#include <csignal>

/// What HQ, a marketer or somebody with bad intentions leaves in the campaigns' folder while the
/// store is open.
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

struct Hostile {
    const char* name;
    std::string text;
    const char* told;  ///< part of what the log says of it
};

std::string campaign(const std::string& id, const std::string& more)
{
    return R"({"id":")" + id
           + R"(","moment":"non_purchase_return","offers":[{"code":"A","text":{"en":"a","ja":"い"},)"
             R"("value":"1","cost":"1"}],"per_member":{"count":1,"period":"day"})"
           + more + "}";
}

std::vector<Hostile> hostile_files()
{
    const auto where = [](const std::string& id, const std::string& expression) {
        return campaign(id, ",\"where\":" + Json(expression).dump());
    };
    return {
        {"injection", where("injection", "1); DROP TABLE member; --"), "without its"},
        {"subquery", where("subquery", "(SELECT count(*) FROM sqlite_master) > 0"), "SELECT"},
        {"recursion",
         where("recursion",
               "1 IN (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r)"
               " SELECT n FROM r)"),
         "/where"},
        {"nested", where("nested", std::string(500, '(') + "1" + std::string(500, ')')),
         "nested too deeply"},
        {"column", where("column", "streek >= 1"), "streek"},
        {"huge", campaign("huge", ",\"item\":\"" + std::string(200'000, 'x') + "\""), "huge.json"},
        {"deep", std::string(60'000, '[') + std::string(60'000, ']'), "deep.json"},
        {"number", campaign("number", ",\"control\":1e999"), "too large"},
        {"limits", campaign("limits", R"(,"per_day":30,"stock":{"count":20,"per":"day"})"),
         "more than the stock"},
        {"budget", campaign("budget", R"(,"budget":"0.5")"), "smaller than the cost"},
        {"past",
         campaign("past",
                  R"(,"starts_at":"2020-02-01T00:00:00Z","ends_at":"2020-01-01T00:00:00Z")"),
         "is not after starts_at"},
        {"nobody", campaign("nobody", ",\"control\":1"), "nobody would ever get a coupon"},
        {"key", campaign("key", ",\"per_membre\":1"), "did you mean 'per_member'?"},
        {"thief", campaign("back", ""), "is already taken"},
        {"zero", std::string{"\0\0\0\0", 4}, "zero.json"},
        {"empty", "", "empty.json"},
    };
}

}  // namespace

TEST_CASE("hostile campaigns are refused in words, and the running ones go on", "[faults]")
{
    StoreBox box{StoreBox::Clock::events, script_readers()};
    box.write_campaign("back", script_campaign());
    box.start();
    box.enrol("m", script_token(0));
    box.enrol("n", script_token(1));
    const auto come = [&](int member, const std::string& at) {
        return box
            .post("/api/v1/checkins", R"({"reader":"desk","at":"2090-01-)" + at
                                          + R"(:00:00+09:00","token":")" + script_token(member)
                                          + "\"}")
            .status;
    };
    const auto coupons = [&] {
        return Json::parse(box.get("/api/v1/coupons").body)["coupons"].size();
    };
    boost::asio::io_context io;
    const auto reload = [&] {
        const auto loads = [&] {
            std::size_t times = 0;
            const auto log = box.log();
            for (auto at = log.find("campaigns.loaded"); at != log.npos;
                 at = log.find("campaigns.loaded", at + 1))
                ++times;
            return times;
        };
        const auto before = loads();
        box.signal(SIGHUP);
        return run_until(io, [&] { return loads() > before; });
    };
    REQUIRE(come(0, "10T10") == 200);
    REQUIRE(come(0, "10T16") == 200);
    CHECK(coupons() == 1);

    // All of them at once, beside the good one.
    const auto files = hostile_files();
    for (const auto& file : files) box.write_campaign(file.name, file.text);
    REQUIRE(reload());
    for (const auto& file : files) {
        INFO(file.name);
        CHECK(box.log().find(std::string{file.name} + ".json") != std::string::npos);
        CHECK(box.log().find(file.told) != std::string::npos);
    }
    auto status = Json::parse(box.get("/api/v1/status").body)["campaigns"];
    CHECK(status["running"] == 1);
    CHECK(status["problems"].get<std::size_t>() >= files.size());
    CHECK(status["kept"].empty());
    REQUIRE(come(1, "11T10") == 200);
    REQUIRE(come(1, "11T16") == 200);
    CHECK(coupons() == 2);

    // Now the good one itself turns bad: it goes on as it last was.
    box.write_campaign("thief", "{}");
    box.write_campaign("back", "{\"id\": \"back\", \"moment\": ");
    REQUIRE(reload());
    status = Json::parse(box.get("/api/v1/status").body)["campaigns"];
    CHECK(status["running"] == 1);
    REQUIRE(status["kept"].size() == 1);
    CHECK(status["kept"][0].get<std::string>().ends_with("back.json"));
    CHECK(box.log().find("its last good version runs on") != std::string::npos);
    REQUIRE(come(0, "12T10") == 200);
    REQUIRE(come(0, "12T16") == 200);
    CHECK(coupons() > 2);

    CHECK(box.get("/readyz").status == 200);
    CHECK(box.stop() == 0);
}
