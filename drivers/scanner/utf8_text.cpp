#include "drivers/scanner/utf8_text.hpp"

#include "drivers/escpos/utf8.hpp"

#include <cstddef>

namespace raiten::drivers {

TextKind kind_of_text(std::string_view text)
{
    constexpr char32_t wide_blank = 0x3000;
    bool control = false;
    bool blank = true;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, bytes, valid] = escpos::next_utf8(text, at);
        if (!valid) return TextKind::not_utf8;
        control = control || point < 0x20 || (point >= 0x7F && point < 0xA0);
        blank = blank && (point == U' ' || point == wide_blank);
        at += bytes;
    }
    if (control) return TextKind::control;
    return blank ? TextKind::blank : TextKind::printable;
}

}  // namespace raiten::drivers
