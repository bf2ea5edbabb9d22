#include "tests/drivers/ble/air.hpp"

#include "drivers/ble/listener.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

Lines told_of(const Octets& pdu_and_crc, std::optional<int> rssi = -61,
              std::uint32_t address = advertising_access_address, bool cut_short = false)
{
    std::vector<std::byte> event;
    const AirFinding finding = report_of(AirFrame{address, pdu_and_crc, rssi, cut_short}, event);
    if (!finding.report)
        return finding.refused.empty() ? Lines{}
                                       : Lines{"refused: " + std::string{finding.refused}};
    Lines lines;
    Listener listener;
    const drivers::Tell tell = [&](const Reading& reading) { lines.push_back(line(reading)); };
    listener.take(event, tell);
    listener.finish(tell);
    return lines;
}

std::uint16_t event_type_of(const Octets& pdu_and_crc)
{
    std::vector<std::byte> event;
    CHECK(report_of(AirFrame{advertising_access_address, pdu_and_crc, -61, false}, event).report);
    std::uint16_t type = 0xffff;
    AdvertisementReader reader;
    reader.take(
        event, [&](const Advertisement& heard) { type = heard.event_type; }, [](const Garbled&) {});
    return type;
}

const std::string mac = "c00102030405";
const std::string by_address = "seen ble:c0:01:02:03:04:05 -61";
const std::string beacon = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -61";
const std::string wrong = "refused: air frame with a wrong checksum";

/// An extended header of these fields, mode and flags before them.
Octets extended(unsigned mode, unsigned flags, const Octets& fields, const Octets& data)
{
    return pdu(7,
               joined({{byte_of((fields.size() + 1) | mode << 6U), byte_of(flags)}, fields, data}));
}

}  // namespace

TEST_CASE("air: the checksum is the one of the specification", "[drivers][ble]")
{
    // Worked out bit by bit with the specification's shift register: bytes AF AE 0F on the air.
    CHECK(advertising_crc(hex("600c112233445566020106020a00")) == 0x0faeaf);
    CHECK(advertising_crc({}) == 0xaaaaaa);
}

TEST_CASE("air: advertisements come out as a controller would report them", "[drivers][ble]")
{
    for (const auto& [type, reported] :
         {std::pair{0U, 0U}, std::pair{2U, 3U}, std::pair{4U, 4U}, std::pair{6U, 2U}}) {
        const Octets frame = advertising_pdu(mac, an_ibeacon, type);
        CHECK(told_of(frame) == Lines{beacon});
        CHECK(event_type_of(frame) == reported);
    }
    CHECK(told_of(advertising_pdu(mac, hex("020106"))) == Lines{by_address});
    CHECK(told_of(advertising_pdu("600102030405", {}))
          == Lines{"seen ble:60:01:02:03:04:05 -61 rotating"});
    CHECK(told_of(pdu(0, sent("600102030405"), false)) == Lines{"seen ble:60:01:02:03:04:05 -61"});
    CHECK(told_of(advertising_pdu(mac, {}), std::nullopt) == Lines{"seen ble:c0:01:02:03:04:05 ?"});
    // ADV_DIRECT_IND names whom it wants, which is no data.
    CHECK(told_of(advertising_pdu(mac, hex("0a0b0c0d0e0f"), 1)) == Lines{by_address});
}

TEST_CASE("air: what is no advertisement is passed over", "[drivers][ble]")
{
    CHECK(told_of(advertising_pdu(mac, hex("0a0b0c0d0e0f"), 3)).empty());  // scan request
    CHECK(told_of(advertising_pdu(mac, Octets(28), 5)).empty());           // connect request
    CHECK(told_of(advertising_pdu(mac, an_ibeacon), -61, 0x12345678).empty());
}

TEST_CASE("air: no damaged frame comes through", "[drivers][ble]")
{
    const Octets frame = advertising_pdu(mac, an_ibeacon);
    for (std::size_t at = 0; at < frame.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Octets damaged = frame;
            damaged[at] ^= byte_of(1U << bit);
            CHECK(told_of(damaged) == Lines{wrong});
        }
        const Octets cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(at));
        CHECK(told_of(cut) == Lines{wrong});
    }
    CHECK(told_of(frame, -61, advertising_access_address, true)
          == Lines{"refused: air frame cut short by its recorder"});
    CHECK(told_of(pdu(0, Octets(5))) == Lines{"refused: air frame of an impossible length"});
    CHECK(told_of(pdu(0, Octets(38))) == Lines{"refused: air frame of an impossible length"});
}

TEST_CASE("air: extended advertising, as far as one frame tells it", "[drivers][ble]")
{
    const Octets from = sent(mac);
    const Octets info = hex("3450");  // set 5
    const Octets pointer = hex("250100");
    CHECK(told_of(extended(0, 0x01, from, an_ibeacon)) == Lines{beacon});
    CHECK(told_of(extended(0, 0x09, joined({from, info}), an_ibeacon)) == Lines{beacon});
    CHECK(told_of(extended(1, 0x49, joined({from, info, hex("0c")}), hex("020106")))
          == Lines{by_address});
    CHECK(event_type_of(extended(2, 0x03, joined({from, sent("0a0b0c0d0e0f")}), {})) == 6);

    // The pointer says where the data will be; with data here too, more of it follows there.
    CHECK(told_of(extended(0, 0x19, joined({from, info, pointer}), {})).empty());
    CHECK(
        told_of(extended(0, 0x19, joined({from, info, pointer}), joined({an_ibeacon, hex("09ff")})))
        == Lines{beacon});
    CHECK(event_type_of(extended(0, 0x19, joined({from, info, pointer}), hex("020106"))) == 0x40);

    CHECK(told_of(extended(0, 0x08, info, an_ibeacon))
          == Lines{"refused: extended advertisement without its sender"});
    CHECK(told_of(extended(0, 0x7f, from, {}))
          == Lines{"refused: air frame of an impossible length"});
    CHECK(told_of(pdu(7, {})) == Lines{"refused: air frame of an impossible length"});

    // More than one report holds: the beacon at its beginning still counts.
    CHECK(told_of(extended(0, 0x01, from, joined({an_ibeacon, hex("d8ff"), Octets(215)})))
          == Lines{beacon});
}
