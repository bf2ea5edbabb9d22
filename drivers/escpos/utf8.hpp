#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace raiten::drivers::escpos {

struct Utf8Step {
    char32_t point;
    std::size_t bytes;  ///< at least 1, so that a walk always ends; 0 only past the end
    bool valid;         ///< shortest form, no surrogate, at most U+10FFFF
};

/// The character at `at`. What is not UTF-8 is one byte and not valid.
constexpr Utf8Step next_utf8(std::string_view text, std::size_t at)
{
    if (at >= text.size()) return {0, 0, false};
    const auto byte = [&](std::size_t n) -> std::uint32_t {
        return at + n < text.size() ? static_cast<std::uint8_t>(text[at + n]) : 0U;
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1, true};
    const std::size_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return {0, 1, false};
    std::uint32_t point = first & (0xFFU >> (count + 1));
    for (std::size_t n = 1; n < count; ++n) {
        if ((byte(n) & 0xC0U) != 0x80) return {0, 1, false};
        point = point << 6 | (byte(n) & 0x3FU);
    }
    const bool too_long = (count == 3 && point < 0x800) || (count == 4 && point < 0x1'0000);
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    if (too_long || surrogate || point > 0x10'FFFF) return {0, 1, false};
    return {point, count, true};
}

/// How many bytes there are before the first that is not ASCII.
constexpr std::size_t ascii_bytes(std::string_view text)
{
    std::size_t count = 0;
    while (count < text.size() && static_cast<std::uint8_t>(text[count]) < 0x80) ++count;
    return count;
}

/// How wide a printer's font makes it: 2 for kanji, kana, hangul and full-width forms, else 1.
constexpr int cells_of(char32_t point)
{
    const bool wide =
        (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF)
        || (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF)
        || (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF01 && point <= 0xFF60)
        || (point >= 0xFFE0 && point <= 0xFFE6) || (point >= 0x2'0000);
    return wide ? 2 : 1;
}

}  // namespace raiten::drivers::escpos
