#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

enum class Kind { h1, h4, monitor, pklg };

constexpr std::uint64_t second_zero = 1'700'000'000;  // 2023-11-14T22:13:20Z

void put(Octets& to, std::uint64_t number, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(byte_of(number >> shift));
}

Octets file_header(Kind kind)
{
    if (kind == Kind::pklg) return {};
    Octets out = hex("6274736e6f6f7000 00000001");
    put(out, kind == Kind::h1 ? 1001 : kind == Kind::h4 ? 1002 : 2001, 4);
    return out;
}

/// A record of an event (or a command) at so many milliseconds after second zero.
Octets record(Kind kind, const Octets& packet, std::uint64_t millis, bool event = true)
{
    Octets out;
    if (kind == Kind::pklg) {
        put(out, packet.size() + 9, 4);
        put(out, second_zero + millis / 1000, 4);
        put(out, millis % 1000 * 1000 + 999, 4);
        put(out, event ? 1 : 0, 1);
        return joined({out, packet});
    }
    const std::size_t size = packet.size() + (kind == Kind::h4 ? 1 : 0);
    put(out, size, 4);
    put(out, size, 4);
    put(out, kind == Kind::monitor ? (event ? 3 : 2) : (event ? 3 : 2), 4);
    put(out, 0, 4);
    put(out, 0x00dcddb30f2f8000 + (second_zero * 1000 + millis) * 1000 + 999, 8);
    if (kind == Kind::h4) put(out, event ? 4 : 1, 1);
    return joined({out, packet});
}

const Octets a_command = hex("0c20020100");

Octets event_number(unsigned number)
{
    const Octets address{byte_of(0xc0),         byte_of(0),     byte_of(0), byte_of(0),
                         byte_of(number >> 8U), byte_of(number)};
    return le_event(2, {legacy_report(to_hex(address), 1, an_ibeacon, -67)});
}

std::unique_ptr<CaptureReader> reader(Kind kind)
{
    if (kind == Kind::pklg) return std::make_unique<PacketLogger>();
    return std::make_unique<Btsnoop>();
}

/// "+120 event <hex>" with milliseconds after second zero, and "damage byte 40: why".
Lines read(Kind kind, std::span<const std::byte> bytes, std::size_t chunk)
{
    Lines lines;
    const auto captured = reader(kind);
    const TakePacket take = [&](const CapturedPacket& packet) {
        const auto millis =
            packet.at->time_since_epoch().count() - static_cast<std::int64_t>(second_zero) * 1000;
        lines.push_back("+" + std::to_string(millis)
                        + (packet.type == PacketType::event ? " event " : " other ")
                        + (packet.from_controller ? "in " : "out ") + to_hex(packet.packet));
    };
    const TellDamage damaged = [&](const Problem& problem) { lines.push_back(problem.text()); };
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(chunk, bytes.size())))
        captured->feed(bytes.first(std::min(chunk, bytes.size())), take, damaged);
    captured->finish(take, damaged);
    return lines;
}

struct Sample {
    Octets bytes;
    Lines lines;
    std::size_t header{};
};

Sample sample(Kind kind, unsigned events)
{
    Sample out;
    out.bytes = file_header(kind);
    out.header = out.bytes.size();
    for (unsigned i = 0; i < events; ++i) {
        const bool event = i % 4 != 3;
        const Octets packet = event ? event_number(i) : a_command;
        const Octets one = record(kind, packet, i * 120, event);
        out.bytes.insert(out.bytes.end(), one.begin(), one.end());
        out.lines.push_back("+" + std::to_string(i * 120) + (event ? " event in " : " other out ")
                            + to_hex(packet));
    }
    return out;
}

std::size_t found(const Lines& lines, const Lines& expected)
{
    std::size_t count = 0;
    for (const auto& line : expected)
        if (std::find(lines.begin(), lines.end(), line) != lines.end()) ++count;
    return count;
}

}  // namespace

TEST_CASE("capture: packets come out with their times, however the file is cut", "[drivers][ble]")
{
    for (const Kind kind : {Kind::h1, Kind::h4, Kind::monitor, Kind::pklg}) {
        const Sample file = sample(kind, 5);
        for (std::size_t chunk = 1; chunk <= file.bytes.size(); ++chunk)
            CHECK(read(kind, file.bytes, chunk) == file.lines);
    }
}

TEST_CASE("capture: after any damaged byte at most the damaged record is lost", "[drivers][ble]")
{
    for (const Kind kind : {Kind::h1, Kind::h4, Kind::monitor, Kind::pklg}) {
        const Sample file = sample(kind, 6);
        for (std::size_t at = file.header; at < file.bytes.size(); ++at) {
            // The first record of a .pklg also tells the byte order: without it nothing is sure.
            if (kind == Kind::pklg && at < 13) continue;
            for (const unsigned flip : {0x01U, 0x40U, 0x80U, 0xffU}) {
                Octets damaged = file.bytes;
                damaged[at] ^= byte_of(flip);
                const Lines lines = read(kind, damaged, damaged.size());
                INFO("kind " << static_cast<int>(kind) << " byte " << at << " xor " << flip);
                CHECK(found(lines, file.lines) >= file.lines.size() - 1);
                CHECK(lines == read(kind, damaged, 1 + at % 11));
            }
        }
    }
}

TEST_CASE("capture: what was skipped is told with its place", "[drivers][ble]")
{
    const Octets first = record(Kind::h4, event_number(1), 0);
    const Octets second = record(Kind::h4, event_number(2), 120);
    const Octets file = joined({file_header(Kind::h4), first, hex("ffffffffffff"), second});
    CHECK(read(Kind::h4, file, 7)
          == Lines{"+0 event in " + to_hex(event_number(1)),
                   "byte " + std::to_string(16 + first.size())
                       + ": record longer than any HCI packet; skipped 6 bytes",
                   "+120 event in " + to_hex(event_number(2))});

    const Octets half(second.begin(), second.begin() + 30);
    CHECK(read(Kind::h4, joined({file_header(Kind::h4), first, half}), 7)
          == Lines{"+0 event in " + to_hex(event_number(1)),
                   "byte " + std::to_string(16 + first.size())
                       + ": the file ends within a record; skipped 30 bytes"});
}

TEST_CASE("capture: a packet whose own length disagrees with its record is not handed over",
          "[drivers][ble]")
{
    for (const Kind kind : {Kind::h1, Kind::h4, Kind::monitor, Kind::pklg}) {
        Octets wrong = event_number(1);
        wrong[1] ^= byte_of(1);
        const Octets file = joined({file_header(kind), record(kind, event_number(0), 0),
                                    record(kind, wrong, 120), record(kind, event_number(2), 240)});
        const Lines lines = read(kind, file, 50);
        REQUIRE(lines.size() == 3);
        CHECK(lines[0] == "+0 event in " + to_hex(event_number(0)));
        CHECK(lines[1].find("record length disagrees with its packet") != std::string::npos);
        CHECK(lines[2] == "+240 event in " + to_hex(event_number(2)));
    }
}

TEST_CASE("capture: a file of another kind is refused at once", "[drivers][ble]")
{
    const Octets text(100000, std::byte{'x'});
    CHECK(read(Kind::h4, text, 1000) == Lines{"byte 0: not a btsnoop file"});
    CHECK(read(Kind::pklg, text, 1000) == Lines{"byte 0: not a PacketLogger file"});
    CHECK(read(Kind::h4, hex("6274736e6f6f7000 00000001 000003eb"), 16)
          == Lines{"byte 0: btsnoop of a datalink other than H1, H4 or monitor"});
}

TEST_CASE("capture: PacketLogger files of the other byte order are read", "[drivers][ble]")
{
    Octets file;
    Lines expected;
    for (unsigned i = 0; i < 3; ++i) {
        Octets one = record(Kind::pklg, event_number(i), i * 120);
        for (const std::ptrdiff_t at : {0, 4, 8})
            std::reverse(one.begin() + at, one.begin() + at + 4);
        file.insert(file.end(), one.begin(), one.end());
        expected.push_back("+" + std::to_string(i * 120) + " event in " + to_hex(event_number(i)));
    }
    CHECK(read(Kind::pklg, file, 5) == expected);
}

TEST_CASE("capture: random bytes behind a good header never break it", "[drivers][ble]")
{
    const unsigned seed = 20231114;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    for (const Kind kind : {Kind::h1, Kind::h4, Kind::monitor, Kind::pklg}) {
        Octets file = sample(kind, 1).bytes;
        for (int i = 0; i < 3000; ++i) file.push_back(byte_of(dice() & dice()));
        CHECK(read(kind, file, 100) == read(kind, file, 3));
    }
}
