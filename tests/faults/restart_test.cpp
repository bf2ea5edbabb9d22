#include "daemon/base/iso8601.hpp"
#include "tests/faults/quick_store.hpp"
#include "tests/faults/shop_script.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <optional>

/// A restart in the middle of somebody's approach:
///
///     sightings   x    x   |stop|   x
///     visit       |-----------------o      opened at the third, dated back to the first
using namespace raiten;
using namespace raiten::test;

namespace {

/// A store whose time moves with the events.
struct Shop {
    StoreBox box{StoreBox::Clock::events, script_readers()};

    Shop()
    {
        box.start();
        box.enrol("m", badge);
    }
    void see(int second)
    {
        const nlohmann::json sighting{
            {"type", "sighting"},
            {"at", script_time(script_start() + std::chrono::seconds{second})},
            {"reader", "door"},
            {"token", badge},
            {"rssi", -60}};
        const auto reply = box.post_lines(sighting.dump() + "\n");
        INFO(reply.body);
        REQUIRE(reply.status == 200);
    }
    /// When the member's one visit opened, in seconds of the script.
    std::optional<std::int64_t> opened_at() const
    {
        const auto visits = visits_of(box, "m");
        if (visits.empty()) return {};
        REQUIRE(visits.size() == 1);
        const auto at = parse_instant(visits[0]["opened_at"].get<std::string>());
        REQUIRE(at.has_value());
        return std::chrono::floor<std::chrono::seconds>(*at - script_start()).count();
    }
    bool resumed_whole() const
    {
        const auto log = box.log();
        const auto line = log.rfind("engine.resumed");
        REQUIRE(line != std::string::npos);
        return log.substr(line, log.find('\n', line) - line).find("true") != std::string::npos;
    }
};

}  // namespace

TEST_CASE("stopped in the middle of an approach, raitend opens the visit at its first sighting",
          "[faults]")
{
    Shop shop;
    shop.see(0);
    shop.see(15);
    CHECK_FALSE(shop.opened_at().has_value());
    CHECK(shop.box.stop() == 0);

    shop.box.start();
    CHECK(shop.resumed_whole());
    CHECK_FALSE(shop.opened_at().has_value());
    shop.see(30);
    CHECK(shop.opened_at() == 0);

    // A whole state serves once: the next one is of the next stop.
    shop.box.kill();
    shop.box.start();
    CHECK_FALSE(shop.resumed_whole());
    CHECK(shop.opened_at() == 0);
    CHECK(shop.box.stop() == 0);
}

TEST_CASE("killed in the middle of an approach, raitend begins anew with what it hears then",
          "[faults]")
{
    Shop shop;
    shop.see(0);
    shop.see(15);
    shop.box.kill();

    shop.box.start();
    CHECK_FALSE(shop.resumed_whole());
    shop.see(30);
    CHECK_FALSE(shop.opened_at().has_value());
    shop.see(40);
    shop.see(55);
    CHECK(shop.opened_at() == 30);
    CHECK(shop.box.stop() == 0);
}

TEST_CASE("a whole state of another configuration is refused, and the store goes on", "[faults]")
{
    Shop shop;
    for (const int second : {0, 15, 30}) shop.see(second);
    CHECK(shop.opened_at() == 0);
    CHECK(shop.box.stop() == 0);

    std::ifstream old{shop.box.config()};
    const std::string config{std::istreambuf_iterator<char>{old}, {}};
    shop.box.write("raiten.toml", config + "\n[visits]\nexit_timeout = \"9min\"\n");
    shop.box.start();
    CHECK_FALSE(shop.resumed_whole());
    CHECK(shop.box.log().find("engine.state_refused") != std::string::npos);
    CHECK(shop.opened_at() == 0);
    CHECK(shop.box.stop() == 0);
}
