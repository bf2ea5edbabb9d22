#include "tests/devices/shop_floor.hpp"
#include "tests/support/controller.hpp"

#include <catch2/catch.hpp>

/// A Bluetooth controller and who may be a member on its air.
using namespace raiten;
using namespace raiten::test;

namespace {

const std::string foreign_uuid = "f7826da6-4fa2-4e98-8024-bc5b71e0893e";

std::vector<stage::HciPacket> two_badges_at_the_radio()
{
    std::vector<stage::Advertiser> air;
    for (const auto& payload :
         {stage::Ibeacon{stage::demo_uuid, 1, 2}, stage::Ibeacon{foreign_uuid, 1, 7}}) {
        stage::Advertiser who;
        who.payload = payload;
        who.path = {{Millis{0}, {1, 0}}, {Millis{3'000}, {1, 0}}};
        who.interval = Millis{100};
        air.push_back(who);
    }
    stage::Radio radio;
    radio.loss = 0;
    const Instant base{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
    return stage::read_btsnoop(stage::capture_of(air, radio, base, Millis{3'000}, 7)).value();
}

struct Air {
    explicit Air(const std::string& allow)
        : floor{floor_rules()
                + reader_section("radio", "ble-h4",
                                 "zone = \"entrance\"\ndevice = \"unix:" + folder.file("radio")
                                     + "\"\n" + allow)},
          controller{floor.io.get_executor(), looping(), two_badges_at_the_radio()}
    {
        floor.box.enrol("ours", badge);
        floor.box.enrol("theirs", "ibeacon:" + foreign_uuid + "/1/7");
        REQUIRE(controller.listen(wire::UnixAddress{folder.file("radio")}).has_value());
    }
    static stage::ControllerSettings looping()
    {
        stage::ControllerSettings settings;
        settings.loop = true;
        return settings;
    }

    TempFolder folder;
    ShopFloor floor;
    stage::Controller controller;
};

}  // namespace

TEST_CASE("a radio that allows the store's own beacons opens no visit for others",
          "[devices][radio]")
{
    Air air{std::string{"allow = [\"ibeacon:"} + stage::demo_uuid + "\"]\n"};
    REQUIRE(air.floor.until_visit("ours"));
    const std::size_t before = reader_of(air.floor.box, "radio")["readings"];
    REQUIRE(air.floor.until_readings("radio", before + 60));
    CHECK(visits_of(air.floor.box, "theirs").empty());
    CHECK(air.floor.open_visits().size() == 1);
    CHECK(air.floor.counted("unknown_tokens") + air.floor.counted("rotating_tokens") > 20);
    CHECK(air.floor.box.stop() == 0);
}

TEST_CASE("a radio that allows all beacons hears all members", "[devices][radio]")
{
    Air air{""};
    CHECK(air.floor.until_visit("ours"));
    CHECK(air.floor.until_visit("theirs"));
    CHECK(air.floor.box.stop() == 0);
}
