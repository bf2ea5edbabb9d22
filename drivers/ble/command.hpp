#pragma once

#include "drivers/ble/hci.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

/// The HCI commands that a passive scan needs, as H4 packets (01, opcode, length, parameters).
/// Opcodes and parameters: Core 5.4, Vol 4, Part E, 7.3, 7.4 and 7.8.
namespace raiten::drivers::ble::command {

enum class Opcode : std::uint16_t {
    none = 0x0000,
    set_event_mask = 0x0c01,
    reset = 0x0c03,
    read_version = 0x1001,
    read_commands = 0x1002,
    le_set_event_mask = 0x2001,
    le_read_features = 0x2003,
    le_set_scan_parameters = 0x200b,
    le_set_scan_enable = 0x200c,
    le_set_extended_scan_parameters = 0x2041,
    le_set_extended_scan_enable = 0x2042,
};

/// The whole packet. Scanning is passive (nothing is sent into the air, so no beacon is woken and
/// no sensor answers with made-up data), without gaps on 1M, and reports every repetition: a
/// series of signal strengths is what presence is found from.
std::vector<std::byte> packet(Opcode opcode);

/// For people: "Reset", "LE Set Scan Enable", …
std::string_view name(Opcode opcode);

/// What Read Local Supported Commands answered (its 64 octets without the status): may both
/// extended scan commands be used? A shorter answer says nothing and counts as yes.
bool allows_extended_scan(Bytes supported_commands);

/// The same for LE Read Local Supported Features (8 octets).
bool has_extended_advertising(Bytes features);

}  // namespace raiten::drivers::ble::command
