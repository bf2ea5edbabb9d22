#include "tests/devices/gateway_voice.hpp"
#include "tests/devices/shop_floor.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"
#include "drivers/ble/eid.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include <sys/stat.h>

/// Bluetooth gateways on a real broker.
using namespace raiten;
using namespace raiten::test;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// What gateways hear is told a second later, dated to when it was heard.
const std::string gathered = "3s";
const FloorSpans slow_to_leave{.exit_timeout = "6s", .settle_grace = "7s", .lateness = gathered};
constexpr std::chrono::seconds longer_than_slow_exit{7};

const std::string uuid = "f7826da6-4fa2-4e98-8024-bc5b71e0893e";
const std::string beacon = "ibeacon:" + uuid + "/1/7";

std::string gateway_section(const std::string& name, const std::string& format,
                            const std::string& gateway, const std::string& topics,
                            const Mosquitto& broker, const std::string& more = {})
{
    return reader_section(name, "ble-gateway",
                          "zone = \"" + name + "\"\nformat = \"" + format + "\"\ngateway = \""
                              + gateway + "\"\nbrokers = [\"" + broker.uri() + "\"]\ntopics = [\""
                              + topics + "\"]\n" + more);
}

/// Three kinds of gateway, which know the beacon by three names.
const std::vector<std::string> zones{"entrance", "floor", "register"};

std::string three_gateways(const Mosquitto& broker)
{
    return gateway_section("entrance", "openmqttgateway", "door", "home/+/BTtoMQTT/#", broker)
           + gateway_section("floor", "espresense", "hall", "espresense/devices/#", broker)
           + gateway_section("register", "minew", "ac233fc0bc43", "minew/#", broker);
}

std::pair<std::string, std::string> by_omg(int rssi)
{
    return {"home/door/BTtoMQTT/6087574C9BC2",
            fmt::format(R"({{"id":"60:87:57:4C:9B:C2","mac_type":1,"rssi":{},)"
                        R"("uuid":"f7826da64fa24e988024bc5b71e0893e","major":1,"minor":7}})",
                        rssi)};
}
std::pair<std::string, std::string> by_espresense(int rssi)
{
    const auto id = "iBeacon:" + uuid + "-1-7";
    return {"espresense/devices/" + id + "/hall",
            fmt::format(R"({{"id":"{}","idType":180,"rssi@1m":-65,"rssi":{}.5,"raw":5.24}})", id,
                        rssi)};
}
std::pair<std::string, std::string> by_minew(int rssi)
{
    return {"minew/status",
            fmt::format(R"([{{"type":"Gateway","mac":"AC233FC0BC43"}},{{"type":"iBeacon",)"
                        R"("mac":"AC233F8C7CEE","ibeaconUuid":"F7826DA64FA24E988024BC5B71E0893E",)"
                        R"("ibeaconMajor":1,"ibeaconMinor":7,"rssi":{}}}])",
                        rssi)};
}

bool all_are(ShopFloor& floor, const std::string& state)
{
    return floor.until([&] {
        return std::all_of(zones.begin(), zones.end(), [&](const auto& zone) {
            return reader_of(floor.box, zone)["state"] == state;
        });
    });
}

/// The frame of an Eddystone-EID, as OpenMQTTGateway hands it on.
std::pair<std::string, std::string> by_eid(const std::string& eid)
{
    return {"home/door/BTtoMQTT/x",
            R"({"id":"5a:78:20:76:bc:24","mac_type":1,"rssi":-60,"servicedata":"30ee)" + eid
                + R"(","servicedatauuid":"0xfeaa"})"};
}

}  // namespace

//  door      -75 -75 -75 -75             -75
//  hall      -50 -50 -50 -50             -50     the strongest, every time
//  register  -70 -70 -70 -70             -70
//  broker    ================  killed    ======
//  visit     ==== in "floor" . frozen .  ====== the same
TEST_CASE("three gateways hear one beacon: one sighting, by the strongest, in its zone",
          "[devices][gateway]")
{
    Mosquitto broker;
    broker.start();
    ShopFloor floor{floor_rules(slow_to_leave) + three_gateways(broker)};
    floor.box.enrol("ann", beacon);
    REQUIRE(all_are(floor, "starting"));

    constexpr std::size_t rounds = 4;
    {
        const GatewayVoice gateways{broker.port()};
        for (std::size_t round = 1; round <= rounds; ++round) {
            gateways.say({by_omg(-75), by_espresense(-50), by_minew(-70)});
            REQUIRE(floor.until_readings("floor", round));
        }
    }
    CHECK(all_are(floor, "up"));
    CHECK(floor.reader_metric("readings_total", "floor") == rounds);
    CHECK(floor.reader_metric("readings_total", "entrance") == 0);
    CHECK(floor.reader_metric("readings_total", "register") == 0);
    CHECK(floor.counted("sightings") == rounds);
    REQUIRE(floor.until_open("ann"));
    const auto visits = visits_of(floor.box, "ann");
    CHECK(visits[0]["zone"] == "floor");
    CHECK(visits[0]["readers"] == std::vector<std::string>{"floor"});

    broker.kill();
    REQUIRE(all_are(floor, "down"));
    for (const auto& zone : zones) {
        INFO(zone);
        CHECK(reader_of(floor.box, zone)["reason"] != "");
        CHECK(floor.reader_metric("up", zone) == 0);
    }
    let_pass(floor.io, longer_than_slow_exit);
    CHECK(is_open_alone(visits_of(floor.box, "ann")));

    broker.start();
    REQUIRE(all_are(floor, "starting"));
    const GatewayVoice gateways{broker.port()};
    gateways.say({by_omg(-75), by_espresense(-50), by_minew(-70)});
    REQUIRE(floor.until_readings("floor", rounds + 1));
    CHECK(all_are(floor, "up"));
    const auto now = visits_of(floor.box, "ann");
    REQUIRE(is_open_alone(now));
    CHECK(now[0]["visit"] == visits[0]["visit"]);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("gateways that hear unequally are put on a par before the strongest is chosen",
          "[devices][gateway]")
{
    Mosquitto broker;
    broker.start();
    ShopFloor floor{
        floor_rules(slow_to_leave)
        + gateway_section("entrance", "openmqttgateway", "door", "home/+/BTtoMQTT/#", broker,
                          "rssi_offset = \"30dB\"\n")
        + gateway_section("floor", "espresense", "hall", "espresense/devices/#", broker, "")};
    floor.box.enrol("ann", beacon);
    REQUIRE(floor.until_state("entrance", "starting"));
    REQUIRE(floor.until_state("floor", "starting"));
    const GatewayVoice gateways{broker.port()};
    for (std::size_t round = 1; round <= 4; ++round) {
        gateways.say({by_omg(-75), by_espresense(-50)});
        REQUIRE(floor.until_readings("entrance", round));
    }
    CHECK(floor.reader_metric("readings_total", "floor") == 0);
    REQUIRE(floor.until_open("ann"));
    CHECK(visits_of(floor.box, "ann")[0]["zone"] == "entrance");
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("a gateway that falls silent is down before its visits end", "[devices][gateway]")
{
    Mosquitto broker;
    broker.start();
    // Down after 3 s of silence; a visit ends after 4 s.
    ShopFloor floor{floor_rules({.exit_timeout = "4s", .settle_grace = "5s", .lateness = gathered})
                    + gateway_section("entrance", "openmqttgateway", "door", "home/+/BTtoMQTT/#",
                                      broker, "silent_after = \"3s\"\n")};
    floor.box.enrol("ann", beacon);
    REQUIRE(floor.until_state("entrance", "starting"));
    const GatewayVoice gateway{broker.port()};
    for (std::size_t i = 1; i <= 4; ++i) {
        gateway.say({by_omg(-60)});
        REQUIRE(floor.until_readings("entrance", i));
    }
    REQUIRE(floor.until_open("ann"));
    CHECK(reader_of(floor.box, "entrance")["state"] == "up");

    // Somebody else's gateway on the same topics is not this one's sign of life.
    gateway.say({{"home/other/BTtoMQTT/x", by_omg(-60).second}});
    REQUIRE(floor.until_state("entrance", "down"));
    CHECK(reader_of(floor.box, "entrance")["reason"] == "silent for too long");
    let_pass(floor.io, longer_than_exit);
    CHECK(is_open_alone(visits_of(floor.box, "ann")));
    CHECK(floor.reader_metric("readings_total", "entrance") == 4);

    gateway.say({by_omg(-60)});
    REQUIRE(floor.until_state("entrance", "up"));
    REQUIRE(floor.until_readings("entrance", 5));
    CHECK(is_open_alone(visits_of(floor.box, "ann")));
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("a tag whose EID rotates is its member, before and after", "[devices][gateway]")
{
    constexpr unsigned rotation_exponent = 2;  // a new EID every 4 s
    constexpr std::uint32_t counter = 65'280;
    const std::string name = "00112233445566aa";
    const std::string key_hex = "000102030405060708090a0b0c0d0e0f";
    const std::string counted_at = "2020-01-01T00:00:00Z";
    drivers::ble::IdentityKey key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);

    const TempFolder folder;
    const auto tags = folder.file("tags.csv");
    std::ofstream{tags} << "name,identity_key,rotation_exponent,counter,counted_at\n"
                        << name << "," << key_hex << "," << rotation_exponent << "," << counter
                        << "," << counted_at << "\n";
    REQUIRE(::chmod(tags.c_str(), S_IRUSR | S_IWUSR) == 0);
    Mosquitto broker;
    broker.start();
    ShopFloor floor{
        floor_rules(slow_to_leave)
            + gateway_section("entrance", "openmqttgateway", "door", "home/+/BTtoMQTT/#", broker,
                              "allow = [\"eddystone-eid:\"]\n"),
        "[identity]\neid_tags = \"" + tags + "\"\n"};
    floor.box.enrol("ann", "eddystone-eid:" + name);
    floor.box.enrol("clerk", "card:1");
    REQUIRE(floor.until_state("entrance", "starting"));

    // The tag's clock is set by the store's: that of the clerk's check-in, just now.
    REQUIRE(floor.box.post("/api/v1/checkins", R"({"token":"card:1"})").status == 200);
    const auto began = steady_clock::now();
    const std::string time = floor.status().at("engine_time");
    const auto shown = counter
                       + static_cast<std::uint32_t>(
                           std::chrono::duration_cast<seconds>(parse_instant(time).value()
                                                               - parse_instant(counted_at).value())
                               .count());
    const auto eid_now = [&] {
        const auto passed = std::chrono::duration_cast<seconds>(steady_clock::now() - began);
        return to_hex(drivers::ble::eid_at(key, rotation_exponent,
                                           shown + static_cast<std::uint32_t>(passed.count())));
    };

    const GatewayVoice gateway{broker.port()};
    std::set<std::string> eids;
    std::size_t told = 0;
    while (eids.size() < 3) {
        const auto eid = eid_now();
        eids.insert(eid);
        gateway.say({by_eid(eid)});
        REQUIRE(floor.until_readings("entrance", ++told));
    }
    REQUIRE(floor.until_open("ann"));
    const auto visits = visits_of(floor.box, "ann");
    CHECK(visits[0]["zone"] == "entrance");
    CHECK(visits[0]["dwell_s"].get<int>() >= 4);
    CHECK(floor.counted("rotating_tokens") == 0);

    // Somebody else's tag, one recorded long ago and played again, and the tag's name sent as if
    // it were an EID, are nobody.
    gateway.say({by_eid("0102030405060708")});
    REQUIRE(floor.until_readings("entrance", ++told));
    gateway.say({by_eid(to_hex(drivers::ble::eid_at(key, rotation_exponent, shown - 3'600)))});
    REQUIRE(floor.until_readings("entrance", ++told));
    gateway.say({by_eid(name)});
    REQUIRE(floor.until_readings("entrance", ++told));
    CHECK(floor.counted("rotating_tokens") == 3);
    CHECK(floor.open_visits().size() == 2);  // hers and the clerk's
    CHECK(floor.box.stop() == 0);
}
