#pragma once

#include "drivers/card/identity.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace raiten::drivers::card {

/// What the card of an ATR is, by PC/SC part 3.
enum class Technology : std::uint8_t {
    unknown,  ///< not the ATR of a contactless storage card
    unnamed,  ///< contactless, but the reader does not say of which standard
    iso14443_a,
    iso14443_b,
    iso14443_4,  ///< a smart card of either type: its ATR holds the card's own history
    iso15693,
    felica,
    contact_memory,
    low_frequency
};

/// Storage cards: `3B 8F 80 01 80 4F 0C A0 00 00 03 06 SS NN NN 00 00 00 00 TCK`, standard SS and
/// name NN NN. Smart cards: `3B 8n 80 01`, n bytes of history, TCK. TCK is not checked: the bytes
/// come from the reader's driver, which has done so.
Technology technology(Bytes atr);

/// Asks a card for its number: the UID, or for FeliCa the IDm.
inline constexpr std::array<std::byte, 5> get_uid{std::byte{0xFF}, std::byte{0xCA}, std::byte{0x00},
                                                  std::byte{0x00}, std::byte{0x00}};

/// What a reader told about the card that lies on it.
struct CardAnswer {
    Bytes atr;
    Bytes uid_answer;  ///< to `get_uid`: data, SW1, SW2
};

/// The card's token, or why it has none.
Taken<std::string> card_token(const CardAnswer& answer);

}  // namespace raiten::drivers::card
