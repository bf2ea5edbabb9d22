#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/ble/pcap.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>

#include <cstdio>

/// Captures of air sniffers against what tshark 4.0.17 made of them: one row per frame, damaged
/// ones included. tshark says that a checksum is wrong only where it gets that far: frames whose
/// lengths are damaged too have an empty column, and none of them may come out here either.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

using Row = std::map<std::string, std::string>;

struct Heard {
    Advertisement advertisement;
    std::int64_t millis;
};

struct Air {
    std::vector<Heard> heard;
    std::map<std::string, std::size_t> dropped;  ///< by reason
    std::size_t refused{};                       ///< reports or payloads
};

Air read(Bytes bytes, std::size_t chunk)
{
    Air out;
    Pcap reader;
    AdvertisementReader advertisements;
    const TakePacket take = [&](const CapturedPacket& packet) {
        advertisements.take(
            packet.packet,
            [&](const Advertisement& heard) {
                out.heard.push_back({heard, packet.at->time_since_epoch().count()});
            },
            [&](const Garbled&) { ++out.refused; });
    };
    const TellDamage damaged = [&](const Problem& problem) { ++out.dropped[problem.what]; };
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(chunk, bytes.size())))
        reader.feed(bytes.first(std::min(chunk, bytes.size())), take, damaged);
    reader.finish(take, damaged);
    return out;
}

std::vector<std::filesystem::path> captures(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().extension() == ".pcap" || entry.path().extension() == ".pcapng")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

bool advertisement(const Row& row)
{
    const unsigned type = static_cast<unsigned>(
        std::stoul("0" + row.at("btle.advertising_header.pdu_type").substr(1), nullptr, 16));
    return type != 3 && type != 5 && type <= 6;
}

std::string rssi_in(const Row& row)
{
    return row.at("nordic_ble.rssi").empty() ? row.at("btle_rf.signal_dbm")
                                             : row.at("nordic_ble.rssi");
}

std::string millis_in(const Row& row)
{
    const std::string& time = row.at("frame.time_epoch");
    const auto dot = time.find('.');
    return time.substr(0, dot) + time.substr(dot + 1, 3);
}

/// What the row says that ours must say too; empty where it does.
std::string difference(const Row& row, const Heard& ours)
{
    const Advertisement& heard = ours.advertisement;
    std::string names;
    std::string companies;
    std::string data;
    const auto add = [](std::string& to, const std::string& more) {
        to += (to.empty() ? "" : ";") + more;
    };
    const auto damage = split(heard.data, [&](const AdStructure& ad) {
        if (ad.type == 8 || ad.type == 9)
            add(names, {reinterpret_cast<const char*>(ad.data.data()), ad.data.size()});
        if (ad.type != 0xff || ad.data.size() < 2) return;
        const std::array company{ad.data[1], ad.data[0]};
        add(companies, "0x" + to_hex(company));
        add(data, to_hex(ad.data.subspan(2)));
    });
    if (damage) return "malformed: " + to_hex(heard.data);
    std::string out;
    const auto compare = [&](const char* what, const std::string& theirs, const std::string& mine) {
        if (theirs != mine) out += std::string{what} + " '" + mine + "', tshark '" + theirs + "'; ";
    };
    compare("address", row.at("btle.advertising_address"), text(heard.address));
    compare("random", row.at("btle.advertising_header.randomized_tx"),
            heard.address_type == AddressType::random ? "1" : "0");
    compare("rssi", rssi_in(row), heard.rssi_dbm ? std::to_string(*heard.rssi_dbm) : "");
    compare("time", millis_in(row), std::to_string(ours.millis));
    compare("company", row.at("btcommon.eir_ad.entry.company_id"), companies);
    compare("name", row.at("btcommon.eir_ad.entry.device_name"), names);
    return out;
}

}  // namespace

TEST_CASE(
    "recorded air: every sound advertisement is as tshark reads it, damaged frames are counted",
    "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    const auto files = captures(*folder);
    CHECK(files.size() >= 3);
    for (const auto& file : files) {
        INFO(file.filename().string());
        const auto rows = read_csv(read_gz(file.string() + ".expected.csv.gz"));
        const auto bytes = read_file(file);
        const Air air = read(bytes, bytes.size());
        CHECK(air.refused == 0);

        // Frames come in the order of their rows; which rows were dropped, their times tell.
        std::size_t next = 0;
        std::size_t wrong = 0;
        std::size_t differ = 0;
        std::size_t unexplained = 0;
        for (const Row& row : rows) {
            const bool is_next = advertisement(row) && next < air.heard.size()
                                 && millis_in(row) == std::to_string(air.heard[next].millis)
                                 && row.at("btle.advertising_address")
                                        == text(air.heard[next].advertisement.address);
            const bool known_wrong =
                row.at("btle.crc.incorrect") == "1" || row.at("nordic_ble.crcok") == "0";
            if (is_next && !known_wrong) {
                const std::string difference_found = difference(row, air.heard[next]);
                if (!difference_found.empty()) {
                    ++differ;
                    UNSCOPED_INFO("frame " << row.at("frame.number") << ": " << difference_found);
                }
                ++next;
            } else if (known_wrong || !advertisement(row)) {
                ++wrong;
            } else {
                ++unexplained;
            }
        }
        CHECK(differ == 0);
        CHECK(next == air.heard.size());
        std::size_t dropped = 0;
        for (const auto& [why, times] : air.dropped) {
            CHECK(why == "air frame with a wrong checksum");
            dropped += times;
        }
        CHECK(unexplained <= dropped);
        std::printf(
            "%-62s %5zu frames, %5zu heard, %4zu dropped by checksum, %zu told wrong by "
            "tshark or no advertisements, %zu it did not reach\n",
            file.filename().c_str(), rows.size(), next, dropped, wrong, unexplained);
    }
}
