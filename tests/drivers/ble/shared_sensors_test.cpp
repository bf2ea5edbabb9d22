#include "tests/drivers/ble/vectors.hpp"

#include <set>

/// Vectors of sensors, trackers and other devices that are nobody's identity. What is checked is
/// that they are decoded without a complaint and become no token. The values that their expected
/// parts hold (temperature, battery, motion, ...) are of no concern to Raiten and are not read.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;
using nlohmann::json;

/// The digits that there are: two of these vectors end within a byte, one says "xxxx" for any data.
Octets whole_bytes(std::string digits)
{
    if (digits == "xxxx") return {};
    if (digits.size() % 2 == 1) digits.pop_back();
    return hex(digits);
}

Octets uuid16(const std::string& text)
{
    Octets out = hex(text.substr(0, 2) == "0x" ? text.substr(2) : text);
    REQUIRE(out.size() == 2);
    std::reverse(out.begin(), out.end());
    return out;
}

/// Theengs gives the parts of an advertisement as a gateway's JSON has them; where it names no UUID
/// for service data, Xiaomi's is taken.
struct Parts {
    std::string name;
    std::string uuid;
    std::string manufacturer;
    std::string service;
};

Parts parts_of(const json& input)
{
    if (input.contains("fields")) {
        const json& fields = input.at("fields");
        REQUIRE(fields.size() == 5);
        return {fields[1], fields[2], fields[3], fields[4]};
    }
    return {text_in(input, "name"), text_in(input, "servicedatauuid"),
            text_in(input, "manufacturerdata"), text_in(input, "servicedata")};
}

Octets advertising_data(const Parts& parts)
{
    Octets out = hex("020106");
    const Octets manufacturer = whole_bytes(parts.manufacturer);
    if (!manufacturer.empty()) out = joined({out, structure(0xff, manufacturer)});
    if (!parts.service.empty())
        out = joined({out, structure(0x16, joined({uuid16(parts.uuid.empty() ? "fe95" : parts.uuid),
                                                   hex(parts.service)}))});
    if (!parts.name.empty()) {
        const auto bytes = bytes_of(parts.name);
        out = joined({out, structure(0x09, Octets(bytes.begin(), bytes.end()))});
    }
    return out;
}

/// An iBeacon as Theengs spells it: "mfid", "uuid", "major", "minor"; or its bytes.
std::string ibeacon_in(const Parts& parts)
{
    std::string uuid = parts.manufacturer.substr(8, 32);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) uuid.insert(at, 1, '-');
    const auto number = [&](std::size_t at) {
        return std::to_string(std::stoul(parts.manufacturer.substr(at, 4), nullptr, 16));
    };
    return "ibeacon:" + uuid + "/" + number(40) + "/" + number(44);
}

}  // namespace

TEST_CASE("vectors: sensors and trackers of many makers", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    // These send their values as an iBeacon's major or minor number: hydrometers temperature and
    // gravity, the battery monitor its charge. The other iBeacons among them keep their numbers.
    const std::set<std::string> values_as_numbers{"TILT", "BM6"};
    std::size_t beacons = 0;
    for (const auto* name : {"ble.theengs_other.json", "ble.theengs_track.json",
                             "ble.theengs_ruuvi.json", "ble.theengs_ibeacon.json"}) {
        for (const json& vector : vectors(*folder, name)) {
            INFO(id_of(vector) << " " << case_of(vector));
            const Parts parts = parts_of(vector.at("input"));
            const json& expected = vector.at("expected");
            const bool sends_values = values_as_numbers.contains(text_in(expected, "model_id"));
            if (!parts.manufacturer.starts_with("4c000215") || sends_values) {
                check_noise(advertising_data(parts));
                continue;
            }
            const Findings found = findings_in(advertising_data(parts));
            CHECK(found.token == ibeacon_in(parts));
            CHECK(found.refused.empty());
            if (expected.contains("major")) {
                CHECK(found.token.ends_with("/" + expected.at("major").dump() + "/"
                                            + expected.at("minor").dump()));
            }
            ++beacons;
        }
    }
    CHECK(beacons >= 7);
}

TEST_CASE("vectors: manufacturer data of sensors", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    // Given without the company, which comes first: 0639 Minew, 0499 Ruuvi.
    for (const auto& [name, company] : {std::pair{"ble.manufacturer_data_minew.json", "3906"},
                                        std::pair{"ble.manufacturer_data_ruuvi.json", "9904"}}) {
        for (const json& vector : vectors(*folder, name)) {
            INFO(id_of(vector) << " " << case_of(vector));
            const Octets data = hex(vector.at("input").at("hex_or_text").get<std::string>());
            check_noise(structure(0xff, joined({hex(company), data})));
        }
    }
}

TEST_CASE("vectors: service data of sensors", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    // Given without the UUID: FFE1 Minew, FEDF Hewlett Packard Enterprise, FDAF Wiliot.
    for (const auto& [name, uuid] :
         {std::pair{"ble.service_data_minew.json", "ffe1"},
          std::pair{"ble.service_data_hewlettpackardenterprise.json", "fedf"},
          std::pair{"ble.service_data_wiliot.json", "fdaf"}}) {
        for (const json& vector : vectors(*folder, name)) {
            INFO(id_of(vector) << " " << case_of(vector));
            const Octets data = hex(vector.at("input").at("hex_or_text").get<std::string>());
            check_noise(structure(0x16, joined({uuid16(uuid), data})));
        }
    }
}

TEST_CASE("vectors: Estimote's telemetry and nearables", "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    for (const json& vector : vectors(*folder, "ble.beacon_payload_estimote.json")) {
        INFO(id_of(vector) << " " << case_of(vector));
        check_noise(hex(vector.at("input").at("ad_hex").get<std::string>()));
    }
}

TEST_CASE("vectors: a phone with contact tracing rotates, whatever address it shows",
          "[drivers][ble][shared]")
{
    const auto folder = vectors_folder();
    if (!folder) return;
    for (const json& vector : vectors(*folder, "ble.scapy_exposure_notification.json")) {
        const Octets data = hex(vector.at("input").at("hex")[0].get<std::string>());
        const Findings found = findings_in(data);
        CHECK(found.rotating);
        CHECK_FALSE(found.beacon());
        CHECK(found.refused.empty());
        // "identifier" and "metadata" of the assertions are the other two inputs.
        const auto service = structure_in(data, 0x16);
        REQUIRE(service.has_value());
        CHECK(to_hex(*service)
              == "6ffd" + vector.at("input").at("hex")[1].get<std::string>()
                     + vector.at("input").at("hex")[2].get<std::string>());
    }
}
