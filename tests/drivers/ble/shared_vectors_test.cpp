#include "tests/drivers/ble/vectors.hpp"

#include <algorithm>

/// Byte vectors out of other projects' tests, decoded here.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;
using nlohmann::json;

const Refuse refuse = [](const Garbled&) {};

std::string token_in(const Octets& advertising_data)
{
    return findings_in(advertising_data).token;
}

bool beacon(const std::string& token)
{
    return !token.starts_with("ble:");
}

/// The one advertisement in an H4 event packet.
Advertisement heard_in(const Octets& packet)
{
    const auto heard = heard_in_event(Octets(packet.begin() + 1, packet.end()));
    REQUIRE(heard.size() == 1);
    return heard[0];
}

std::string mac(const Advertisement& heard)
{
    std::string out = to_hex(heard.address);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

}  // namespace

TEST_CASE("vectors: advertising events carry the address, the strength and the beacon they should",
          "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    const std::map<std::string, std::string> ibeacons_of_sensors{
        {"Teltonika", "ibeacon:ffffffff-0b8c-4045-10c6-55aab636ebef/47984/85"},
        {"HolyIOT", "ibeacon:9976aed5-f58c-49af-85eb-d0ac7281e3f6/10011/19641"}};
    std::size_t count = 0;
    for (const auto* name : {"ble.hci_event_ibeacon.json", "ble.hci_event_altbeacon.json",
                             "ble.hci_event_other.json", "ble.hci_event_ruuvi.json"}) {
        for (const json& vector : vectors(*folder, name)) {
            INFO(id_of(vector));
            const Octets packet = hex(vector["input"]["hci_event_hex"].get<std::string>());
            const Advertisement heard = heard_in(packet);
            const json& expected = vector["expected"];
            ++count;
            // These two expect the address that a Qingping-like sensor repeats inside its payload
            // (00005A..), not the sender's, which the test's author filled with 66:55:44:33:22:11.
            const bool own_address = id_of(vector) != "ble.hci_event_other#74022bad"
                                     && id_of(vector) != "ble.hci_event_other#93271362";
            if (expected.is_object() && expected.contains("mac") && own_address)
                CHECK(mac(heard) == expected["mac"].get<std::string>());
            if (expected.is_object() && expected.contains("rssi"))
                CHECK(heard.rssi_dbm == expected["rssi"].get<int>());

            const std::string token = sighting(heard, refuse)->token;
            if (!expected.is_object() || !expected.contains("uuid_str")) {
                // Sensors that send an iBeacon beside their values are that beacon.
                const auto beside = ibeacons_of_sensors.find(text_in(expected, "firmware"));
                const bool ibeacon = to_hex(packet).find("4c000215") != std::string::npos;
                const std::string own = ibeacon && beside != ibeacons_of_sensors.end()
                                            ? beside->second
                                            : "ble:" + text(heard.address);
                CHECK(token == own);
                continue;
            }
            const auto uuid = expected["uuid_str"].get<std::string>();
            const int major = expected["major"].get<int>();
            const int minor = expected["minor"].get<int>();
            if (expected["type"] == "iBeacon") {
                CHECK(token
                      == "ibeacon:" + uuid + "/" + std::to_string(major) + "/"
                             + std::to_string(minor));
            } else if (expected["type"] == "AltBeacon") {
                std::string id = expected["uuid"].get<std::string>();
                for (const int half : {major, minor})
                    id += to_hex(Octets{static_cast<std::byte>(half >> 8),
                                        static_cast<std::byte>(half & 0xff)});
                CHECK(token == "altbeacon:" + id);
            }
        }
    }
    CHECK(count == 170);
}

TEST_CASE("vectors: AltBeacons of every maker and length, and what resembles them",
          "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    // The cases in which bytes of the AltBeacon form are present. The layouts that these tests
    // configure (GattBeacon, S-Beacon, 1234 for BEAC) are other formats to us, and
    // doesNotDetectManufacturerAdvert expects nothing only because it looks for another layout.
    const std::map<std::string, std::string> altbeacons{
        {"doesNotDetectManufacturerAdvert", "2f234454cf6d4a0fadf2f4911ba9ffa600010002"},
        {"testDetectsDaveMHardwareBeacon", "2f234454cf6d4a0fadf2f4911ba9ffa600050003"},
        {"testRecognizeBeaconWithFormatSpecifyingManufacturer",
         "2f234454cf6d4a0fadf2f4911ba9ffa600010002"},
        {"testCanParsePdusFromAltBeacon", "2f234454cf6d4a0fadf2f4911ba9ffa600010002"},
        {"testLittleEndianIdentifierParsing", "0102030405060708090a0b0c0d0e0f1011121314"},
        {"testParseProblematicBeaconFromIssue229", "7777772e626c756b692e636f6d000100010001ab"},
        {"testReEncodesBeacon", "2f234454cf6d4a0fadf2f4911ba9ffa600010002"},
        {"testParsesBeaconMissingDataField", "2f234454cf6d4a0fadf2f4911ba9ffa600010002"},
        {"testRecognizeBeaconCapturedManufacturer", "e2c56db5dffb48d2b060d0f5a71096e000010004"}};
    const std::map<std::string, std::string> eddystones{
        {"testDetectsEddystoneUID", "00010203040506070809010203040506"},
        {"testCanParsePdusFromOtherBeacon", "2f234454f4911ba9ffa6000000000001"}};
    std::size_t altbeacons_seen = 0;
    for (const json& vector : vectors(*folder, "ble.altbeacon_layout.json")) {
        const auto name = vector["source"]["case"].get<std::string>();
        INFO(id_of(vector) << " " << name);
        const std::string token = token_in(hex(vector["input"]["ad_hex"][0].get<std::string>()));
        if (altbeacons.contains(name)) {
            ++altbeacons_seen;
            CHECK(token == "altbeacon:" + to_hex(hex(altbeacons.at(name))));
        } else if (eddystones.contains(name)) {
            CHECK(token == "eddystone-uid:" + eddystones.at(name));
        } else {
            CHECK_FALSE(beacon(token));
        }
    }
    CHECK(altbeacons_seen == altbeacons.size());

    for (const json& vector : vectors(*folder, "ble.scapy_altbeacon.json")) {
        const auto name = vector["source"]["case"].get<std::string>();
        const bool wrong_format = name.find("WrongFormat") != std::string::npos;
        const std::string token = token_in(hex(vector["input"]["hex"][0].get<std::string>()));
        INFO(name);
        CHECK(token.starts_with("altbeacon:2f234454cf6d4a0fadf2f4911ba9ffa6") != wrong_format);
    }
}

TEST_CASE("vectors: iBeacons", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    const json beacontools = vectors(*folder, "ble.beacon_payload_ibeacon.json")[0];
    CHECK(token_in(hex(beacontools["input"]["ad_hex"].get<std::string>()))
          == "ibeacon:00050001-0000-1000-8000-00805f9b0131/2/27750");
    // The maker of that one puts a sensor value into the minor number (6C66 = 27750).

    const json theengs = vectors(*folder, "ble.theengs_ibeacon.json")[0];
    const Octets data = hex(theengs["input"]["manufacturerdata"].get<std::string>());
    CHECK(token_in(structure(0xff, data)) == "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825/1/2");

    for (const json& vector : vectors(*folder, "ble.scapy_ibeacon.json")) {
        const auto name = vector["source"]["case"].get<std::string>();
        const Octets bytes = hex(vector["input"]["hex"][0].get<std::string>());
        if (name.find("decode advertising frame") != std::string::npos) {
            const Advertisement heard = heard_in(bytes);
            CHECK(text(heard.address) == "d6:ee:d4:16:ed:fc");
            CHECK(sighting(heard, refuse)->token
                  == "ibeacon:b9407f30-f5f8-466e-aff9-25556b57fe6d/60924/54294");
        } else if (name.find("encode LE Set") != std::string::npos) {
            // A command's parameters: a length byte, then the advertising data.
            CHECK(token_in(Octets(bytes.begin() + 1, bytes.end()))
                  == "ibeacon:fb0b57a2-8228-44cd-913a-94a122ba1206/1/2");
        }
    }
}

TEST_CASE("vectors: malformed advertising data is no beacon and refused where it says too much",
          "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    for (const json& vector : vectors(*folder, "ble.beacon_payload_invalid.json")) {
        const Findings found = findings_in(hex(vector["input"]["ad_hex"].get<std::string>()));
        CHECK_FALSE(found.beacon());
        CHECK(found.refused.size() == 1);
    }
}

TEST_CASE("vectors: AD structures hold the names, powers and data that others find in them",
          "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    std::size_t count = 0;
    for (const json& vector : vectors(*folder, "ble.ad_structures.json")) {
        INFO(id_of(vector) << " " << vector["source"]["case"].get<std::string>());
        ++count;
        json manufacturers = json::object();
        std::string name;
        std::optional<int> power;
        for (const json& part : vector["input"]["ad_parts_hex"]) {
            const Octets bytes = hex(part.get<std::string>());
            split(Bytes{bytes}, [&](const AdStructure& ad) {
                const std::string text{reinterpret_cast<const char*>(ad.data.data()),
                                       ad.data.size()};
                if (ad.type == 0x09 || (ad.type == 0x08 && name.empty())) name = text;
                if (ad.type == 0x0a && !ad.data.empty()) power = i8(ad.data[0]);
                if (ad.type == 0xff && ad.data.size() >= 2)
                    manufacturers[std::to_string(le16(ad.data, 0))] = {
                        {"hex", to_hex(ad.data.subspan(2))}};
            });
        }
        const json& expected = vector["expected"];
        if (expected.contains("local_name"))
            CHECK(name == (expected["local_name"].is_null() ? "" : expected["local_name"]));
        if (expected.contains("manufacturer_data"))
            CHECK(manufacturers == expected["manufacturer_data"]);
        if (expected.contains("tx_power"))
            CHECK((power ? json(*power) : json()) == expected["tx_power"]);
    }
    CHECK(count == 28);
}
