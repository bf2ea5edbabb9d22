#include "drivers/catalog.hpp"
#include "drivers/gateway/air.hpp"
#include "drivers/gateway/minew.hpp"
#include "tests/drivers/gateway/heard.hpp"

using namespace raiten;
using namespace raiten::drivers;
using namespace raiten::test;

namespace {

constexpr auto omg = &make_openmqttgateway;
constexpr auto espresense = &make_espresense;
constexpr auto minew = &make_minew;
constexpr auto raddec = &make_raddec;
constexpr auto ingics = &make_ingics;

// 02 01 06, then an iBeacon f7826da6-4fa2-4e98-8024-bc5b71e0893e, 1, 7
constexpr auto beacon_hex = "0201061AFF4C000215F7826DA64FA24E988024BC5B71E0893E00010007C5";
constexpr auto beacon = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7";
const std::string beacon_token = std::string{beacon}.substr(5);

}  // namespace

TEST_CASE("the catalog knows every gateway")
{
    for (const char* format : {"openmqttgateway", "espresense", "minew", "raddec", "ingics"}) {
        const Driver* row = find_driver(format);
        REQUIRE(row != nullptr);
        CHECK(row->reader == "ble-gateway");
        CHECK(row->converse == nullptr);
        CHECK(row->listen({}).has_value());
    }
}

// ---- addresses ---------------------------------------------------------------------------------

TEST_CASE("an address is lasting unless it is said, or sure, that it rotates")
{
    const auto said = [](std::string_view id, std::string_view type) {
        return heard(
            omg, "{\"id\":\"" + std::string{id} + "\",\"rssi\":-70" + std::string{type} + "}\n");
    };
    CHECK(said("58:78:20:76:BC:24", "") == Lines{"seen ble:58:78:20:76:bc:24 -70"});
    CHECK(said("58:78:20:76:BC:24", ",\"mac_type\":1")
          == Lines{"seen ble:58:78:20:76:bc:24 -70 rotating"});
    CHECK(said("28:78:20:76:BC:24", ",\"mac_type\":1")
          == Lines{"seen ble:28:78:20:76:bc:24 -70 rotating"});
    CHECK(said("D8:78:20:76:BC:24", ",\"mac_type\":1") == Lines{"seen ble:d8:78:20:76:bc:24 -70"});
    CHECK(said("58:78:20:76:BC:24", ",\"mac_type\":0") == Lines{"seen ble:58:78:20:76:bc:24 -70"});
    CHECK(said("58:78:20:76:BC:24", ",\"mac_type\":3") == Lines{"seen ble:58:78:20:76:bc:24 -70"});
    // nobody's public address: resolvable, so it rotates
    CHECK(said("5A:78:20:76:BC:24", "") == Lines{"seen ble:5a:78:20:76:bc:24 -70 rotating"});
    CHECK(said("45:78:20:76:BC:24", "") == Lines{"seen ble:45:78:20:76:bc:24 -70 rotating"});
    CHECK(said("5A:78:20:76:BC:24", ",\"mac_type\":0") == Lines{"seen ble:5a:78:20:76:bc:24 -70"});
    CHECK(said("19:18:FC:05:1F:60", "") == Lines{"seen ble:19:18:fc:05:1f:60 -70"});
    CHECK(said("C3:00:00:25:EF:6A", "") == Lines{"seen ble:c3:00:00:25:ef:6a -70"});
    // spelling
    CHECK(said("587820-76BC24", "") == Lines{"garbled 0: a message that names no device"});
    CHECK(said("58-78-20-76-bc-24", "") == Lines{"seen ble:58:78:20:76:bc:24 -70"});
    CHECK(said("587820 76BC24", "") == Lines{"garbled 0: a message that names no device"});
    CHECK(said("58782076bc24", "") == Lines{"seen ble:58:78:20:76:bc:24 -70"});
    CHECK(said("00:00:00:00:00:00", "") == Lines{"garbled 0: anonymous and no beacon"});
}

TEST_CASE("a strength that no radio measures is none")
{
    const auto said = [](std::string_view rssi) {
        return heard(omg, "{\"id\":\"AC:23:3F:00:00:01\",\"rssi\":" + std::string{rssi} + "}\n");
    };
    for (const char* none : {"127", "0", "22", "-127", "-128", "-1000", "null", "nan", "\"far\"",
                             "[]", "1e99", "-0.2"}) {
        INFO(none);
        CHECK(said(none) == Lines{"seen ble:ac:23:3f:00:00:01 ?"});
    }
    CHECK(said("-126") == Lines{"seen ble:ac:23:3f:00:00:01 -126"});
    CHECK(said("-1") == Lines{"seen ble:ac:23:3f:00:00:01 -1"});
    CHECK(said("-81.60") == Lines{"seen ble:ac:23:3f:00:00:01 -82"});
    CHECK(said("\"-70\"") == Lines{"seen ble:ac:23:3f:00:00:01 -70"});
}

TEST_CASE("a beacon or a name that the store does not allow is its address, on every gateway")
{
    Options options;
    options.allow = {"ibeacon:F7826DA6-", "app:Watch:"};
    const std::string line = "$GPRP,AC233F000001,C82B96AE3B04,-50," + std::string{beacon_hex};
    const std::string named = R"({"id":"Watch:a","mac":"58b1294494d3","rssi":-60})";
    const std::string fields = R"({"id":"AC:23:3F:00:00:01","rssi":-78,"uuid":)"
                               R"("f7826da64fa24e988024bc5b71e0893e","major":1,"minor":7})";
    CHECK(heard(ingics, line, options) == Lines{std::string{beacon} + " -50 by c82b96ae3b04"});
    CHECK(heard(espresense, named, options) == Lines{"seen app:Watch:a -60"});
    CHECK(heard(omg, fields, options) == Lines{std::string{beacon} + " -78"});
    options.allow = {"ibeacon:e2c56db5-"};
    CHECK(heard(ingics, line, options) == Lines{"seen ble:ac:23:3f:00:00:01 -50 by c82b96ae3b04"});
    CHECK(heard(espresense, named, options) == Lines{"seen ble:58:b1:29:44:94:d3 -60"});
    CHECK(heard(espresense, R"({"id":"watch:a","rssi":-60})", options)
          == Lines{"garbled 0: an id that tells nobody apart"});
    CHECK(heard(omg, fields, options) == Lines{"seen ble:ac:23:3f:00:00:01 -78"});
    CHECK(heard(raddec,
                R"({"transmitterId":"ac233f000001","transmitterIdType":2,"packets":[")"
                    + std::string{beacon_hex} + "\"]}",
                options)
          == Lines{"seen ble:ac:23:3f:00:00:01 ?"});
}

// ---- OpenMQTTGateway, Theengs ------------------------------------------------------------------

TEST_CASE("OpenMQTTGateway: a beacon taken apart by the gateway, by its UUID or by its sender")
{
    const std::string fields = R"("mac_type":1,"rssi":-78,"model_id":"IBEACON","mfid":"4c00",)"
                               R"("uuid":"f7826da64fa24e988024bc5b71e0893e","major":1,"minor":7})";
    const Lines seen{std::string{beacon} + " -78 by gw1"};
    CHECK(heard(omg, "home/gw1/BTtoMQTT/X {\"id\":\"60:87:57:4C:9B:C2\"," + fields) == seen);
    CHECK(heard(omg,
                "home/presence/gw1 {\"id\":\"f7826da64fa24e988024bc5b71e0893e\","
                "\"mac\":\"60:87:57:4C:9B:C2\","
                    + fields)
          == seen);
    CHECK(heard(omg,
                "home/AC233FC0BC43/BTtoMQTT/X {\"id\":\"F7826DA6-4FA2-4E98-8024-"
                "BC5B71E0893E\","
                    + fields)
          == Lines{std::string{beacon} + " -78 by ac233fc0bc43"});
    CHECK(heard(omg, R"({"id":"60:87:57:4C:9B:C2","mac_type":1,"rssi":-78,"uuid":"f7826d",)"
                     R"("major":1,"minor":7})")
          == Lines{"seen ble:60:87:57:4c:9b:c2 -78 rotating"});
    CHECK(heard(omg, R"({"id":"AC:23:3F:00:00:01","rssi":-78,)"
                     R"("uuid":"f7826da64fa24e988024bc5b71e0893e","major":70000,"minor":7})")
          == Lines{"seen ble:ac:23:3f:00:00:01 -78"});
}

TEST_CASE("OpenMQTTGateway: advertising data as hex, and what is no hex")
{
    CHECK(heard(omg, R"({"id":"AC:23:3F:00:00:01","rssi":-78,"manufacturerdata":)"
                     R"("4c000215f7826da64fa24e988024bc5b71e0893e00010007c5"})")
          == Lines{std::string{beacon} + " -78"});
    for (const char* uuid : {"feaa", "0xFEAA", "0000feaa-0000-1000-8000-00805f9b34fb"}) {
        CHECK(heard(omg, R"({"id":"AC:23:3F:00:00:01","rssi":-78,"servicedatauuid":")"
                             + std::string{uuid}
                             + R"(","servicedata":"00ee00112233445566778899aabbccddeeff0000"})")
              == Lines{"seen eddystone-uid:00112233445566778899aabbccddeeff -78"});
    }
    CHECK(heard(omg, R"({"id":"c7:fa:ad:13:2c:00","rssi":-68,"servicedata":"drfgdrgdsrges"})")
          == Lines{"garbled 13: service data that is no hex", "seen ble:c7:fa:ad:13:2c:00 -68"});
    CHECK(
        heard(omg, R"({"id":"c7:fa:ad:13:2c:00","rssi":-68,"manufacturerdata":"4c0"})")
        == Lines{"garbled 3: manufacturer data that is no hex", "seen ble:c7:fa:ad:13:2c:00 -68"});
    CHECK(heard(omg, R"({"id":"c7:fa:ad:13:2c:00","rssi":-68,"manufacturerdata":"4c000215"})")
          == Lines{"garbled 4: iBeacon of the wrong length", "seen ble:c7:fa:ad:13:2c:00 -68"});
}

TEST_CASE("OpenMQTTGateway: a sensor's message is its topic's; a gateway's own words are nobody's")
{
    CHECK(heard(omg, "home/gw/BTtoMQTT/4C33A6603C79 {\"hum\":\"52.6\",\"tempc\":\"19.2\"}")
          == Lines{"seen ble:4c:33:a6:60:3c:79 ? by gw"});
    CHECK(seen_only(heard(omg,
                          "home/gw/SYStoMQTT {\"uptime\":60,\"rssi\":-61,\"mac\":\"AC:23:3F:"
                          "00:00:01\"}\n"))
              .empty());
    CHECK(heard(omg, "home/gw/LWT online\n") == Lines{"garbled 18: a message that is no JSON"});
    CHECK(heard(omg, R"({"topic":"home/gw/LWT","payload":"online"})").empty());
    CHECK(heard(omg, "[1,2]") == Lines{"garbled 0: a message that names no device"});
}

TEST_CASE("OpenMQTTGateway: its own clock counts before the recorder's, unless it was never set")
{
    const std::string frame =
        R"({"tst":"2026-11-22T10:00:05.000+0900","topic":"home/gw/BTtoMQTT/x","payload":)";
    const std::string device = R"({"id":"AC:23:3F:00:00:01","rssi":-70)";
    const std::string seen = "seen ble:ac:23:3f:00:00:01 -70 by gw at ";
    CHECK(heard(omg, frame + device + "}}") == Lines{seen + "2026-11-22T01:00:05.000+00:00"});
    CHECK(heard(omg, frame + device + R"(,"unixtime":1795309203}})")
          == Lines{seen + "2026-11-22T01:00:03.000+00:00"});
    CHECK(heard(omg, frame + device + R"(,"UTCtime":"2026-11-22T01:00:04Z"}})")
          == Lines{seen + "2026-11-22T01:00:04.000+00:00"});
    CHECK(heard(omg, frame + device + R"(,"unixtime":12}})")
          == Lines{seen + "2026-11-22T01:00:05.000+00:00"});
}

// ---- ESPresense --------------------------------------------------------------------------------

TEST_CASE("ESPresense: every form of id is the token that the radio would have given")
{
    const auto said = [](std::string_view id, std::string_view more) {
        return heard(espresense, "espresense/devices/x/kitchen {\"id\":\"" + std::string{id}
                                     + "\",\"rssi\":-60.5" + std::string{more} + "}");
    };
    CHECK(said("iBeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e-1-7", "")
          == Lines{std::string{beacon} + " -61 by kitchen"});
    CHECK(said("eddy:00112233445566778899-aabbccddeeff", "")
          == Lines{"seen eddystone-uid:00112233445566778899aabbccddeeff -61 by kitchen"});
    CHECK(said("eddy:0011223344445566778899-aabbccddeeff", "")  // a firmware that stutters
          == Lines{"seen eddystone-uid:00112233445566778899aabbccddeeff -61 by kitchen"});
    CHECK(said("altBeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e-1-7", "")
          == Lines{"seen altbeacon:f7826da64fa24e988024bc5b71e0893e00010007 -61 by kitchen"});
    CHECK(said("58b1294494d3", ",\"idType\":1")
          == Lines{"seen ble:58:b1:29:44:94:d3 -61 rotating by kitchen"});
    CHECK(said("58b1294494d3", ",\"idType\":55")
          == Lines{"seen ble:58:b1:29:44:94:d3 -61 by kitchen"});
    CHECK(said("d8b1294494d3", ",\"idType\":5")
          == Lines{"seen ble:d8:b1:29:44:94:d3 -61 by kitchen"});
    CHECK(said("tile:d8b1294494d3", ",\"idType\":135")
          == Lines{"seen ble:d8:b1:29:44:94:d3 -61 by kitchen"});
    CHECK(said("known:58b1294494d3", ",\"idType\":210")
          == Lines{"seen ble:58:b1:29:44:94:d3 -61 by kitchen"});
}

TEST_CASE("ESPresense: names that the store gave are somebody, names of a make are nobody")
{
    const auto said = [](std::string_view id, std::string_view more) {
        return heard(espresense, "espresense/devices/x/kitchen {\"id\":\"" + std::string{id}
                                     + "\",\"rssi\":-60" + std::string{more} + "}");
    };
    CHECK(said("watch:member1", ",\"idType\":250,\"mac\":\"58b1294494d3\"")
          == Lines{"seen app:watch:member1 -60 by kitchen"});
    CHECK(said("phone:member1", "") == Lines{"seen app:phone:member1 -60 by kitchen"});
    CHECK(said("irk:00112233445566778899aabbccddeeff", ",\"idType\":200,\"mac\":\"58b1294494d3\"")
          == Lines{"seen app:irk:00112233445566778899aabbccddeeff -60 by kitchen"});
    // what many devices call themselves says nothing: the address is left, and it rotates
    CHECK(said("apple:1005:9-12", ",\"idType\":150,\"mac\":\"58b1294494d3\"")
          == Lines{"seen ble:58:b1:29:44:94:d3 -60 rotating by kitchen"});
    CHECK(said("name:galaxy-s9", ",\"idType\":35,\"mac\":\"d8b1294494d3\"")
          == Lines{"seen ble:d8:b1:29:44:94:d3 -60 by kitchen"});
    CHECK(said("exp:20", ",\"idType\":120") == Lines{"garbled 0: an id that tells nobody apart"});
    CHECK(said("watch:", ",\"idType\":250") == Lines{"garbled 0: an id that tells nobody apart"});
    CHECK(said("name:till", ",\"idType\":250") == Lines{"seen app:name:till -60 by kitchen"});
}

TEST_CASE("ESPresense: the topic names what the message does not; other topics are no devices")
{
    CHECK(heard(espresense, "espresense/devices/watch:a/hall {\"rssi\":-60,\"distance\":nan}")
          == Lines{"seen app:watch:a -60 by hall"});
    CHECK(heard(espresense, "espresense/rooms/hall/telemetry {\"ip\":\"10.0.0.2\",\"rssi\":-60}")
              .empty());
    CHECK(heard(espresense, "espresense/settings/watch:a/config {\"id\":\"watch:a\",\"name\":1}")
              .empty());
    CHECK(heard(espresense, R"({"topic":"espresense/rooms/hall/status","payload":"online"})")
              .empty());
    CHECK(heard(espresense, "{\"id\":\"watch:a\",\"rssi\":-60}") == Lines{"seen app:watch:a -60"});
    CHECK(heard(espresense, "{\"rssi\":-60}")
          == Lines{"garbled 0: a message that names no device"});
}

TEST_CASE("what is no plain text becomes neither a token nor a gateway's name")
{
    CHECK(heard(espresense, "espresense/devices/x/hall {\"id\":\"watch:\\u0000\",\"rssi\":-60}")
          == Lines{"garbled 0: a message that names no device"});
    CHECK(heard(espresense, "espresense/devices/\xff/hall {\"rssi\":-60}")
          == Lines{"garbled 0: a message that names no device"});
    CHECK(heard(espresense, "espresense/devices/x/h\xe9\x01l\xc3\xa9 {\"id\":\"watch:a\"}")
          == Lines{"seen app:watch:a ? by h??l\xc3\xa9"});
    CHECK(heard(espresense, "a/devices/x/" + std::string(63, 'r') + "\xc3\xa9 {\"id\":\"w\"}")
          == Lines{"seen app:w ? by " + std::string(63, 'r')});
}

// ---- Minew -------------------------------------------------------------------------------------

TEST_CASE("Minew: an array of the gateway, beacons and raw data, in any order")
{
    const std::string gateway = R"({"timestamp":"2026-11-22T01:00:00Z","type":"Gateway",)"
                                R"("mac":"AC233FC0BC43","gatewayFree":23,"gatewayLoad":1.3})";
    const std::string device = R"({"timestamp":"2026-11-22T01:00:00.500Z","type":"iBeacon",)"
                               R"("mac":"AC233F8C7CEE","ibeaconUuid":)"
                               R"("F7826DA64FA24E988024BC5B71E0893E","ibeaconMajor":1,)"
                               R"("ibeaconMinor":7,"rssi":-38})";
    const std::string raw = R"({"timestamp":"2026-11-22T01:00:01Z","type":"Unknown","mac":)"
                            R"("AC233F000001","bleName":"","rssi":-79,"rawData":")"
                            + std::string{beacon_hex} + "\"}";
    const std::string empty = R"({"timestamp":"2026-11-22T01:00:02Z","type":"S1","mac":)"
                              R"("AC233FA018E3","rssi":-53,"rawData":""})";
    const Lines by_gateway{
        std::string{beacon} + " -38 by ac233fc0bc43 at 2026-11-22T01:00:00.500+00:00",
        std::string{beacon} + " -79 by ac233fc0bc43 at 2026-11-22T01:00:01.000+00:00",
        "seen ble:ac:23:3f:a0:18:e3 -53 by ac233fc0bc43 at 2026-11-22T01:00:02.000+00:00"};
    CHECK(heard(minew, "[" + gateway + "," + device + "," + raw + "," + empty + "]") == by_gateway);
    CHECK(heard(minew, "[\n" + device + ",\n" + raw + ",\n" + empty + ",\n" + gateway + "\n]\n")
          == by_gateway);
    CHECK(heard(minew, "/gw/ac233fc0bc43/status [" + device + "," + raw + "," + empty + "]")
          == by_gateway);
    const Lines alone = heard(minew, "[" + device + "]");
    CHECK(alone == Lines{std::string{beacon} + " -38 at 2026-11-22T01:00:00.500+00:00"});
    CHECK(heard(minew, device) == alone);
    CHECK(heard(minew, "[" + gateway + "]").empty());
    CHECK(heard(minew, "[7,{},{\"mac\":\"AC233F000001\",\"rssi\":-60,\"rawData\":\"0x\"}]")
          == Lines{"garbled 0: an element that names no device",
                   "garbled 0: an element that names no device",
                   "garbled 2: raw data that is no hex", "seen ble:ac:23:3f:00:00:01 -60"});
    CHECK(heard(minew, R"([{"gateway":"ac233fc0bc43"},{"mac":"ac233f000001","no":1,"rssi":-60,)"
                       R"("timestamp":"1970-01-01T00:00:09Z"}])")
          == Lines{"seen ble:ac:23:3f:00:00:01 -60 by ac233fc0bc43"});
}

TEST_CASE("Minew: the binary body is read whole, and told as far as it goes")
{
    const auto told_of = [](const Octets& body) {
        Lines lines;
        const gateway::Air air{Options{}};
        const bool whole = gateway::hear_minew_body(
            body, air, [&](const Reading& reading) { lines.push_back(whole_line(reading)); });
        lines.push_back(whole ? "whole" : "not whole");
        return lines;
    };
    // two devices: one with two packets, one that is random and says nothing
    const auto inside =
        joined({hex("ac233fc0bc43 0002"), hex("ac233f000001 0002"), hex("1e"), hex(beacon_hex),
                hex("00 b8  03 020106 00 81"), hex("5ab1294494d3 0001 00 02 c4")});
    const auto size = static_cast<unsigned char>(inside.size() + 7);
    const auto body = joined({hex("bb01 000000"), Octets{std::byte{size}}, inside, hex("dd")});
    const Lines first{std::string{beacon} + " -72 by ac233fc0bc43"};
    CHECK(told_of(body)
          == Lines{first[0], "seen ble:ac:23:3f:00:00:01 ? by ac233fc0bc43",
                   "seen ble:5a:b1:29:44:94:d3 -60 rotating by ac233fc0bc43", "whole"});
    for (std::size_t cut = 0; cut < body.size(); ++cut) {
        auto less = Octets(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(cut));
        CHECK(told_of(less).back() == "not whole");
        if (cut < 16) continue;  // and with a length and an end that fit
        less.back() = std::byte{0xdd};
        less[5] = std::byte{static_cast<unsigned char>(cut)};
        CHECK(told_of(less).back() == "not whole");
    }
}

// ---- raddec ------------------------------------------------------------------------------------

TEST_CASE("raddec: the strongest receiver counts, and the packet is a whole advertising PDU")
{
    const std::string pdu =
        "0224010000"
        "3f23ac"
        + std::string{beacon_hex};
    const auto said = [&](std::string_view type, std::string_view receivers) {
        return heard(raddec, R"({"transmitterId":"AC:23:3F:00:00:01","transmitterIdType":)"
                                 + std::string{type} + R"(,"packets":[")" + pdu + "\"],"
                                 + std::string{receivers} + R"("timestamp":1795309200500})");
    };
    const std::string at = " at 2026-11-22T01:00:00.500+00:00";
    CHECK(said("2", R"("rssiSignature":[{"receiverId":"001bc50940810000","rssi":-80},)"
                    R"({"receiverId":"00:1B:C5:09:40:81:00:01","rssi":-77},{"receiverId":"x"},)"
                    R"({"receiverId":"y","rssi":-79}],)")
          == Lines{std::string{beacon} + " -77 by 001bc50940810001" + at});
    CHECK(said("2", R"("receiverId":"001bc50940810000","rssi":-80,)")
          == Lines{std::string{beacon} + " -80 by 001bc50940810000" + at});
    CHECK(said("2", R"("rssiSignature":[],)") == Lines{std::string{beacon} + " ?" + at});
    CHECK(said("1", "") == Lines{"garbled 0: a transmitter without a Bluetooth address"});
    CHECK(said("2", R"("events":[4],)").empty());
}

TEST_CASE("raddec: the header tells that an address is random; several packets are one observation")
{
    const auto said = [&](std::string_view id, std::string_view packets) {
        return heard(raddec, R"([{"transmitterId":")" + std::string{id}
                                 + R"(","transmitterIdType":2,"rssi":-60,"packets":)"
                                 + std::string{packets} + "}]");
    };
    CHECK(said("58b1294494d3", R"(["4009d3944429b158020106"])")
          == Lines{"seen ble:58:b1:29:44:94:d3 -60 rotating"});
    CHECK(said("58b1294494d3", R"(["0009d3944429b158020106"])")
          == Lines{"seen ble:58:b1:29:44:94:d3 -60"});
    CHECK(said("58b1294494d3", "[\"020106\",\"" + std::string{beacon_hex} + "\",\"zz\"]")
          == Lines{"garbled 0: a packet that is no hex", std::string{beacon} + " -60"});
    CHECK(said("58b1294494d3", R"(["zz"])")
          == Lines{"garbled 0: a packet that is no hex", "seen ble:58:b1:29:44:94:d3 -60"});
    // directed advertising holds another address, no data
    CHECK(said("58b1294494d3", R"(["010cd3944429b158aabbccddeeff"])")
          == Lines{"seen ble:58:b1:29:44:94:d3 -60"});
    CHECK(heard(raddec, R"({"transmitterId":"58b1294494d3","transmitterIdType":3})")
          == Lines{"seen ble:58:b1:29:44:94:d3 ? rotating"});
}

TEST_CASE("raddec: the binary form, in hex")
{
    const std::string good = "10001702ac233f00000101350402aabbccddeeff";
    const auto with_sum = [](const std::string& text) {
        unsigned sum = 0;
        for (const std::byte b : hex(text)) sum += std::to_integer<unsigned>(b);
        return text + to_hex(Octets{static_cast<std::byte>(sum & 0xffU)});
    };
    const auto line = with_sum("10001502ac233f00000101350402aabbccddeeff");
    CHECK(heard(raddec, line) == Lines{"seen ble:ac:23:3f:00:00:01 -74 by aabbccddeeff"});
    CHECK(heard(raddec, "raddecs " + line)
          == Lines{"seen ble:ac:23:3f:00:00:01 -74 by aabbccddeeff"});
    CHECK(heard(raddec, with_sum("10001502ac233f00000102350402aabbccddeeff"))
          == Lines{"garbled 21: a raddec with fewer receivers than it says"});
    // with its time and two packets; the sum at the end, or before them
    const std::string head = "10005102ac233f00000101350402aabbccddeeff";
    const std::string options =
        "f001a200c46474f1020b00090100003f23ac0201062602240100003f23ac" + std::string{beacon_hex};
    const Lines with_options{std::string{beacon}
                             + " -74 by aabbccddeeff at 2026-11-22T01:00:00.500+00:00"};
    CHECK(heard(raddec, head + options + "da") == with_options);
    CHECK(heard(raddec, head + "da" + options) == with_options);
    CHECK(heard(raddec, head + options + "db").size() == 1);
    CHECK(seen_only(heard(raddec, head + options + "db")).empty());
    CHECK(heard(raddec, with_sum(good)) == Lines{"garbled 21: no raddec"});
    CHECK(heard(raddec, line.substr(0, line.size() - 2) + "00") == Lines{"garbled 21: no raddec"});
}

// ---- Ingics ------------------------------------------------------------------------------------

TEST_CASE("Ingics: reports with and without a time, over lines, topics and JSON")
{
    const std::string report = "$GPRP,AC233F000001,C82B96AE3B04,-50," + std::string{beacon_hex};
    const std::string seen = std::string{beacon} + " -50 by c82b96ae3b04";
    CHECK(heard(ingics, report + "\r\n") == Lines{seen});
    CHECK(heard(ingics, report + ",1795309200")
          == Lines{seen + " at 2026-11-22T01:00:00.000+00:00"});
    CHECK(heard(ingics, report + ",1795309200.895")
          == Lines{seen + " at 2026-11-22T01:00:00.895+00:00"});
    CHECK(heard(ingics, "ingics/gw 1/out " + report + " " + report) == Lines{seen, seen});
    CHECK(heard(ingics, "{\"topic\":\"t\",\"payload\":\"" + report + "\\n" + report + "\\n\"}")
          == Lines{seen, seen});
    CHECK(heard(ingics, "t {\"data\":[\"" + report + "\",7]}")
          == Lines{seen, "garbled 0: no report of an Ingics gateway"});
    for (const char* kind : {"$RSPR", "$SRRP", "$LRAD", "$LRSR", "$1MAD", "$1MSR"})
        CHECK(heard(ingics, kind + report.substr(5)) == Lines{seen});
}

TEST_CASE("Ingics: a heartbeat and a position are signs of life, no sightings")
{
    CHECK(heard(ingics, "$HBRP,F008D1798C60,F008D1798C60,-127,00000000\n").empty());
    CHECK(heard(ingics,
                "$GPSR,C82B96AE3B04,C82B96AE3B04,-127,200608,073549,-24.9,121.4,0.0,3.5,"
                "1591609841.895\n")
              .empty());
}

TEST_CASE("Ingics: what is no report is refused with a reason")
{
    CHECK(
        heard(ingics,
              "$XXXX,1,2,3,4\nhello\na$GPRP\n$GPRP,1\n$GPRP,AC233F000001,C82B96AE3B04,"
              "-50,0201\n$GPRP,AC233F000001,C82B96AE3B0,-50,020106\n"
              "$GPRP,AC233F000001,C82B96AE3B04,-50,02010\n"
              "$GPRP,AC233F000001,C82B96AE3B04,-50,020106,then\n")
        == Lines{
            "garbled 13: a report of an unknown kind", "garbled 5: no report of an Ingics gateway",
            "garbled 6: no report of an Ingics gateway", "garbled 7: a report of the wrong length",
            "garbled 2: AD structure longer than its advertisement",
            "seen ble:ac:23:3f:00:00:01 -50 by c82b96ae3b04",
            "garbled 41: a report that cannot be read", "garbled 41: a report that cannot be read",
            "garbled 47: a report that cannot be read"});
}
