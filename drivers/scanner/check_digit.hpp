#pragma once

#include <string_view>

namespace raiten::drivers::gs1 {

/// Digits only, and at least one.
inline bool all_digits(std::string_view text)
{
    for (const char c : text)
        if (c < '0' || c > '9') return false;
    return !text.empty();
}

/// GS1's check digit, of every key from EAN-8 to SSCC: the last digit makes the sum of all, each
/// second one from the right times three, a multiple of ten (General Specifications, 7.9).
/// False for anything but digits.
inline bool has_check_digit(std::string_view digits)
{
    if (!all_digits(digits)) return false;
    int sum = 0;
    int weight = 1;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        sum += (*digit - '0') * weight;
        weight = 4 - weight;
    }
    return sum % 10 == 0;
}

}  // namespace raiten::drivers::gs1
