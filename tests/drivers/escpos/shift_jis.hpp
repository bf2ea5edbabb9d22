#pragma once

#include "drivers/escpos/code_pages.hpp"
#include "drivers/escpos/utf8.hpp"

#include <map>
#include <string>
#include <string_view>

namespace raiten::tests {

/// UTF-8 to what a Japanese register sends; ¥ becomes 5C.
inline std::string shift_jis(std::string_view text)
{
    static const auto table = [] {
        std::map<char32_t, std::string> codes;
        for (unsigned lead = 0x81; lead <= 0xFC; ++lead) {
            for (unsigned trail = 0x40; trail <= 0xFC; ++trail) {
                const auto point = drivers::escpos::pair(drivers::escpos::PairTable::cp932,
                                                         static_cast<std::uint8_t>(lead),
                                                         static_cast<std::uint8_t>(trail));
                if (point != 0)
                    codes.try_emplace(
                        point, std::string{static_cast<char>(lead), static_cast<char>(trail)});
            }
        }
        return codes;
    }();
    std::string coded;
    for (std::size_t at = 0; at < text.size();) {
        const auto next = drivers::escpos::next_utf8(text, at);
        at += next.bytes;
        if (next.point < 0x80) {
            coded += static_cast<char>(next.point);
        } else if (next.point == U'¥') {
            coded += '\\';
        } else if (next.point >= 0xFF61 && next.point <= 0xFF9F) {
            coded += static_cast<char>(next.point - 0xFF61 + 0xA1);
        } else {
            coded += table.at(next.point);
        }
    }
    return coded;
}

}  // namespace raiten::tests
