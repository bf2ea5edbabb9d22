#include "drivers/ble/command.hpp"

#include "daemon/base/hex.hpp"

namespace raiten::drivers::ble::command {
namespace {

/// Opcode, its name, its parameters in hex as they go over the wire.
struct Entry {
    Opcode opcode;
    std::string_view name;
    std::string_view parameters;
};

// clang-format off
constexpr std::array entries{
    // All events that matter and LE Meta (bit 61), which is off after Reset.
    Entry{Opcode::set_event_mask, "Set Event Mask", "fffffbff07f8bf3d"},
    Entry{Opcode::reset, "Reset", ""},
    Entry{Opcode::read_version, "Read Local Version", ""},
    Entry{Opcode::read_commands, "Read Local Supported Commands", ""},
    // Advertising reports (bit 1) and extended ones (bit 12), nothing else.
    Entry{Opcode::le_set_event_mask, "LE Set Event Mask", "0210000000000000"},
    Entry{Opcode::le_read_features, "LE Read Local Supported Features", ""},
    // Passive, interval and window 60 ms, public own address, accept all.
    Entry{Opcode::le_set_scan_parameters, "LE Set Scan Parameters", "00" "6000" "6000" "00" "00"},
    // On, duplicates not filtered.
    Entry{Opcode::le_set_scan_enable, "LE Set Scan Enable", "01" "00"},
    // Public own address, accept all, on 1M: passive, interval and window 60 ms.
    Entry{Opcode::le_set_extended_scan_parameters, "LE Set Extended Scan Parameters",
          "00" "00" "01" "00" "6000" "6000"},
    // On, duplicates not filtered, for ever.
    Entry{Opcode::le_set_extended_scan_enable, "LE Set Extended Scan Enable",
          "01" "00" "0000" "0000"},
};
// clang-format on

const Entry* find(Opcode opcode)
{
    for (const Entry& entry : entries)
        if (entry.opcode == opcode) return &entry;
    return nullptr;
}

}  // namespace

std::vector<std::byte> packet(Opcode opcode)
{
    const Entry* entry = find(opcode);
    const auto parameters = from_hex(entry != nullptr ? entry->parameters : "");
    const auto number = static_cast<unsigned>(opcode);
    std::vector<std::byte> out;
    out.reserve(4 + parameters->size());
    out.push_back(std::byte{1});
    out.push_back(static_cast<std::byte>(number & 0xffU));
    out.push_back(static_cast<std::byte>(number >> 8U));
    out.push_back(static_cast<std::byte>(parameters->size()));
    for (const std::byte parameter : *parameters) out.push_back(parameter);
    return out;
}

std::string_view name(Opcode opcode)
{
    const Entry* entry = find(opcode);
    return entry != nullptr ? entry->name : "no command";
}

bool allows_extended_scan(Bytes supported_commands)
{
    constexpr std::size_t octet = 37;
    constexpr unsigned parameters_and_enable = 0x60;  // bits 5 and 6
    if (supported_commands.size() <= octet) return true;
    return (u8(supported_commands[octet]) & parameters_and_enable) == parameters_and_enable;
}

bool has_extended_advertising(Bytes features)
{
    constexpr unsigned bit_12 = 0x10;  // of octet 1
    if (features.size() < 8) return true;
    return (u8(features[1]) & bit_12) != 0;
}

}  // namespace raiten::drivers::ble::command
