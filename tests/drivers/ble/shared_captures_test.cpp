#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/listener.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/payload.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <memory>

/// Real captures against what tshark 4.0.17 made of them, one row per advertising report.
///
/// Where tshark's columns mean something else than ours:
/// - `service_data` is empty for exposure notifications (FD6F): tshark has fields of their own
///   for them, which the table leaves out.
/// - Two reports in android_scan_microsoft_h2o begin with a UUID list that claims 32 bytes of 25.
///   We refuse the structure and keep the report with its strength; tshark reads on to the end of
///   the event, lists what it finds as UUIDs, and never reaches the RSSI: its column is empty.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

constexpr unsigned uuid16_some = 0x02;
constexpr unsigned uuid16_all = 0x03;
constexpr unsigned name_short = 0x08;
constexpr unsigned name_whole = 0x09;
constexpr unsigned power = 0x0a;
constexpr unsigned service_data = 0x16;
constexpr unsigned manufacturer = 0xff;
constexpr unsigned exposure_notification = 0xfd6f;

std::string hex_number(unsigned number, unsigned bytes)
{
    std::vector<std::byte> big_endian;
    for (unsigned i = bytes; i-- > 0;)
        big_endian.push_back(static_cast<std::byte>(number >> (8 * i) & 0xffU));
    return "0x" + to_hex(big_endian);
}

/// Occurrences in one column, as tshark joins them.
struct Column {
    std::string text;
    bool any{};
    void add(const std::string& value)
    {
        if (any) text += ';';
        text += value;
        any = true;
    }
};

using Row = std::map<std::string, std::string>;

/// tshark's columns, out of our own reading of the AD structures.
Row columns_of(const Advertisement& heard, bool& malformed)
{
    Column types;
    Column companies;
    Column uuids;
    Column names;
    Column data;
    Column services;
    Column powers;
    const auto damage = split(heard.data, [&](const AdStructure& ad) {
        types.add(hex_number(ad.type, 1));
        if (ad.type == uuid16_some || ad.type == uuid16_all) {
            for (std::size_t at = 0; at + 1 < ad.data.size(); at += 2)
                uuids.add(hex_number(le16(ad.data, at), 2));
        }
        if (ad.type == name_short || ad.type == name_whole)
            names.add(std::string{reinterpret_cast<const char*>(ad.data.data()), ad.data.size()});
        if (ad.type == power) powers.add(std::to_string(i8(ad.data[0])));
        if (ad.type == service_data) {
            uuids.add(hex_number(le16(ad.data, 0), 2));
            if (le16(ad.data, 0) != exposure_notification) services.add(to_hex(ad.data.subspan(2)));
        }
        if (ad.type == manufacturer) {
            companies.add(hex_number(le16(ad.data, 0), 2));
            data.add(to_hex(ad.data.subspan(2)));
        }
    });
    malformed = damage.has_value();
    if (malformed) return {};
    return Row{{"btcommon.eir_ad.entry.type", types.text},
               {"btcommon.eir_ad.entry.company_id", companies.text},
               {"btcommon.eir_ad.entry.uuid_16", uuids.text},
               {"btcommon.eir_ad.entry.device_name", names.text},
               {"btcommon.eir_ad.entry.data", data.text},
               {"btcommon.eir_ad.entry.service_data", services.text},
               {"btcommon.eir_ad.entry.power_level", powers.text}};
}

/// The rest of the row. tshark's time has nanoseconds, ours milliseconds.
Row head_of(const CapturedPacket& packet, const Advertisement& heard, const Row& expected)
{
    Row out;
    const auto millis = packet.at->time_since_epoch().count();
    out["time"] = std::to_string(millis);
    out["bthci_evt.bd_addr"] = text(heard.address);
    const bool legacy = !expected.at("bthci_evt.le_advts_event_type").empty();
    out[legacy ? "bthci_evt.le_advts_event_type" : "bthci_evt.le_ext_advts_event_type"] =
        hex_number(heard.event_type, legacy ? 1 : 2);
    out["bthci_evt.le_peer_address_type"] =
        hex_number(static_cast<unsigned>(heard.address_type), 1);
    out["bthci_evt.rssi"] = heard.rssi_dbm ? std::to_string(*heard.rssi_dbm) : "127";
    return out;
}

std::string millis_of(const std::string& seconds)
{
    const auto dot = seconds.find('.');
    return seconds.substr(0, dot) + seconds.substr(dot + 1, 3);
}

struct Tally {
    std::size_t reports{};
    std::size_t mismatches{};
    std::size_t malformed{};
    std::size_t refused{};
    std::size_t damaged{};
};

Tally compare(CaptureReader& reader, const std::vector<std::byte>& bytes, std::size_t chunk,
              std::vector<Row> rows)
{
    Tally tally;
    AdvertisementReader advertisements;
    const CapturedPacket* now = nullptr;
    const auto hear = [&](const Advertisement& heard) {
        const std::size_t index = tally.reports++;
        if (index >= rows.size()) return;
        Row expected = rows[index];
        expected["time"] = millis_of(expected["frame.time_epoch"]);
        bool malformed = false;
        Row ours = columns_of(heard, malformed);
        ours.merge(head_of(*now, heard, expected));
        if (malformed && expected["bthci_evt.rssi"].empty()) {
            ours.erase("bthci_evt.rssi");
            ++tally.malformed;
        }
        bool same = true;
        for (const auto& [column, value] : ours) {
            if (expected[column] == value) continue;
            same = false;
            UNSCOPED_INFO("report " << index << " " << column << ": '" << value << "', tshark '"
                                    << expected[column] << "'");
        }
        CHECK(same);
        if (!same) ++tally.mismatches;
    };
    const auto refuse = [&](const Garbled&) { ++tally.refused; };
    const TakePacket take = [&](const CapturedPacket& packet) {
        now = &packet;
        if (packet.type == PacketType::event) advertisements.take(packet.packet, hear, refuse);
    };
    const TellDamage damaged = [&](const Problem&) { ++tally.damaged; };
    for (Bytes left = bytes; !left.empty(); left = left.subspan(std::min(chunk, left.size())))
        reader.feed(left.first(std::min(chunk, left.size())), take, damaged);
    reader.finish(take, damaged);
    return tally;
}

std::unique_ptr<CaptureReader> reader_for(const std::filesystem::path& file)
{
    if (file.extension() == ".pklg") return std::make_unique<PacketLogger>();
    return std::make_unique<Btsnoop>();
}

std::vector<std::filesystem::path> captures(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().extension() == ".btsnoop" || entry.path().extension() == ".pklg")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("recorded captures: every report is as tshark reads it", "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    const auto files = captures(*folder);
    CHECK(files.size() >= 8);
    for (const auto& file : files) {
        const auto rows = read_csv(read_gz(file.string() + ".expected.csv.gz"));
        const auto bytes = read_file(file);
        INFO(file.filename().string());
        const auto reader = reader_for(file);
        const Tally tally = compare(*reader, bytes, bytes.size(), rows);
        std::printf("%-40s %6zu reports, %6zu expected, %zu mismatches, %zu malformed for both\n",
                    file.filename().c_str(), tally.reports, rows.size(), tally.mismatches,
                    tally.malformed);
        CHECK(tally.reports == rows.size());
        CHECK(tally.mismatches == 0);
        CHECK(tally.refused == 0);
        CHECK(tally.damaged == 0);
        CHECK(tally.malformed == (file.stem() == "android_scan_microsoft_h2o" ? 2 : 0));
    }
}

TEST_CASE("recorded captures: cutting the file changes nothing", "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    for (const auto* name : {"linux_monitor_extended.btsnoop", "android_extended_fitbit.btsnoop",
                             "android_treadmill_office_legacy.btsnoop", "dp3t_exp27_08.pklg"}) {
        const auto rows = read_csv(read_gz((*folder / name).string() + ".expected.csv.gz"));
        const auto bytes = read_file(*folder / name);
        for (const std::size_t chunk : {1U, 13U, 4096U}) {
            const auto reader = reader_for(name);
            const Tally tally = compare(*reader, bytes, chunk, rows);
            CHECK(tally.reports == rows.size());
            CHECK(tally.mismatches == 0);
        }
    }
}

TEST_CASE("recorded captures: played as an H4 stream they give one sighting per report",
          "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    for (const auto& file : captures(*folder)) {
        const auto rows = read_csv(read_gz(file.string() + ".expected.csv.gz"));
        const auto bytes = read_file(file);
        const auto tap = drivers::make_h4_tap();
        std::size_t seen = 0;
        std::size_t rotating = 0;
        std::size_t garbled = 0;
        const drivers::Tell tell = [&](const Reading& reading) {
            const auto* token = std::get_if<TokenSeen>(&reading);
            if (token == nullptr) {
                ++garbled;
                return;
            }
            ++seen;
            if (token->rotating) ++rotating;
        };
        const auto reader = reader_for(file);
        const TakePacket take = [&](const CapturedPacket& packet) {
            const std::byte type{static_cast<std::uint8_t>(packet.type)};
            tap->feed(Bytes{&type, 1}, tell);
            tap->feed(packet.packet, tell);
        };
        reader->feed(bytes, take, [](const Problem&) {});
        tap->finish(tell);
        INFO(file.filename().string());
        CHECK(seen == rows.size());
        CHECK(garbled == (file.stem() == "android_scan_microsoft_h2o" ? 2 : 0));
        std::size_t expected_rotating = 0;
        std::size_t beacons_from_rotating = 0;
        for (const auto& row : rows) {
            const auto address = row.at("bthci_evt.bd_addr");
            const bool random = row.at("bthci_evt.le_peer_address_type") == "0x01";
            const bool lasting = std::stoul(address.substr(0, 1), nullptr, 16) >= 0xc;
            const bool ibeacon = row.at("btcommon.eir_ad.entry.company_id") == "0x004c"
                                 && row.at("btcommon.eir_ad.entry.data").starts_with("0215");
            if (random && !lasting && !ibeacon) ++expected_rotating;
            if (random && !lasting && ibeacon) ++beacons_from_rotating;
        }
        CHECK(rotating == expected_rotating);
        std::printf("%-40s %6zu sightings, %6zu of rotating addresses, %zu beacons from such\n",
                    file.filename().c_str(), seen, rotating, beacons_from_rotating);
    }
}

TEST_CASE("recorded captures: sensors that answer like beacons are nobody's identity",
          "[drivers][ble][shared]")
{
    // Govee thermometers answer active scans with iBeacon data whose UUID spells INTELLI_ROCKS_HW,
    // and whose major and minor change with what they measure.
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    std::size_t answers = 0;
    std::size_t event_type = 0;
    AdvertisementReader advertisements;
    const auto refuse = [](const Garbled&) {};
    const auto hear = [&](const Advertisement& heard) {
        const auto seen = sighting(heard, refuse);
        REQUIRE(seen);
        CHECK_FALSE(seen->token.starts_with("ibeacon:494e5445"));
        const std::string data = to_hex(heard.data);
        if (data.find("4c000215494e54454c4c495f524f434b535f4857") == std::string::npos) return;
        CHECK(seen->token == "ble:" + text(heard.address));
        ++answers;
        event_type = heard.event_type;
    };
    Btsnoop reader;
    reader.feed(
        read_file(*folder / "android_treadmill_office_legacy.btsnoop"),
        [&](const CapturedPacket& packet) { advertisements.take(packet.packet, hear, refuse); },
        [](const Problem&) {});
    CHECK(answers > 0);
    CHECK(event_type == 4);  // scan responses: passive scanning never gets them
}
