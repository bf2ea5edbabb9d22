#include "drivers/ble/advertisement.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

constexpr unsigned whole = 0x0000;
constexpr unsigned more = 0x0020;
constexpr unsigned cut_short = 0x0040;

/// "e6:45:.. random 3 -67 <data>", with "truncated" behind it where it is.
std::string line_of(const Advertisement& heard)
{
    return text(heard.address) + " " + std::string{text(heard.address_type)} + " "
           + std::to_string(heard.event_type) + " "
           + (heard.rssi_dbm ? std::to_string(*heard.rssi_dbm) : "?") + " " + to_hex(heard.data)
           + (heard.truncated ? " truncated" : "");
}

struct Ear {
    AdvertisementReader reader;
    Lines lines;

    Ear& hear(const Octets& event)
    {
        reader.take(
            event, [&](const Advertisement& heard) { lines.push_back(line_of(heard)); },
            [&](const Garbled& garbled) { lines.push_back(line(garbled)); });
        return *this;
    }
    Ear& end()
    {
        reader.finish([&](const Advertisement& heard) { lines.push_back(line_of(heard)); });
        return *this;
    }
};

Octets piece(std::string_view address, unsigned status, const Octets& data, int rssi = -70,
             unsigned set = 1)
{
    return le_event(13, {extended_report(address, 1, data, rssi, status, set)});
}

}  // namespace

TEST_CASE("advertisement: several reports share a legacy event, one after the other",
          "[drivers][ble]")
{
    const Octets event = le_event(2, {legacy_report("e645001b2c3d", 1, hex("020106"), -67, 3),
                                      legacy_report("a4c138bf6fab", 0, {}, 127, 4),
                                      legacy_report("6a6bc9a23e43", 2, hex("0409414243"), -99)});
    CHECK(Ear{}.hear(event).lines
          == Lines{"e6:45:00:1b:2c:3d random 3 -67 020106", "a4:c1:38:bf:6f:ab public 4 ? ",
                   "6a:6b:c9:a2:3e:43 public_identity 0 -99 0409414243"});
}

TEST_CASE("advertisement: several reports share an extended event", "[drivers][ble]")
{
    const Octets event =
        le_event(13, {extended_report("e645001b2c3d", 3, hex("020106"), -67, 0x2613),
                      extended_report("000000000000", 0xff, hex("0409414243"), 127, 0)});
    CHECK(Ear{}.hear(event).lines
          == Lines{"e6:45:00:1b:2c:3d random_identity 9747 -67 020106",
                   "00:00:00:00:00:00 anonymous 0 ? 0409414243"});
}

TEST_CASE("advertisement: pieces are joined per advertiser and set", "[drivers][ble]")
{
    Ear ear;
    ear.hear(piece("e645001b2c3d", more, hex("0102")))
        .hear(piece("e645001b2c3d", more, hex("aaaa"), -70, 2))
        .hear(piece("c00000000001", more, hex("bbbb")))
        .hear(piece("e645001b2c3d", more, hex("0304")))
        .hear(piece("c00000000001", whole, hex("cccc"), 127))
        .hear(piece("e645001b2c3d", whole, hex("0506"), -60))
        .hear(piece("e645001b2c3d", cut_short, hex("dddd"), -61, 2));
    CHECK(ear.lines
          == Lines{"c0:00:00:00:00:01 random 0 -70 bbbbcccc",
                   "e6:45:00:1b:2c:3d random 0 -60 010203040506",
                   "e6:45:00:1b:2c:3d random 64 -61 aaaadddd truncated"});
    CHECK(ear.reader.unfinished() == 0);
}

TEST_CASE("advertisement: what never becomes whole is told as truncated", "[drivers][ble]")
{
    SECTION("at the end")
    {
        CHECK(Ear{}.hear(piece("e645001b2c3d", more, hex("0102"))).end().lines
              == Lines{"e6:45:00:1b:2c:3d random 32 -70 0102 truncated"});
    }
    SECTION("after many other reports")
    {
        Ear ear;
        ear.hear(piece("e645001b2c3d", more, hex("0102")));
        for (std::uint64_t i = 0; i < AdvertisementReader::patience_reports; ++i)
            ear.hear(piece("c00000000001", whole, {}));
        CHECK(ear.lines.size() == AdvertisementReader::patience_reports);
        ear.hear(piece("c00000000001", whole, {}));
        CHECK(ear.lines.back() == "e6:45:00:1b:2c:3d random 32 -70 0102 truncated");
    }
    SECTION("longer than an advertisement can be")
    {
        Ear ear;
        const Octets part(229, std::byte{0x11});
        for (int i = 0; i < 8; ++i) ear.hear(piece("e645001b2c3d", more, part));
        REQUIRE(ear.lines.size() == 1);
        CHECK(ear.lines[0].find(" truncated") != std::string::npos);
        CHECK(ear.reader.unfinished() == 0);
    }
}

TEST_CASE("advertisement: a crowd of unfinished ones keeps the table at its size", "[drivers][ble]")
{
    Ear ear;
    for (unsigned i = 0; i < 5000; ++i) {
        const Octets address{byte_of(0x40), byte_of(0),       byte_of(0),
                             byte_of(0),    byte_of(i >> 8U), byte_of(i)};
        ear.hear(piece(to_hex(address), more, hex("0102")));
        CHECK(ear.reader.unfinished() <= AdvertisementReader::unfinished_max);
    }
    CHECK(ear.lines.size() == 5000 - AdvertisementReader::unfinished_max);
    CHECK(ear.lines.front() == "40:00:00:00:00:00 random 32 -70 0102 truncated");
}

TEST_CASE("advertisement: an event that contradicts itself is refused, its good reports stand",
          "[drivers][ble]")
{
    const Octets good = legacy_report("e645001b2c3d", 1, hex("020106"), -67);
    const std::string good_line = "e6:45:00:1b:2c:3d random 0 -67 020106";
    Octets too_many = le_event(2, {good});
    too_many[3] = byte_of(2);
    CHECK(Ear{}.hear(too_many).lines
          == Lines{good_line, "garbled 0: advertising report longer than its event"});

    Octets too_few = le_event(2, {good, good});
    too_few[3] = byte_of(1);
    CHECK(Ear{}.hear(too_few).lines
          == Lines{good_line, "garbled 13: bytes behind the last advertising report"});

    CHECK(Ear{}.hear(le_event(2, {})).lines
          == Lines{"garbled 4: impossible number of advertising reports"});
    CHECK(Ear{}.hear(hex("3e 05 02 01 00 00")).lines
          == Lines{"garbled 6: event length disagrees with its packet"});
    CHECK(Ear{}.hear(le_event(2, {legacy_report("e645001b2c3d", 7, {}, -67), good})).lines
          == Lines{"garbled 10: unknown address type", good_line});
}

TEST_CASE("advertisement: other events say nothing", "[drivers][ble]")
{
    for (const auto* event : {"", "3e", "3e 00", "3e 01 01", "0e 04 01 03 0c 00", "ff 02 02 01"})
        CHECK(Ear{}.hear(hex(event)).lines.empty());
}

TEST_CASE("advertisement: random addresses rotate unless they are static", "[drivers][ble]")
{
    const auto rotating = [](unsigned first, AddressType type) {
        Advertisement heard;
        heard.address[0] = byte_of(first);
        heard.address_type = type;
        return rotates(heard);
    };
    CHECK(rotating(0x7a, AddressType::random));        // resolvable
    CHECK(rotating(0x1a, AddressType::random));        // non-resolvable
    CHECK_FALSE(rotating(0xc0, AddressType::random));  // static
    CHECK_FALSE(rotating(0x7a, AddressType::public_));
    CHECK_FALSE(rotating(0x7a, AddressType::public_identity));
    CHECK_FALSE(rotating(0xc0, AddressType::random_identity));
}
