#include "daemon/base/hex.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/gateway/gathering.hpp"
#include "drivers/gateway/minew.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/gateway/heard.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <sstream>

using namespace raiten;
using namespace raiten::drivers;
using namespace raiten::test;
using nlohmann::json;

namespace {

std::string text_of(const std::filesystem::path& path)
{
    const auto bytes = read_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<json> objects_in(const std::string& text)
{
    std::vector<json> found;
    std::istringstream lines{text};
    for (std::string one; std::getline(lines, one);)
        if (!one.empty()) found.push_back(json::parse(one));
    return found;
}

std::string lower(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

/// "ac233f000001" or "AC:23:3F:00:00:01" as a token writes it.
std::string with_colons(const std::string& mac)
{
    std::string out;
    for (const char c : lower(mac)) {
        if (c == ':') continue;
        if (out.size() % 3 == 2) out.push_back(':');
        out.push_back(c);
    }
    return out;
}

std::vector<TokenSeen> tokens(Make make, std::string_view text)
{
    std::vector<TokenSeen> seen;
    const Tell tell = [&](Reading reading) {
        if (auto* token = std::get_if<TokenSeen>(&reading)) seen.push_back(std::move(*token));
    };
    const auto translator = make({});
    translator->feed(bytes_of(text), tell);
    translator->finish(tell);
    return seen;
}

std::vector<std::filesystem::path> files(const std::filesystem::path& folder,
                                         const std::string& beginning)
{
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.is_regular_file() && entry.path().filename().string().rfind(beginning, 0) == 0)
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

TEST_CASE("recorded ESPresense: every message is the watch, in its room, at its time", "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway");
    if (!folder) return;
    for (const auto& path : files(*folder, "espresense")) {
        const std::string text = text_of(path);
        const auto objects = objects_in(text);
        const auto seen = tokens(&make_espresense, text);
        INFO(path);
        CHECK(objects.size() > 500);
        REQUIRE(seen.size() == objects.size());
        std::set<std::string> rooms;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            const json& payload = objects[i]["payload"];
            const std::string topic = objects[i]["topic"];
            CHECK(seen[i].token == "app:" + payload["id"].get<std::string>());
            CHECK(seen[i].rssi_dbm == payload["rssi"].get<int>());
            CHECK(seen[i].heard_by == topic.substr(topic.rfind('/') + 1));
            REQUIRE(seen[i].told_at);
            const auto tst = parse_instant(objects[i]["tst"].get<std::string>());
            CHECK(seen[i].told_at->time == tst.value());
            CHECK_FALSE(seen[i].told_at->local);
            rooms.insert(seen[i].heard_by);
        }
        CHECK(rooms.size() == 10);
        // the same as a live wire hands it on
        std::string wire;
        for (const json& one : objects)
            wire += one["topic"].get<std::string>() + " " + one["payload"].dump() + "\n";
        const auto live = tokens(&make_espresense, wire);
        REQUIRE(live.size() == seen.size());
        for (std::size_t i = 0; i < seen.size(); ++i) {
            CHECK(live[i].token == seen[i].token);
            CHECK(live[i].heard_by == seen[i].heard_by);
            CHECK(live[i].rssi_dbm == seen[i].rssi_dbm);
        }
    }
}

TEST_CASE("recorded ESPresense, gathered: one watch is one observation in each second", "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway");
    if (!folder) return;
    for (const auto& path : files(*folder, "espresense")) {
        const auto seen = tokens(&make_espresense, text_of(path));
        gateway::Gathering gathering;
        std::size_t told = 0;
        std::map<std::string, int> rooms;
        const gateway::Gathering::Emit emit = [&](const std::string& room, const TokenSeen&) {
            ++told;
            ++rooms[room];
        };
        for (const auto& one : seen) gathering.put(one.told_at->time, one.heard_by, one, emit);
        const auto span = std::chrono::duration_cast<std::chrono::seconds>(
            seen.back().told_at->time - seen.front().told_at->time);
        gathering.take(Instant::max(), emit);
        CHECK(told <= static_cast<std::size_t>(span.count()) + 1);
        CHECK(told * 3 < seen.size());
        CHECK(told * 2 > static_cast<std::size_t>(span.count()));  // heard in most seconds
    }
}

TEST_CASE("recorded OpenMQTTGateway and Theengs messages", "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway");
    if (!folder) return;
    for (const auto* name : {"openmqttgateway", "theengs"}) {
        for (const auto& path : files(*folder, name)) {
            const std::string text = text_of(path);
            for (const json& one : objects_in(text)) {
                const json& payload = one["payload"];
                const auto seen = tokens(&make_openmqttgateway, one.dump());
                const std::string id = payload.value("id", "");
                INFO(one.dump());
                if (id.size() == 8) {  // "F3:52:85": half an address names nobody
                    CHECK(seen.empty());
                    continue;
                }
                REQUIRE(seen.size() == 1);
                if (payload.contains("uuid")) {
                    CHECK(seen[0].token == "ibeacon:1de4b189-115e-45f6-b44e-509352269977/0/0");
                    CHECK_FALSE(seen[0].rotating);
                } else if (id.empty()) {  // a sensor's values: the topic names it
                    CHECK(seen[0].token == "ble:4c:33:a6:60:3c:79");
                } else {
                    CHECK(seen[0].token == "ble:" + with_colons(id));
                }
                CHECK(seen[0].heard_by == "OpenMQTTGateway");
                CHECK(seen[0].rssi_dbm.has_value() == payload.contains("rssi"));
                if (payload.contains("rssi")) CHECK(seen[0].rssi_dbm == payload["rssi"].get<int>());
            }
        }
    }
    // 45:e1:… has no type and cannot be a public address
    const auto all = heard(&make_openmqttgateway, text_of(*folder / "openmqttgateway.jsonl"));
    CHECK(seen_only(all).size() == 5);
    CHECK(all[0] == "seen ble:45:e1:74:12:6e:00 -89 rotating by OpenMQTTGateway");
}

TEST_CASE("recorded Minew array: the shared default UUID, told apart by the gateway's fields",
          "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway");
    if (!folder) return;
    const std::string text = text_of(*folder / "minew_g1_mqtt_2022.json");
    const std::string beacon = "seen ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/0/0 ";
    const Lines expected{beacon + "-38 by ac233fc0bc43 at 2022-01-20T13:22:49.519+00:00",
                         beacon + "-34 by ac233fc0bc43 at 2022-01-20T13:22:49.431+00:00"};
    CHECK(heard(&make_minew, text) == expected);
    CHECK(heard(&make_minew, json::parse(text).dump(2)) == expected);
}

TEST_CASE("the binary body of a Minew gateway", "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway/vectors");
    if (!folder) return;
    for (const json& vector : json::parse(text_of(*folder / "gateway.minew_binary_http.json"))) {
        Lines lines;
        const Tell tell = [&](const Reading& reading) { lines.push_back(whole_line(reading)); };
        const auto body = from_hex(vector["input"]["hex"].get<std::string>());
        REQUIRE(body);
        CHECK(gateway::hear_minew_body(*body, gateway::Air{Options{}}, tell));
        Lines expected;
        for (const json& device : vector["expected"]["devices"])
            for (const json& packet : device["packets"])
                expected.push_back("seen ble:" + with_colons(device["mac"]) + " "
                                   + std::to_string(packet["rssi"].get<int>()) + " by "
                                   + vector["expected"]["gateway"].get<std::string>());
        CHECK(lines == expected);
    }
}

TEST_CASE("raddec vectors: as objects, flattened, and in the binary form", "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway/vectors");
    if (!folder) return;
    for (const json& vector : json::parse(text_of(*folder / "gateway.raddec.json"))) {
        const json& input = vector["input"];
        const json& expected = vector["expected"];
        const auto check = [&](const std::string& text) {
            INFO(text);
            const auto seen = tokens(&make_raddec, text);
            REQUIRE(seen.size() == 1);
            CHECK(seen[0].token
                  == "ble:" + with_colons(expected["transmitterId"].get<std::string>()));
            CHECK_FALSE(seen[0].rotating);  // type 2, and aa… cannot be resolvable
            json strongest = expected;
            if (expected.contains("rssiSignature"))
                for (const json& receiver : expected["rssiSignature"])
                    if (!strongest.contains("rssi") || receiver["rssi"] > strongest["rssi"])
                        strongest = receiver;
            CHECK(seen[0].rssi_dbm.has_value() == strongest.contains("rssi"));
            if (strongest.contains("rssi")) CHECK(seen[0].rssi_dbm == strongest["rssi"].get<int>());
            CHECK(seen[0].heard_by == strongest.value("receiverId", ""));
            CHECK(seen[0].told_at.has_value() == expected.contains("timestamp"));
            if (seen[0].told_at)
                CHECK(seen[0].told_at->time.time_since_epoch().count()
                      == expected["timestamp"].get<std::int64_t>());
        };
        if (input.contains("value")) check(input["value"].dump());
        if (input.contains("value")) check(expected.dump());
        if (input.contains("hex_or_text")) check(input["hex_or_text"].get<std::string>());
    }
}

TEST_CASE("Ingics vectors: every report is its beacon, heartbeats and positions are nobody",
          "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway/vectors");
    if (!folder) return;
    std::size_t sightings = 0;
    for (const json& vector : json::parse(text_of(*folder / "gateway.ingics_igs_line.json"))) {
        const std::string text = vector["input"]["line"];
        const Lines all = heard(&make_ingics, text);
        INFO(text);
        std::vector<std::string> field;
        std::istringstream parts{text};
        for (std::string part; std::getline(parts, part, ',');) field.push_back(part);
        if (field[0] == "$HBRP" || field[0] == "$GPSR") {
            CHECK(all.empty());
            continue;
        }
        ++sightings;
        const auto seen = tokens(&make_ingics, text);
        REQUIRE(seen.size() == 1);
        CHECK(seen[0].token == "ble:" + with_colons(field[1]));
        CHECK(seen[0].rssi_dbm == std::atol(field[3].c_str()));
        CHECK(seen[0].heard_by == lower(field[2]));
        CHECK_FALSE(seen[0].rotating);
        REQUIRE(seen[0].told_at.has_value() == (field.size() == 6));
        if (seen[0].told_at) {
            const auto dot = field[5].find('.');
            const std::string ms = dot == std::string::npos
                                       ? field[5] + "000"
                                       : field[5].substr(0, dot) + field[5].substr(dot + 1);
            CHECK(seen[0].told_at->time.time_since_epoch().count() == std::atoll(ms.c_str()));
        }
    }
    CHECK(sightings >= 15);
}

TEST_CASE("Meraki posts over HTTP and knows no MQTT: no gateway's format takes it for its own",
          "[shared]")
{
    const auto folder = shared_folder("data/captures/gateway");
    if (!folder) return;
    const std::string text = text_of(*folder / "meraki_scanning_v2.json");
    for (const Make make :
         {&make_openmqttgateway, &make_espresense, &make_minew, &make_raddec, &make_ingics}) {
        const Lines all = heard(make, text);
        CHECK(all.size() == 1);
        CHECK(seen_only(all).empty());
    }
}
