#include "drivers/ble/air.hpp"
#include "drivers/ble/eddystone.hpp"
#include "tests/drivers/ble/vectors.hpp"

#include <set>

/// Vectors of frames: what Eddystone holds, PDUs from the air, and structures that others' parsers
/// make assertions about.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;
using nlohmann::json;

/// The frame in service data, without its UUID.
Frame eddystone(const Octets& data)
{
    static Octets kept;  // a URL lies in it
    kept = joined({hex("aafe"), data});
    const Recognised recognised = recognise(AdStructure{0x16, kept});
    REQUIRE(recognised.refused.empty());
    REQUIRE(recognised.frame.has_value());
    return *recognised.frame;
}

/// What a sniffer would have recorded of this PDU.
AirFinding heard_on_air(const Octets& pdu, std::vector<std::byte>& event)
{
    const std::uint32_t crc = advertising_crc(pdu);
    const Octets check{static_cast<std::byte>(crc & 0xffU),
                       static_cast<std::byte>(crc >> 8U & 0xffU),
                       static_cast<std::byte>(crc >> 16U)};
    const Octets bytes = joined({pdu, check});
    return report_of(AirFrame{advertising_access_address, bytes, -50, false}, event);
}

std::string reversed_hex(const Octets& bytes)
{
    return to_hex(Octets(bytes.rbegin(), bytes.rend()));
}

}  // namespace

TEST_CASE("vectors: Eddystone frames hold what others read in them", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    std::size_t frames = 0;
    for (const json& vector : vectors(*folder, "ble.beacon_payload_eddystone.json")) {
        INFO(id_of(vector));
        const json& expected = vector.at("expected");
        Octets data = hex(vector.at("input").at("ad_hex").get<std::string>());
        if (case_of(vector) == "test_eddystone_tlm_enc") {
            // Its length byte says 11 hex where 15 is meant: salt and check lie outside. The parser
            // that it was made for does not look at lengths; we refuse it, and read the right one.
            CHECK(findings_in(data).refused.size() == 2);
            data[7] = std::byte{0x15};
        }
        const Findings found = findings_in(data);
        CHECK(found.refused.empty());
        const Octets service = structure_in(data, 0x16).value();
        const Frame frame = eddystone(Octets(service.begin() + 2, service.end()));
        const auto type = expected.at("type").get<std::string>();
        ++frames;
        if (type == "EddystoneUIDFrame") {
            CHECK(std::get<EddystoneUid>(frame).power_dbm == expected.at("tx_power").get<int>());
            CHECK(found.token
                  == "eddystone-uid:" + text_in(expected, "namespace")
                         + text_in(expected, "instance"));
            CHECK_FALSE(found.rotating);
        } else if (type == "EddystoneEIDFrame") {
            CHECK(std::get<EddystoneEid>(frame).power_dbm == expected.at("tx_power").get<int>());
            CHECK(found.token == "eddystone-eid:" + text_in(expected.at("eid"), "hex"));
            CHECK(found.rotating);
        } else if (type == "EddystoneURLFrame") {
            CHECK(std::get<EddystoneUrl>(frame).power_dbm == expected.at("tx_power").get<int>());
            CHECK(url_of(std::get<EddystoneUrl>(frame)) == text_in(expected, "url"));
            CHECK_FALSE(found.beacon());
        } else {
            const auto telemetry = std::get<EddystoneEncryptedTlm>(frame);
            CHECK(to_hex(telemetry.data) == text_in(expected.at("encrypted_data"), "hex"));
            // All of Eddystone's numbers are big endian. The vector takes these two the other way
            // round (44510 is ADDE, 65470 FFBE); advlib's, below, agree with the specification.
            CHECK(telemetry.salt == 0xdead);
            CHECK(telemetry.check == 0xbeff);
            CHECK_FALSE(found.beacon());
        }
    }
    CHECK(frames == 4);

    for (const json& vector : vectors(*folder, "ble.service_data_eddystone.json")) {
        INFO(id_of(vector) << " " << case_of(vector));
        const json& expected = vector.at("expected");
        const Octets data = hex(vector.at("input").at("hex_or_text").get<std::string>());
        const Findings found = findings_in(structure(0x16, joined({hex("aafe"), data})));
        CHECK(found.refused.empty());
        if (case_of(vector) == "EDDYSTONE_UID") {
            CHECK(found.token == "eddystone-uid:00112233445566778899aabbccddeeff");
        } else if (case_of(vector) == "EDDYSTONE_TLM") {
            const auto telemetry = std::get<EddystoneTlm>(eddystone(data));
            CHECK(telemetry.battery_mv == expected.at("batteryVoltage").get<unsigned>() * 1000);
            CHECK(telemetry.temperature_c == expected.at("temperature").get<double>());
            CHECK(telemetry.advertisements == expected.at("txCount").get<unsigned>());
            CHECK(telemetry.running.count() == expected.at("uptime").get<int>());
            CHECK_FALSE(found.beacon());
        } else if (case_of(vector) == "EDDYSTONE_ETLM") {
            const auto telemetry = std::get<EddystoneEncryptedTlm>(eddystone(data));
            CHECK(to_hex(telemetry.data) == text_in(expected.at("encrypted"), "data"));
            CHECK(telemetry.salt == expected.at("encrypted").at("salt").get<unsigned>());
            CHECK(telemetry.check == expected.at("encrypted").at("checksum").get<unsigned>());
        } else {
            CHECK(case_of(vector) == "FIND_HUB");  // frame type 41, which rotates and is not ours
            CHECK_FALSE(found.beacon());
        }
    }

    for (const json& vector : vectors(*folder, "ble.scapy_eddystone.json")) {
        // Either a frame with its UUID, or a whole command: opcode, lengths, advertising data.
        Octets data = hex(vector.at("input").at("hex")[0].get<std::string>());
        if (data[0] == std::byte{1})
            data = structure_in(Octets(data.begin() + 5, data.end()), 0x16).value();
        const Frame frame = eddystone(Octets(data.begin() + 2, data.end()));
        CHECK(url_of(std::get<EddystoneUrl>(frame)) == "https://scapy.net");
        CHECK_FALSE(findings_in(structure(0x16, data)).beacon());
    }
}

TEST_CASE("vectors: PDUs from the air and AD structures of advlib", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    std::size_t pdus = 0;
    std::size_t headers = 0;
    std::size_t structures = 0;
    for (const json& vector : vectors(*folder, "ble.advlib_packet.json")) {
        INFO(id_of(vector) << " " << case_of(vector));
        const json& expected = vector.at("expected");
        const Octets bytes = hex(vector.at("input").at("hex_or_text").get<std::string>());
        if (expected.contains("type")) {
            const bool random = u8(bytes[0]) & 0x40U;
            CHECK(random == (expected.at("txAdd") == "random"));
            CHECK(u8(bytes[1]) == expected.at("length").get<unsigned>());
            std::vector<std::byte> event;
            const AirFinding finding = heard_on_air(bytes, event);
            const auto type = expected.at("type").get<std::string>();
            if (bytes.size() == 2) {
                // A header alone: its length says more than there is.
                CHECK(finding.refused == "air frame with a wrong checksum");
                ++headers;
            } else if (type == "ADV_NONCONN_IND" || type == "ADV_DIRECT_IND") {
                REQUIRE(finding.report);
                const auto heard = heard_in_event(event);
                REQUIRE(heard.size() == 1);
                CHECK(to_hex(heard[0].address) == text_in(expected, "advA"));
                CHECK(heard[0].event_type == (type == "ADV_DIRECT_IND" ? 1 : 3));
                CHECK((heard[0].address_type == AddressType::random) == random);
                if (expected.contains("serviceData")) {
                    const auto service = structure_in(heard[0].data, 0x16);
                    REQUIRE(service.has_value());
                    CHECK(to_hex(*service)
                          == "aafe" + text_in(expected.at("serviceData")[0], "data"));
                }
                ++pdus;
            } else {
                // SCAN_REQ is no advertisement. ADV_EXT_IND is here with an address where its
                // extended header belongs (of before version 5.0): that header claims 43 bytes.
                CHECK_FALSE(finding.report);
                CHECK((type == "SCAN_REQ" || type == "ADV_EXT_IND"));
                CHECK(finding.refused.empty() == (type == "SCAN_REQ"));
                ++pdus;
            }
            continue;
        }
        ++structures;
        json services = json::array();
        json uuids = json::array();
        std::vector<int> flags;
        const auto damage = split(Bytes{bytes}, [&](const AdStructure& ad) {
            const Octets data(ad.data.begin(), ad.data.end());
            const auto list = [&](std::size_t size) {
                for (auto at = data.begin(); at != data.end(); at += static_cast<long>(size))
                    uuids.push_back(reversed_hex(Octets(at, at + static_cast<long>(size))));
            };
            const auto service = [&](long size) {
                services.push_back(
                    {{"uuid", reversed_hex(Octets(data.begin(), data.begin() + size))},
                     {"data", to_hex(Octets(data.begin() + size, data.end()))}});
            };
            if (ad.type == 0x01)
                for (int bit = 0; bit < 8; ++bit)
                    if ((u8(data[0]) >> bit & 1U) != 0) flags.push_back(bit);
            if (ad.type == 0x02 || ad.type == 0x03) list(2);
            if (ad.type == 0x04 || ad.type == 0x05) list(4);
            if (ad.type == 0x06 || ad.type == 0x07) list(16);
            if (ad.type == 0x16) service(2);
            if (ad.type == 0x20) service(4);
            if (ad.type == 0x21) service(16);
        });
        // The list of two 128-bit UUIDs has type 07 and length 21 hex, as it should.
        CHECK_FALSE(damage);
        if (expected.contains("uuids")) CHECK(uuids == expected.at("uuids"));
        if (expected.contains("serviceData")) CHECK(services == expected.at("serviceData"));
        if (expected.contains("flags")) CHECK(json(flags) == expected.at("flags"));
        CHECK((expected.contains("uuids") || expected.contains("serviceData")
               || expected.contains("flags")));
        CHECK_FALSE(findings_in(bytes).beacon());
    }
    CHECK(headers + pdus + structures == 17);
    CHECK(headers == 3);
    CHECK(pdus == 4);
}

TEST_CASE("vectors: what scapy asserts about Bluetooth packets", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    // What each case holds: the assertion texts, as checks on our own reading. An empty data column
    // stands for no advertisement at all.
    struct Held {
        std::string address;
        unsigned type;
        std::string data;
    };
    const std::map<std::string, Held> held{
        {"= Parse EIR_Flags, EIR_CompleteList16BitServiceUUIDs, EIR_CompleteLocalName and "
         "EIR_TX_Power_Level",
         {"78:81:01:c0:22:65", 0x09, to_hex(bytes_of("Pebble Time LE 71E6"))}},
        {"= Parse EIR_ServiceData16BitUUID", {"0d:7f:a9:7d:ef:cd", 0x16, "50fee6c2"}},
        {"= Parse EIR_PublicTargetAddress", {"00:11:22:33:44:55", 0x17, "ffeeddccbbaa"}},
        {"= Parse EIR_URI",
         {"28:d7:da:c1:f3:01", 0x24, "17" + to_hex(bytes_of("//firmware.silvair.com/oob"))}},
        {"= Parse EIR_LEBluetoothDeviceAddress", {"4c:ba:d7:19:35:d9", 0x1b, "00d93519d7ba4c"}},
        {"= Parse EIR_AdvertisingInterval", {"17:11:12:61:49:2e", 0x1a, "9001"}},
        {"= Parse EIR_Manufacturer_Specific_Data",
         {"4f:f0:b9:0e:5e:be", 0xff, "5401005f423331313437443234363 1fc00030c0000"}},
    };
    std::size_t reports = 0;
    std::size_t structures = 0;
    std::size_t others = 0;
    for (const json& vector : vectors(*folder, "ble.scapy_bluetooth.json")) {
        INFO(id_of(vector) << " " << case_of(vector));
        Octets bytes = hex(vector.at("input").at("hex")[0].get<std::string>());
        if (bytes[0] == std::byte{4}) bytes.erase(bytes.begin());
        if (const auto found = held.find(case_of(vector)); found != held.end()) {
            const auto heard = heard_in_event(bytes);
            REQUIRE(heard.size() == 1);
            if (case_of(vector) != "= Parse EIR_AdvertisingInterval"
                && case_of(vector) != "= Parse EIR_ServiceData16BitUUID"
                && case_of(vector) != "= Parse EIR_URI")
                CHECK(text(heard[0].address) == found->second.address);
            const auto data = structure_in(heard[0].data, found->second.type);
            REQUIRE(data.has_value());
            CHECK(*data == hex(found->second.data));
            CHECK(findings_in(heard[0]).refused.empty());
            CHECK_FALSE(findings_in(heard[0]).beacon());
            ++reports;
        } else if (bytes.size() < 12) {
            // 3D information and a broadcast name: single structures that say nothing to us.
            check_noise(bytes);
            ++structures;
        } else if (u8(bytes[0]) == 0xd6) {
            // From the air, advertising access address first, PDU and checksum.
            std::vector<std::byte> event;
            const AirFinding finding = report_of(
                AirFrame{advertising_access_address, Bytes{bytes}.subspan(4), std::nullopt, false},
                event);
            REQUIRE(finding.refused.empty());
            REQUIRE(finding.report);
            const auto heard = heard_in_event(event);
            CHECK(text(heard.at(0).address) == "fb:bf:ce:d3:d4:60");
            CHECK(structure_in(heard[0].data, 0x19) == hex("420c"));
            ++structures;
        } else {
            // Extended Inquiry Results (2F) and a connection update: events, no advertisements.
            CHECK(heard_in_event(bytes).empty());
            ++others;
        }
    }
    CHECK(reports == held.size());
    CHECK(reports + structures + others == 14);
}

TEST_CASE("vectors: every file of vectors has its test", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    const std::set<std::string> tested{
        "ble.ad_structures.json",
        "ble.advlib_packet.json",
        "ble.altbeacon_layout.json",
        "ble.beacon_payload_eddystone.json",
        "ble.beacon_payload_estimote.json",
        "ble.beacon_payload_ibeacon.json",
        "ble.beacon_payload_invalid.json",
        "ble.hci_event_altbeacon.json",
        "ble.hci_event_ibeacon.json",
        "ble.hci_event_other.json",
        "ble.hci_event_ruuvi.json",
        "ble.manufacturer_data_minew.json",
        "ble.manufacturer_data_ruuvi.json",
        "ble.scapy_altbeacon.json",
        "ble.scapy_bluetooth.json",
        "ble.scapy_eddystone.json",
        "ble.scapy_exposure_notification.json",
        "ble.scapy_ibeacon.json",
        "ble.service_data_eddystone.json",
        "ble.service_data_hewlettpackardenterprise.json",
        "ble.service_data_minew.json",
        "ble.service_data_wiliot.json",
        "ble.theengs_ibeacon.json",
        "ble.theengs_other.json",
        "ble.theengs_ruuvi.json",
        "ble.theengs_track.json",
        "eddystone_eid_computed.json",
    };
    std::size_t items = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        const auto name = entry.path().filename().string();
        INFO(name);
        CHECK(tested.contains(name));
        items += vectors(*folder, name).size();
    }
    std::printf("%-52s %4zu vectors\n", "all", items);
    CHECK(items >= 466);
}
