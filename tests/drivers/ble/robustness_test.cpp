#include "drivers/ble/listener.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

#include <malloc.h>

#include <random>

#if defined(__SANITIZE_ADDRESS__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC has no header for it
#endif

/// What a shop's air can do to a translator of packets: cut them anywhere, damage them, flood them.
namespace {

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

std::size_t live_bytes()
{
#if defined(__SANITIZE_ADDRESS__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

Octets random_address(std::mt19937& dice)
{
    Octets out(6);
    for (std::byte& b : out) b = byte_of(dice());
    return out;
}

/// Events of every kind that the driver knows, and some that it does not.
Octets a_stream(std::mt19937& dice, int events)
{
    const std::vector<Octets> payloads{
        {},
        an_ibeacon,
        hex("0303aafe 1716aafe00e3 12345678901234678901 0000000000ab 0000"),
        hex("1116aafe20000bb815000000004500000258 0d16aafe30e34549445f74657374"),
        hex("1bff1801beac2f234454cf6d4a0fadf2f4911ba9ffa600010002c509"),
        hex("02011a03036ffd17166ffde23f352fa09307a85d4194912443180d484dc151"),
        hex("0509ab"),
        hex("0e16aafe10e30373636170790a0000")};
    Octets out;
    for (int i = 0; i < events; ++i) {
        const std::string address = to_hex(random_address(dice));
        const Octets& data = payloads[dice() % payloads.size()];
        const auto type = static_cast<unsigned>(dice() % 3);
        Octets event;
        switch (dice() % 6) {
            case 0:
                event = h4_event(le_event(0x0d, {extended_report(address, type, data, -60)}));
                break;
            case 1:  // the beginning of a longer one
                event = h4_event(le_event(0x0d, {extended_report(address, type, data, -60, 0x20)}));
                break;
            case 2:
                event = hex("04 0e 04 01 030c 00");
                break;
            case 3:
                event = hex("02 0102 0400 aabbccdd");
                break;
            default:
                event = h4_event(le_event(2, {legacy_report(address, type, data, -60),
                                              legacy_report(address, type, an_ibeacon, -61)}));
        }
        out = joined({out, event});
    }
    return out;
}

}  // namespace

TEST_CASE("h4 tap: what is told does not depend on how the bytes are cut", "[drivers][ble]")
{
    const unsigned seed = 20261122;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    Octets stream = a_stream(dice, 60);
    for (const bool damaged : {false, true}) {
        if (damaged)
            for (int i = 0; i < 20; ++i)
                stream[dice() % stream.size()] ^= byte_of(1 + dice() % 255);
        const Lines whole = told(*drivers::make_h4_tap(), stream, stream.size());
        CHECK(whole.size() > 40);
        for (std::size_t chunk = 1; chunk < 300; ++chunk)
            CHECK(told(*drivers::make_h4_tap(), stream, chunk) == whole);
    }
}

TEST_CASE("h4 tap: after any damaged byte the stream is found again", "[drivers][ble]")
{
    const unsigned seed = 20261123;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    const Octets stream = a_stream(dice, 8);
    // Long enough to be found again, whatever length the damage claims.
    Octets behind;
    for (int i = 0; i < 400; ++i)
        behind =
            joined({behind, h4_event(le_event(2, {legacy_report("c00102030405", 1, {}, -50)}))});
    for (std::size_t at = 0; at < stream.size(); ++at) {
        for (const unsigned flip : {0x40U, 0xffU}) {
            Octets damaged = joined({stream, behind});
            damaged[at] ^= byte_of(flip);
            const Lines lines = told(*drivers::make_h4_tap(), damaged, damaged.size());
            INFO("byte " << at << " xor " << flip);
            CHECK(std::count(lines.begin(), lines.end(), "seen ble:c0:01:02:03:04:05 -50") > 150);
        }
    }
}

TEST_CASE("listener: a crowd of random addresses costs no memory", "[drivers][ble]")
{
    const unsigned seed = 20261124;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    const auto tap = drivers::make_h4_tap();
    std::size_t told_of = 0;
    const drivers::Tell tell = [&](const Reading&) { ++told_of; };
    const auto crowd = [&](int people) {
        for (int i = 0; i < people; ++i) {
            const std::string address = to_hex(random_address(dice));
            // Every third begins an advertisement in pieces that never comes to its end.
            const Octets event =
                i % 3 == 0 ? le_event(0x0d, {extended_report(address, 1, Octets(200), -60, 0x20)})
                           : le_event(2, {legacy_report(address, 1, hex("02011a"), -60)});
            tap->feed(h4_event(event), tell);
        }
    };
    crowd(1'000);
    const std::size_t before = live_bytes();
    crowd(100'000);
    const std::size_t after = live_bytes();
    CHECK(told_of > 100'000 - AdvertisementReader::unfinished_max);
    CHECK(after < before + 32 * 1024);
    INFO("before " << before << ", after " << after);
}

TEST_CASE("listener: pieces that never end are bounded", "[drivers][ble]")
{
    AdvertisementReader reader;
    std::size_t heard = 0;
    for (unsigned i = 0; i < 20'000; ++i) {
        const Octets address{byte_of(0x40),     byte_of(0),       byte_of(i >> 24U),
                             byte_of(i >> 16U), byte_of(i >> 8U), byte_of(i)};
        reader.take(
            le_event(0x0d, {extended_report(to_hex(address), 1, Octets(100), -60, 0x20)}),
            [&](const Advertisement&) { ++heard; }, [](const Garbled&) {});
        if (reader.unfinished() > AdvertisementReader::unfinished_max) FAIL("grows");
    }
    CHECK(heard == 20'000 - AdvertisementReader::unfinished_max);
}
