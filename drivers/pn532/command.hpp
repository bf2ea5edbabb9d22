#pragma once

#include <array>
#include <cstddef>

/// What is said to a PN532, from D4 on (UM0701-02, section 7).
namespace raiten::drivers::pn532 {

inline constexpr std::byte to_module{0xD4};
inline constexpr std::byte from_module{0xD5};

inline constexpr std::byte firmware_answer{0x03};
inline constexpr std::byte list_target_answer{0x4B};

namespace command {

constexpr std::byte b(unsigned number)
{
    return static_cast<std::byte>(number);
}

/// Wakes a module that sleeps: it listens once the line has been busy for a while.
inline constexpr std::array wake_up{b(0x55), b(0x55), b(0), b(0), b(0), b(0), b(0), b(0),
                                    b(0),    b(0),    b(0), b(0), b(0), b(0), b(0), b(0)};

/// SAMConfiguration: normal mode, no time limit, no interrupt line.
inline constexpr std::array sam{to_module, b(0x14), b(0x01), b(0x00), b(0x00)};

inline constexpr std::array firmware{to_module, b(0x02)};

/// RFConfiguration, MaxRetries: one try for attributes and parameters, three to find a card, so
/// that a poll without one ends within milliseconds and not never.
inline constexpr std::array retries{to_module, b(0x32), b(0x05), b(0x00), b(0x01), b(0x02)};

/// InListPassiveTarget, one card. FeliCa: polling for any system, asking for its code, one slot.
inline constexpr std::array type_a{to_module, b(0x4A), b(0x01), b(0x00)};
inline constexpr std::array felica_212{to_module, b(0x4A), b(0x01), b(0x01), b(0x00),
                                       b(0xFF),   b(0xFF), b(0x01), b(0x00)};
inline constexpr std::array felica_424{to_module, b(0x4A), b(0x01), b(0x02), b(0x00),
                                       b(0xFF),   b(0xFF), b(0x01), b(0x00)};

/// InRelease, all: else the card found stays selected and does not answer the next poll.
inline constexpr std::array release{to_module, b(0x52), b(0x00)};

}  // namespace command
}  // namespace raiten::drivers::pn532
