#include "drivers/ble/link.hpp"

#include "drivers/ble/air.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t direction_bytes = 4;
constexpr std::size_t monitor_header_bytes = 4;
constexpr std::size_t radio_header_bytes = 10;
constexpr std::size_t nordic_header_bytes = 17;
constexpr std::size_t access_address_bytes = 4;
constexpr std::size_t pdu_header_bytes = 2;
constexpr std::size_t crc_bytes = 3;

std::uint32_t le32(Bytes bytes, std::size_t at)
{
    return le16(bytes, at) | std::uint32_t{le16(bytes, at + 2)} << 16U;
}

/// What a record holds once its pseudo header is off.
struct Contents {
    enum class Kind : std::uint8_t { nothing, hci, air, useless, damaged };

    Kind kind{Kind::nothing};
    PacketType type{PacketType::event};
    bool from_controller{true};
    Bytes bytes{};  ///< an HCI packet, or all from the access address on
    std::optional<int> rssi_dbm{};
    bool coded{};    ///< a coding indicator follows the access address
    bool bad_crc{};  ///< as the sniffer itself saw it
    std::string_view useless{};
};

Contents useless(std::string_view why)
{
    return {.kind = Contents::Kind::useless, .useless = why};
}

constexpr Contents damaged{.kind = Contents::Kind::damaged};

Contents hci(Bytes frame, bool from_controller)
{
    if (frame.empty() || !known_packet_type(u8(frame[0]))) return damaged;
    return {.kind = Contents::Kind::hci,
            .type = static_cast<PacketType>(frame[0]),
            .from_controller = from_controller,
            .bytes = frame.subspan(1)};
}

Contents directed(Bytes frame)
{
    if (frame.size() < direction_bytes) return damaged;
    return hci(frame.subspan(direction_bytes), (be32(frame, 0) & 1U) != 0);
}

Contents monitor(Bytes frame)
{
    if (frame.size() < monitor_header_bytes) return damaged;
    const unsigned opcode = be16(frame, 2);
    const auto type = monitor_packet_type(opcode);
    if (!type) return {};
    return {.kind = Contents::Kind::hci,
            .type = *type,
            .from_controller = opcode % 2 == 1,
            .bytes = frame.subspan(monitor_header_bytes)};
}

Contents link_layer(Bytes frame)
{
    return {.kind = Contents::Kind::air, .bytes = frame};
}

Contents with_radio_header(Bytes frame)
{
    constexpr unsigned dewhitened = 0x0001;
    constexpr unsigned signal_valid = 0x0002;
    constexpr unsigned crc_checked = 0x0400;
    constexpr unsigned crc_valid = 0x0800;
    constexpr unsigned phy_coded = 2;
    if (frame.size() < radio_header_bytes) return damaged;
    const unsigned flags = le16(frame, 8);
    if ((flags & dewhitened) == 0) return useless("air frame that is still whitened");
    Contents out = link_layer(frame.subspan(radio_header_bytes));
    if ((flags & signal_valid) != 0) out.rssi_dbm = i8(frame[1]);
    out.bad_crc = (flags & crc_checked) != 0 && (flags & crc_valid) == 0;
    out.coded = flags >> 14U == phy_coded;
    return out;
}

/// Version 1 has one byte for the header's length and one for the payload's, later ones have two
/// for the payload's.
std::size_t nordic_payload_bytes(Bytes frame)
{
    return u8(frame[3]) >= 2 ? le16(frame, 1) : u8(frame[2]);
}

Contents nordic(Bytes frame)
{
    constexpr unsigned advertising = 0x02;
    constexpr unsigned packet = 0x06;
    constexpr unsigned crc_good = 0x01;
    constexpr unsigned phy_coded = 2;
    if (frame.size() < 7) return damaged;
    if (u8(frame[3]) == 0) return useless("nRF sniffer frame of a version before 1");
    if (u8(frame[6]) != advertising && u8(frame[6]) != packet) return {};
    if (frame.size() < nordic_header_bytes) return damaged;
    Contents out = link_layer(frame.subspan(nordic_header_bytes));
    const unsigned flags = u8(frame[8]);
    out.rssi_dbm = -static_cast<int>(u8(frame[10]));
    if (*out.rssi_dbm < -127) out.rssi_dbm.reset();
    out.bad_crc = (flags & crc_good) == 0;
    out.coded = (flags >> 4U & 7U) == phy_coded;
    return out;
}

Contents ppi(Bytes frame)
{
    constexpr std::size_t header = 8;
    constexpr std::size_t field_header = 4;
    constexpr unsigned btle_field = 30006;
    constexpr std::size_t btle_bytes = 12;
    constexpr std::size_t average_at = 10;
    if (frame.size() < header) return damaged;
    const std::size_t length = le16(frame, 2);
    if (length < header || length > frame.size()) return damaged;
    const auto inner = link_type_of(le32(frame, 4));
    if (inner != LinkType::le_link_layer && inner != LinkType::le_link_layer_user)
        return useless("packet of a link type that is not Bluetooth");

    Contents out = link_layer(frame.subspan(length));
    Bytes fields = frame.subspan(header, length - header);
    while (fields.size() >= field_header) {
        const std::size_t size = le16(fields, 2);
        if (size > fields.size() - field_header) return damaged;
        if (le16(fields, 0) == btle_field && size >= btle_bytes)
            out.rssi_dbm = i8(fields[field_header + average_at]);
        fields = fields.subspan(field_header + size);
    }
    return out;
}

Contents contents_of(LinkType link, Bytes frame)
{
    switch (link) {
        case LinkType::hci_h4:
            return hci(frame, !frame.empty() && u8(frame[0]) != 1);
        case LinkType::hci_h4_directed:
            return directed(frame);
        case LinkType::linux_monitor:
            return monitor(frame);
        case LinkType::le_link_layer:
        case LinkType::le_link_layer_user:
            return link_layer(frame);
        case LinkType::le_link_layer_radio:
            return with_radio_header(frame);
        case LinkType::nordic:
        case LinkType::nordic_user:
            return nordic(frame);
        case LinkType::ppi:
            return ppi(frame);
    }
    return damaged;
}

bool exact(PacketType type)
{
    return type == PacketType::command || type == PacketType::event;
}

}  // namespace

std::optional<LinkType> link_type_of(std::uint32_t number)
{
    const auto link = static_cast<LinkType>(number);
    switch (link) {
        case LinkType::le_link_layer_user:
        case LinkType::nordic_user:
        case LinkType::hci_h4:
        case LinkType::ppi:
        case LinkType::hci_h4_directed:
        case LinkType::le_link_layer:
        case LinkType::linux_monitor:
        case LinkType::le_link_layer_radio:
        case LinkType::nordic:
            return link;
    }
    return std::nullopt;
}

bool length_agrees(LinkType link, Bytes frame)
{
    const bool counted = link == LinkType::nordic || link == LinkType::nordic_user;
    if (counted && frame.size() >= 7 && u8(frame[3]) != 0
        && frame.size() != 7 + nordic_payload_bytes(frame))
        return false;
    const Contents contents = contents_of(link, frame);
    switch (contents.kind) {
        case Contents::Kind::nothing:
        case Contents::Kind::useless:
            return true;
        case Contents::Kind::hci:
            return length_agrees(contents.type, contents.bytes);
        case Contents::Kind::air: {
            const std::size_t header = access_address_bytes + (contents.coded ? 1 : 0);
            const Bytes bytes = contents.bytes;
            return bytes.size() >= header + pdu_header_bytes + crc_bytes
                   && bytes.size() == header + pdu_header_bytes + u8(bytes[header + 1]) + crc_bytes;
        }
        case Contents::Kind::damaged:
            return false;
    }
    return false;
}

bool length_must_agree(LinkType link, Bytes frame)
{
    const Contents contents = contents_of(link, frame);
    return contents.kind == Contents::Kind::hci && exact(contents.type);
}

Opened LinkReader::open(LinkType link, Bytes frame, bool whole)
{
    const Contents contents = contents_of(link, frame);
    if (contents.kind == Contents::Kind::nothing) return {};
    if (contents.kind == Contents::Kind::useless) return {.refused = contents.useless};
    if (contents.kind == Contents::Kind::damaged)
        return {.refused = "record whose contents are not what its file promises"};

    CapturedPacket packet;
    packet.type = contents.type;
    packet.from_controller = contents.from_controller;
    packet.packet = contents.bytes;
    if (contents.kind == Contents::Kind::hci) {
        if (!whole && exact(contents.type)) return {.refused = "packet cut short by its recorder"};
        return {.packet = packet};
    }

    const std::size_t header = access_address_bytes + (contents.coded ? 1 : 0);
    if (contents.bad_crc || contents.bytes.size() < header)
        return {.refused = "air frame with a wrong checksum"};
    const AirFrame heard{le32(contents.bytes, 0), contents.bytes.subspan(header), contents.rssi_dbm,
                         !whole};
    const AirFinding finding = report_of(heard, event_);
    if (!finding.report) return {.refused = finding.refused};
    packet.packet = event_;
    return {.packet = packet};
}

}  // namespace raiten::drivers::ble
