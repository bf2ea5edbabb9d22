#pragma once

#include "daemon/simulator/store.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace raiten::simulator {

/// The ESC/POS bytes that a Japanese register sends to its printer for a slip: Shift_JIS, columns
/// placed with ESC $, yen as 5C, the member as 会員番号 and as an EAN-13 barcode, drawer kick,
/// cut. 576 dots wide. `card` is the member's token ("card:29…"), or empty.
std::string receipt_paper(const Slip& slip, std::string_view card, std::chrono::minutes offset);

}  // namespace raiten::simulator
