#include "drivers/ble/h4.hpp"
#include "drivers/ble/listener.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using drivers::ble::H4;
using drivers::ble::PacketType;

namespace {

const Octets beacon_heard =
    h4_event(le_event(2, {legacy_report("e645001b2c3d", 1, an_ibeacon, -67, 3)}));
const Octets phone_heard =
    h4_event(le_event(13, {extended_report("6a6bc9a23e43", 1, hex("020106"), -80)}));
const Octets other_packets =
    hex("04 0e 04 01 03 0c 00"     // Command Complete
        "02 01 20 03 00 aa bb cc"  // ACL
        "03 01 00 02 aa bb"        // SCO
        "05 01 00 02 40 aa bb"     // ISO, two upper length bits unused
        "01 03 0c 00");            // a command
const std::string beacon_line = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -67";
const std::string phone_line = "seen ble:6a:6b:c9:a2:3e:43 -80 rotating";

Lines tap(const Octets& bytes, std::size_t chunk)
{
    const auto translator = drivers::make_h4_tap();
    return told(*translator, bytes, chunk);
}

/// Types and sizes of the packets, and what was refused.
Lines cut(H4& h4, std::span<const std::byte> bytes, std::size_t chunk)
{
    Lines lines;
    const H4::Take take = [&](PacketType type, std::span<const std::byte> packet) {
        lines.push_back(std::to_string(static_cast<int>(type)) + ":" + to_hex(packet));
    };
    const auto refuse = [&](const Garbled& garbled) { lines.push_back(line(garbled)); };
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(chunk, bytes.size())))
        h4.feed(bytes.first(std::min(chunk, bytes.size())), take, refuse);
    h4.finish(refuse);
    return lines;
}

}  // namespace

TEST_CASE("h4: packets of all kinds pass, and sightings come out, however the bytes are cut",
          "[drivers][ble]")
{
    const Octets stream = joined({other_packets, beacon_heard, other_packets, phone_heard});
    for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk)
        CHECK(tap(stream, chunk) == Lines{beacon_line, phone_line});
}

TEST_CASE("h4: after an unknown type byte a dump goes on at the next event", "[drivers][ble]")
{
    const Octets noise = hex("00 ff 04 3e 01 02 04 04 0e 01 99 04 3e ff 02 77");
    for (const Octets& event : {beacon_heard, hex("04 10 01 05"), hex("04 0f 04 00 01 41 20")}) {
        const Octets stream = joined({phone_heard, noise, event, phone_heard});
        Lines expected{phone_line, "garbled 16: unknown packet type"};
        if (event == beacon_heard) expected.push_back(beacon_line);
        expected.push_back(phone_line);
        for (const std::size_t chunk : {1U, 2U, 3U, 7U, 1000U})
            CHECK(tap(stream, chunk) == expected);
    }
}

TEST_CASE("h4: on a live link only the answer to Reset ends the hunt", "[drivers][ble]")
{
    for (const Octets& answer : {hex("04 0e 04 01 03 0c 00"), hex("04 0f 04 00 01 03 0c")}) {
        const Octets stream = joined({hex("ee"), beacon_heard, answer, hex("04 10 01 05")});
        for (const std::size_t chunk : {1U, 3U, 1000U}) {
            H4 h4{H4::Hunt::reset_answer};
            CHECK(cut(h4, stream, chunk)
                  == Lines{"garbled " + std::to_string(1 + beacon_heard.size())
                               + ": unknown packet type",
                           "4:" + to_hex(std::span{answer}.subspan(1)), "4:100105"});
        }
    }
}

TEST_CASE("h4: an answer to Reset is handed over as soon as it is whole", "[drivers][ble]")
{
    H4 h4{H4::Hunt::reset_answer};
    h4.lose("noise");
    int taken = 0;
    h4.feed(
        hex("04 0f 04 00 01 03 0c"), [&](PacketType, auto) { ++taken; }, [](const Garbled&) {});
    CHECK(taken == 1);
    CHECK_FALSE(h4.lost());
}

TEST_CASE("h4: a packet too long to be expected is not waited for", "[drivers][ble]")
{
    const Octets stream = joined({hex("02 01 20 00 ff"), beacon_heard});
    CHECK(tap(stream, 1)
          == Lines{"garbled 5: packet longer than any that is expected", beacon_line});
}

TEST_CASE("h4: endless noise is told in portions and keeps no memory", "[drivers][ble]")
{
    const Octets noise(3 * H4::skipped_bytes_max + 100, std::byte{0xee});
    H4 h4{H4::Hunt::any_event};
    CHECK(cut(h4, noise, 333)
          == Lines{"garbled 4096: unknown packet type", "garbled 4096: unknown packet type",
                   "garbled 4096: unknown packet type", "garbled 100: unknown packet type"});
}

TEST_CASE("h4: an end within a packet is told", "[drivers][ble]")
{
    const Octets half(beacon_heard.begin(), beacon_heard.begin() + 10);
    CHECK(tap(half, 4) == Lines{"garbled 10: the stream ended within a packet"});
}

TEST_CASE("h4: with any byte damaged nothing breaks, cuts do not matter, and the end is heard",
          "[drivers][ble]")
{
    Octets stream = joined({beacon_heard, phone_heard, other_packets, phone_heard});
    const std::size_t damage_bytes = stream.size();
    // Enough behind it that the longest swallowing length cannot reach the last sighting.
    for (int i = 0; i < 40; ++i)
        stream.insert(stream.end(), phone_heard.begin(), phone_heard.end());
    stream.insert(stream.end(), beacon_heard.begin(), beacon_heard.end());

    for (std::size_t at = 0; at < damage_bytes; ++at) {
        for (const unsigned flip : {0x01U, 0x80U, 0xffU, 0x04U}) {
            Octets damaged = stream;
            damaged[at] ^= static_cast<std::byte>(flip);
            const Lines whole = tap(damaged, damaged.size());
            INFO("byte " << at << " xor " << flip);
            CHECK(whole == tap(damaged, 1 + at % 7));
            REQUIRE_FALSE(whole.empty());
            CHECK(std::find(whole.begin(), whole.end(), beacon_line) != whole.end());
        }
    }
}
