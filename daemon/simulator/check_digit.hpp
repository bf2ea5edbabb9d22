#pragma once

#include <string>
#include <string_view>

namespace raiten::simulator {

/// Twelve digits -> thirteen (EAN-13, GS1 General Specifications 7.9).
std::string with_check_digit(std::string_view twelve_digits);

}  // namespace raiten::simulator
