#include "tests/faults/quick_store.hpp"
#include "tests/faults/shop_script.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

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
    void see(int second) const
    {
        nlohmann::json sighting{{"type", "sighting"},
                                {"at", script_time(script_start() + std::chrono::seconds{second})},
                                {"reader", "door"},
                                {"token", badge},
                                {"rssi", -60}};
        const auto reply = box_lines(sighting.dump() + "\n");
        REQUIRE(reply.status == 200);
    }
    HttpReply box_lines(const std::string& lines) const
    {
        return const_cast<StoreBox&>(box).post_lines(lines);
    }
    /// When the member's one visit opened, as it is told; "" if there is none.
    std::string opened_at() const
    {
        const auto visits = visits_of(box, "m");
        if (visits.empty()) return {};
        REQUIRE(visits.size() == 1);
        return visits[0]["opened_at"];
    }
    bool resumed_whole() const
    {
        const auto log = box.log();
        const auto line = log.rfind("engine.resumed");
        REQUIRE(line != std::string::npos);
        return log.substr(line, log.find('\n', line) - line).find("true") != std::string::npos;
    }
};

std::string told_time(int second)
{
    return script_time(script_start() + std::chrono::seconds{second});
}

}  // namespace

TEST_CASE("stopped in the middle of an approach, raitend opens the visit at its first sighting",
          "[faults]")
{
    Shop shop;
    shop.see(0);
    shop.see(15);
    CHECK(shop.opened_at().empty());
    CHECK(shop.box.stop() == 0);

    shop.box.start();
    CHECK(shop.resumed_whole());
    CHECK(shop.opened_at().empty());
    shop.see(30);
    CHECK(shop.opened_at() == told_time(0));

    // A whole state serves once: the next one is of the next stop.
    shop.box.kill();
    shop.box.start();
    CHECK_FALSE(shop.resumed_whole());
    CHECK(shop.opened_at() == told_time(0));
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
    CHECK(shop.opened_at().empty());
    shop.see(40);
    shop.see(55);
    CHECK(shop.opened_at() == told_time(30));
    CHECK(shop.box.stop() == 0);
}

TEST_CASE("a whole state of another configuration is refused, and the store goes on", "[faults]")
{
    Shop shop;
    for (const int second : {0, 15, 30}) shop.see(second);
    CHECK(shop.opened_at() == told_time(0));
    CHECK(shop.box.stop() == 0);

    std::ifstream old{shop.box.config()};
    const std::string config{std::istreambuf_iterator<char>{old}, {}};
    shop.box.write("raiten.toml", config + "\n[visits]\nexit_timeout = \"9m\"\n");
    shop.box.start();
    CHECK_FALSE(shop.resumed_whole());
    CHECK(shop.box.log().find("engine.state_refused") != std::string::npos);
    CHECK(shop.opened_at() == told_time(0));
    CHECK(shop.box.stop() == 0);
}
