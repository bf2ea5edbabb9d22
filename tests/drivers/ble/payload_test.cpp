#include "drivers/ble/payload.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

Advertisement heard(const Octets& data, std::optional<int> rssi = -67,
                    AddressType type = AddressType::random)
{
    Advertisement out;
    out.address = {byte_of(0xe6), byte_of(0x45), byte_of(0),
                   byte_of(0x1b), byte_of(0x2c), byte_of(0x3d)};
    out.address_type = type;
    out.rssi_dbm = rssi;
    out.data = data;
    return out;
}

Lines told_of(const Advertisement& advertisement)
{
    Lines lines;
    const auto seen =
        sighting(advertisement, [&](const Garbled& garbled) { lines.push_back(line(garbled)); });
    if (seen) lines.push_back(line(*seen));
    return lines;
}

Lines told_of(std::string_view data)
{
    return told_of(heard(hex(data)));
}

const std::string by_address = "seen ble:e6:45:00:1b:2c:3d -67";
const std::string twenty = "2f234454cf6d4a0fadf2f4911ba9ffa600010002";

}  // namespace

TEST_CASE("payload: beacons become tokens, with or without flags before them", "[drivers][ble]")
{
    const std::string ibeacon = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/65535 -67";
    CHECK(told_of("1aff4c000215f7826da64fa24e988024bc5b71e0893e0001ffffc5") == Lines{ibeacon});
    CHECK(told_of("0201061aff4c000215F7826DA64FA24E988024BC5B71E0893E0001FFFFc5")
          == Lines{ibeacon});

    const std::string eddystone = "seen eddystone-uid:123456789012346789010000000000ab -67";
    CHECK(told_of("0303aafe 1716aafe00e3 12345678901234678901 0000000000ab 0000")
          == Lines{eddystone});
    CHECK(told_of("0303aafe 1516aafe00e3 12345678901234678901 0000000000ab") == Lines{eddystone});

    CHECK(told_of("1bff1801beac" + twenty + "c509") == Lines{"seen altbeacon:" + twenty + " -67"});
    CHECK(told_of("1affffffbeac" + twenty + "c5") == Lines{"seen altbeacon:" + twenty + " -67"});
}

TEST_CASE("payload: what only looks like a beacon is none", "[drivers][ble]")
{
    SECTION("iBeacon-shaped data of another company")
    {
        CHECK(told_of("1aff4d000215f7826da64fa24e988024bc5b71e0893e0001ffffc5")
              == Lines{by_address});
    }
    SECTION("Apple's other messages, and iBeacon data in the wrong kind of structure")
    {
        CHECK(told_of("0201060aff4c0010050a1c77f95b") == Lines{by_address});
        CHECK(told_of("1a164c000215f7826da64fa24e988024bc5b71e0893e0001ffffc5")
              == Lines{by_address});
    }
    SECTION("a thermometer's values in the shape of an iBeacon")
    {
        CHECK(told_of("1aff4c000215494e54454c4c495f524f434b535f4857 5075 0123 c5")
              == Lines{by_address});
    }
    SECTION("one byte too many or too few")
    {
        CHECK(told_of("19ff4c000215f7826da64fa24e988024bc5b71e0893e0001ffff")
              == Lines{"garbled 24: iBeacon of the wrong length", by_address});
        CHECK(told_of("1bff4c000215f7826da64fa24e988024bc5b71e0893e0001ffffc500")
              == Lines{"garbled 26: iBeacon of the wrong length", by_address});
        CHECK(told_of("19ff1801beac" + twenty)
              == Lines{"garbled 24: AltBeacon of the wrong length", by_address});
        CHECK(told_of("1616aafe00e3123456789012346789010000000000ab00")
              == Lines{"garbled 21: Eddystone UID of the wrong length", by_address});
    }
}

TEST_CASE("payload: damage after a beacon is told, and the beacon still counts", "[drivers][ble]")
{
    const std::string ibeacon = "1aff4c000215f7826da64fa24e988024bc5b71e0893e00010007c5";
    const std::string seen = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -67";
    const std::string damage = ": AD structure longer than its advertisement";
    CHECK(told_of(ibeacon + "0509ab") == Lines{"garbled 3" + damage, seen});
    CHECK(told_of("0509ab") == Lines{"garbled 3" + damage, by_address});
    CHECK(told_of("02") == Lines{"garbled 1" + damage, by_address});

    Advertisement incomplete = heard(hex(ibeacon + "0509ab"));
    incomplete.truncated = true;
    CHECK(told_of(incomplete) == Lines{seen});
}

TEST_CASE("payload: a zero length ends the structures", "[drivers][ble]")
{
    CHECK(told_of("02010600001aff4c000215f7826da64fa24e988024bc5b71e0893e00010007c5")
          == Lines{by_address});
    CHECK(told_of("") == Lines{by_address});
}

TEST_CASE("payload: the first beacon of an advertisement is its token", "[drivers][ble]")
{
    CHECK(told_of("1bff1801beac" + twenty
                  + "c509 1aff4c000215f7826da64fa24e988024bc5b71e0893e00010007c5")
          == Lines{"seen altbeacon:" + twenty + " -67"});
}

TEST_CASE("payload: an address that changes by itself is marked, a beacon in it is not",
          "[drivers][ble]")
{
    Advertisement phone = heard(hex("020106"));
    phone.address[0] = byte_of(0x66);
    CHECK(told_of(phone) == Lines{"seen ble:66:45:00:1b:2c:3d -67 rotating"});
    phone.data = an_ibeacon;
    CHECK(told_of(phone) == Lines{"seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -67"});
}

TEST_CASE("payload: an anonymous sender is a beacon or nothing", "[drivers][ble]")
{
    CHECK(told_of(heard(hex("020106"), -67, AddressType::anonymous))
          == Lines{"garbled 3: anonymous and no beacon"});
    CHECK(told_of(heard(an_ibeacon, -67, AddressType::anonymous))
          == Lines{"seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -67"});
}

TEST_CASE("payload: a strength that no radio measures is no strength", "[drivers][ble]")
{
    CHECK(told_of(heard({}, std::nullopt)) == Lines{"seen ble:e6:45:00:1b:2c:3d ?"});
    CHECK(told_of(heard({}, 21)) == Lines{"seen ble:e6:45:00:1b:2c:3d ?"});
    CHECK(told_of(heard({}, 20)) == Lines{"seen ble:e6:45:00:1b:2c:3d 20"});
}

TEST_CASE("payload: with any byte damaged or missing nothing breaks", "[drivers][ble]")
{
    const Octets whole = joined(
        {an_ibeacon, hex("0303aafe"), hex("1716aafe00e3123456789012346789010000000000ab0000")});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            Octets damaged = whole;
            damaged[at] = byte_of(value);
            CHECK(told_of(heard(damaged)).size() <= 4);
        }
        CHECK_FALSE(
            told_of(heard(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at))))
                .empty());
    }
}
