#pragma once

#include "drivers/refusal.hpp"

#include <string>
#include <string_view>

namespace raiten::drivers::wiegand {

/// The token of the card that a converter printed as this line, without its end: `BITS:HEX`, hex
/// with a mark, or 0s and 1s, as the README draws them.
Taken<std::string> read_card_line(std::string_view line);

}  // namespace raiten::drivers::wiegand
