#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/listener.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/pcap.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

/// Every recorded capture with single bytes damaged: a sample of places, or with RAITEN_SWEEP=1 in
/// the environment every byte (minutes, from an optimised build). What lies before the damage
/// cannot depend on it, and what lies far behind is the same as elsewhere: so a window of the file
/// around the damaged byte is read, with the file's own header before it.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

constexpr std::size_t sampled_places = 250;
constexpr std::size_t records_before = 1;
constexpr std::size_t records_behind = 6;

std::unique_ptr<CaptureReader> reader_for(const std::filesystem::path& file)
{
    if (file.extension() == ".pklg") return std::make_unique<PacketLogger>();
    if (file.extension() == ".btsnoop") return std::make_unique<Btsnoop>();
    return std::make_unique<Pcap>();
}

/// Where the packets of the capture begin.
std::vector<std::size_t> offsets_in(const std::filesystem::path& file, Bytes bytes)
{
    std::vector<std::size_t> out;
    const auto reader = reader_for(file);
    const TakePacket take = [&](const CapturedPacket& packet) { out.push_back(packet.offset); };
    reader->feed(bytes, take, [](const Problem&) {});
    reader->finish(take, [](const Problem&) {});
    return out;
}

/// How many packets were read; each is listened to.
std::size_t packets_in(const std::filesystem::path& file, Bytes bytes)
{
    std::size_t packets = 0;
    const auto reader = reader_for(file);
    Listener listener;
    const drivers::Tell tell = [](const Reading&) {};
    const TakePacket take = [&](const CapturedPacket& packet) {
        ++packets;
        listener.take(packet.packet, tell);
    };
    reader->feed(bytes, take, [](const Problem&) {});
    reader->finish(take, [](const Problem&) {});
    listener.finish(tell);
    return packets;
}

}  // namespace

TEST_CASE("recorded captures: any single damaged byte is survived", "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    const bool every = std::getenv("RAITEN_SWEEP") != nullptr;
    const unsigned seed = 20261122;
    std::printf("damage: seed %u, %s\n", seed, every ? "every byte" : "a sample of bytes");
    std::mt19937 dice{seed};
    std::size_t captures = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        const auto& path = entry.path();
        if (path.extension() == ".gz") continue;
        ++captures;
        INFO(path.filename().string());
        const auto bytes = read_file(path);
        const auto offsets = offsets_in(path, bytes);
        REQUIRE(offsets.size() >= 4);
        const std::size_t header = offsets.front();

        std::size_t places = 0;
        std::size_t lost_max = 0;
        const auto damage = [&](std::size_t place) {
            // The record that the place lies in, or the first; then the window around it.
            const auto behind = std::upper_bound(offsets.begin(), offsets.end(), place);
            const auto record =
                static_cast<std::size_t>(std::max<std::ptrdiff_t>(behind - offsets.begin() - 1, 0));
            const std::size_t first = record > records_before ? record - records_before : 0;
            const std::size_t last = std::min(record + records_behind, offsets.size());
            const std::size_t from = offsets[first];
            const std::size_t to = last < offsets.size() ? offsets[last] : bytes.size();
            std::vector<std::byte> window(bytes.begin(),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(header));
            window.insert(window.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from),
                          bytes.begin() + static_cast<std::ptrdiff_t>(to));
            const std::size_t in_window = place < header ? place : header + place - from;
            const unsigned flip = 1 + static_cast<unsigned>(dice() % 255);
            window[in_window] ^= static_cast<std::byte>(flip);
            const std::size_t left = packets_in(path, window);
            ++places;
            // The first record of a .pklg tells its byte order, headers what all the rest means.
            const bool decisive = place < header || (path.extension() == ".pklg" && first == 0);
            const std::size_t whole = last - first;
            if (!decisive && left < whole) lost_max = std::max(lost_max, whole - left);
        };
        if (every)
            for (std::size_t place = 0; place < bytes.size(); ++place) damage(place);
        else
            for (std::size_t i = 0; i < sampled_places; ++i) damage(dice() % bytes.size());
        std::printf("%-62s %8zu bytes damaged in turn, at most %zu packets lost by one\n",
                    path.filename().c_str(), places, lost_max);
        CHECK(lost_max <= 2);
    }
    CHECK(captures >= 11);
}
