// Bluetooth advertisements, from memory to sightings on one core, beside what is required; and
// beside copying the same bytes.
#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/eid.hpp"
#include "drivers/ble/listener.hpp"
#include "drivers/ble/pcap.hpp"
#include "tests/bench/bench.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::test;

namespace {

constexpr unsigned seed = 20261122;
constexpr std::size_t reports = 200'000;
constexpr int rounds = 7;
constexpr double required_millions_a_second = 2;

/// A shop's air: mostly phones with addresses that change, some beacons, some sensors.
Octets report(std::mt19937& dice)
{
    const auto number = [&](unsigned below) { return static_cast<unsigned>(dice() % below); };
    Octets address(6);
    for (std::byte& b : address) b = byte_of(dice());
    const int rssi = -40 - static_cast<int>(number(60));
    const unsigned kind = number(100);
    Octets data;
    if (kind < 50) {
        data = joined({hex("02011a 0aff4c001005"), Octets(5, byte_of(dice()))});
    } else if (kind < 65) {
        data = joined({hex("1eff060001092002"), Octets(23, byte_of(dice()))});
    } else if (kind < 75) {
        data = joined({hex("02011a 03036ffd 17166ffd"), Octets(20, byte_of(dice()))});
    } else if (kind < 87) {
        data = an_ibeacon;
        data[data.size() - 2] = byte_of(dice());
    } else if (kind < 92) {
        data = hex("0303aafe 1716aafe00e3 12345678901234678901 0000000000ab 0000");
    } else if (kind < 95) {
        data = hex("0303aafe 1116aafe2000 0bb81500 00000045 00000258");
    } else {
        data = hex("020106 0303d8fe 0b094d657465722d31323334 0616d2fc401c00");
    }
    const bool extended = number(4) == 0;
    const unsigned type = kind < 75 ? 1 : number(2);
    const std::string mac = to_hex(address);
    if (extended) return h4_event(le_event(0x0d, {extended_report(mac, type, data, rssi)}));
    return h4_event(le_event(2, {legacy_report(mac, type, data, rssi)}));
}

std::size_t told{};
const drivers::Tell count_sightings = [](const Reading& reading) {
    if (std::holds_alternative<TokenSeen>(reading)) ++told;
};

/// All sightings of all rounds must have been told, or the figure is worth nothing.
void require_all(const char* name)
{
    if (told == rounds * reports) return;
    std::fprintf(stderr, "%s: %zu of %zu sightings\n", name, told, rounds * reports);
    std::exit(1);
}

void print_required(const char* name, double millions)
{
    bench::print(name, millions, "M/s", {"required", required_millions_a_second}, 1.0);
}

void listen(const char* name, const Octets& stream, std::size_t chunk,
            const std::vector<std::string>& allow)
{
    told = 0;
    const auto tap = drivers::make_h4_tap(allow);
    const auto work = [&] {
        for (std::span<const std::byte> left = stream; !left.empty();) {
            const std::size_t size = std::min(chunk, left.size());
            tap->feed(left.first(size), count_sightings);
            left = left.subspan(size);
        }
    };
    const double millions = bench::best_millions_a_second(reports, work, rounds);
    require_all(name);
    print_required(name, millions);
}

template <class Reader>
void read_capture(const char* name, const Octets& file)
{
    told = 0;
    const auto work = [&] {
        Reader reader;
        drivers::ble::Listener listener;
        const drivers::ble::TakePacket take = [&](const drivers::ble::CapturedPacket& packet) {
            listener.take(packet.packet, count_sightings);
        };
        reader.feed(file, take, [](const Problem&) {});
    };
    const double millions = bench::best_millions_a_second(reports, work, rounds);
    require_all(name);
    print_required(name, millions);
}

void put(Octets& to, std::uint64_t number, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(byte_of(number >> shift));
}

void resolve_identities()
{
    std::vector<drivers::ble::EnrolledTag> tags(drivers::ble::enrolled_tags_max);
    constexpr Instant noon{std::chrono::seconds{1'795'000'000}};
    for (std::size_t i = 0; i < tags.size(); ++i) {
        Octets name;
        put(name, i, 8);
        tags[i].name = to_hex(name);
        tags[i].identity_key[0] = byte_of(i);
        tags[i].identity_key[1] = byte_of(i >> 8U);
        tags[i].rotation_exponent = 10;
        tags[i].counted_at = noon;
    }
    auto known = drivers::ble::EidResolver::make(std::move(tags));
    if (!known) return;
    const double seconds = bench::best_seconds([&] { known->resolve({}, noon); }, 1);
    const auto at_once = static_cast<double>(known->computed()) / seconds / 1e6;
    std::fprintf(stderr, "EIDs computed for a table of 10,000 tags: %.2f M/s\n", at_once);
    const auto work = [&] {
        drivers::ble::Eid eid{};
        for (std::size_t i = 0; i < reports; ++i) {
            eid[0] = byte_of(i);
            eid[1] = byte_of(i >> 8U);
            bench::keep(known->resolve(eid, noon));
        }
    };
    print_required("unknown EIDs among 10,000 tags",
                   bench::best_millions_a_second(reports, work, rounds));
}

}  // namespace

int main()
{
    std::mt19937 dice{seed};
    Octets stream;
    Octets btsnoop = hex("6274736e6f6f7000 00000001 000003ea");
    Octets pcap = hex("a1b2c3d4 0002 0004 00000000 00000000 0000ffff 000000bb");
    for (std::size_t i = 0; i < reports; ++i) {
        const Octets one = report(dice);
        stream.insert(stream.end(), one.begin(), one.end());
        put(btsnoop, one.size(), 4);
        put(btsnoop, one.size(), 4);
        put(btsnoop, 3, 8);
        put(btsnoop, 0x00dcddb30f2f8000 + 1'795'000'000'000'000 + i * 100, 8);
        btsnoop.insert(btsnoop.end(), one.begin(), one.end());
        put(pcap, 1'795'000'000 + i / 10'000, 4);
        put(pcap, i % 10'000 * 100, 4);
        put(pcap, one.size(), 4);
        put(pcap, one.size(), 4);
        pcap.insert(pcap.end(), one.begin(), one.end());
    }

    listen("H4 to sightings, in one piece", stream, stream.size(), {});
    listen("H4 to sightings, in reads of 4,096 bytes", stream, 4096, {});
    listen("H4 to sightings, in reads of 64 bytes", stream, 64, {});
    std::vector<std::string> allow;
    for (unsigned i = 0; i < 1000; ++i)
        allow.push_back("ibeacon:" + to_hex(Octets{byte_of(i >> 8U), byte_of(i)}));
    allow.emplace_back("ibeacon:f7826da6");
    listen("H4 to sightings, 1,001 beginnings allowed", stream, 4096, allow);
    read_capture<drivers::ble::Btsnoop>("btsnoop to sightings", btsnoop);
    read_capture<drivers::ble::Pcap>("pcap to sightings", pcap);
    resolve_identities();

    told = 0;
    const auto tap = drivers::make_h4_tap();
    const auto bytes = static_cast<double>(stream.size());
    const double decoded = bench::best_millions_a_second(
        bytes, [&] { tap->feed(stream, count_sightings); }, rounds);
    Octets copy(stream.size());
    const double copied = bench::best_millions_a_second(
        bytes,
        [&] {
            std::memcpy(copy.data(), stream.data(), stream.size());
            bench::keep(copy);
        },
        rounds);
    bench::print("H4 to sightings, bytes", decoded, "MB/s", {"memcpy", copied});
    return 0;
}
