#pragma once

#include "daemon/model/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

/// Numbers of the Bluetooth host-controller interface (Core specification 5.4, Vol 4, Part E) and
/// the few ways of reading them. Everything on the interface is little endian.
namespace raiten::drivers::ble {

using Bytes = std::span<const std::byte>;

/// What could not be used, with the reason: becomes a Garbled reading.
using Refuse = std::function<void(const Garbled&)>;

enum class PacketType : std::uint8_t { command = 1, acl = 2, sco = 3, event = 4, iso = 5 };

namespace event_code {
inline constexpr unsigned command_complete = 0x0e;
inline constexpr unsigned command_status = 0x0f;
inline constexpr unsigned hardware_error = 0x10;
inline constexpr unsigned le_meta = 0x3e;
}  // namespace event_code

namespace subevent {
inline constexpr unsigned advertising_report = 0x02;
inline constexpr unsigned extended_advertising_report = 0x0d;
}  // namespace subevent

inline constexpr unsigned reports_per_event_max = 25;  ///< 0x19, Vol 4 Part E 7.7.65.2
inline constexpr std::size_t report_bytes = 10;  ///< smallest legacy report, its RSSI included
inline constexpr std::size_t extended_report_bytes = 24;

inline constexpr unsigned u8(std::byte b)
{
    return std::to_integer<unsigned>(b);
}

/// A byte as the signed number it stands for.
inline constexpr int i8(std::byte b)
{
    return static_cast<std::int8_t>(std::to_integer<std::uint8_t>(b));
}

inline constexpr std::uint16_t le16(Bytes bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(u8(bytes[at]) | u8(bytes[at + 1]) << 8U);
}

inline constexpr std::uint16_t be16(Bytes bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(u8(bytes[at]) << 8U | u8(bytes[at + 1]));
}

inline constexpr std::uint32_t be32(Bytes bytes, std::size_t at)
{
    return std::uint32_t{be16(bytes, at)} << 16U | be16(bytes, at + 2);
}

inline constexpr bool known_packet_type(unsigned type)
{
    return type >= 1 && type <= 5;
}

/// Bytes of a packet's header, without the H4 type byte before it.
inline constexpr std::size_t header_bytes(PacketType type)
{
    switch (type) {
        case PacketType::event:
            return 2;
        case PacketType::command:
        case PacketType::sco:
            return 3;
        case PacketType::acl:
        case PacketType::iso:
            return 4;
    }
    return 4;
}

/// How many bytes follow the header, as the header says. Takes at least `header_bytes(type)`.
inline constexpr std::size_t body_bytes(PacketType type, Bytes header)
{
    switch (type) {
        case PacketType::event:
            return u8(header[1]);
        case PacketType::command:
        case PacketType::sco:
            return u8(header[2]);
        case PacketType::acl:
            return le16(header, 2);
        case PacketType::iso:
            return le16(header, 2) & 0x3fffU;
    }
    return 0;
}

}  // namespace raiten::drivers::ble
