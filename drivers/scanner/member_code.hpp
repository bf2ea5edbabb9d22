#pragma once

#include "drivers/refusal.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace raiten::drivers {

/// Whose code was scanned at a reader for check-ins, where people show cards and phones. What looks
/// like an item elsewhere (an EAN-13 beginning 20) is a member's card here; what says that it is an
/// item (GS1 elements with a GTIN, a Digital Link) is refused.
///
///     EAN-13, EAN-8 with a right check digit        card:<digits>
///     GSRN, GS1's own number for a member (8018, 8017)  card:<18 digits>
///     6 to 20 digits                                card:<digits>
///     any other text                                qr:<text>
Taken<std::string> member_token(std::string_view code);

inline constexpr std::size_t card_digits_min = 6;
inline constexpr std::size_t card_digits_max = 20;
inline constexpr std::size_t code_text_max = 253;  ///< bytes of UTF-8

}  // namespace raiten::drivers
