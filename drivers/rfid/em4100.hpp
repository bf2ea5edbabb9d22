#pragma once

#include "drivers/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::drivers::rfid {

/// What a 125 kHz tag of the EM4100 family holds: 40 bits, nothing else, no secret.
struct Em4100 {
    std::uint8_t version{};  ///< the issuer's byte, which is not part of the printed number
    std::uint32_t number{};  ///< printed on the card as ten decimal digits
};

inline constexpr std::size_t tag_digits = 12;

/// The twelve hex digits between start and end of a frame: five bytes and the XOR of the five.
Taken<Em4100> read_em4100(std::string_view digits);

/// `card:<ten digits>`, the number as it is printed on the card.
std::string card_token(const Em4100& tag);

}  // namespace raiten::drivers::rfid
