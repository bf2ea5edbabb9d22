#include "drivers/escpos/command_length.hpp"

#include "drivers/escpos/command.hpp"

#include <cstddef>
#include <string_view>

namespace raiten::drivers::escpos {
namespace {

using Head = std::span<const std::uint8_t>;
using Kind = CommandLength::Kind;

constexpr CommandLength more{Kind::more};
constexpr CommandLength unknown{Kind::unknown};

constexpr CommandLength exact(std::uint64_t bytes)
{
    return {Kind::exact, bytes};
}

constexpr bool among(std::uint8_t byte, std::string_view set)
{
    return set.find(static_cast<char>(byte)) != std::string_view::npos;
}

constexpr std::uint64_t u16(Head head, std::size_t at)
{
    return head[at] + 256U * std::uint64_t{head[at + 1]};
}

constexpr std::uint64_t u32(Head head, std::size_t at)
{
    return u16(head, at) + 65536U * u16(head, at + 2);
}

/// ( X pL pH and p bytes, the same under ESC, FS and GS.
CommandLength parenthesis(Head head)
{
    return head.size() < 5 ? more : exact(5 + u16(head, 3));
}

CommandLength real_time(Head head)
{
    if (head[1] == 0x04) {
        if (head.size() < 3) return more;
        return exact(head[2] == 7 || head[2] == 8 || head[2] == 18 ? 4 : 3);
    }
    if (head[1] == 0x05) return exact(3);
    if (head[1] != 0x14) return unknown;
    if (head.size() < 3) return more;
    switch (head[2]) {
        case 1:
        case 2:
            return exact(5);
        case 3:
            return exact(8);
        case 7:
            return exact(4);
        case 8:
            return exact(10);
        default:
            return unknown;
    }
}

CommandLength bit_image(Head head)
{
    if (head.size() < 5) return more;
    const std::uint64_t columns = u16(head, 3);
    const std::uint64_t bytes_a_column = head[2] == 32 || head[2] == 33 ? 3 : 1;
    return exact(5 + columns * bytes_a_column);
}

CommandLength user_glyphs(Head head)
{
    if (head.size() < 5) return more;
    if (head[4] < head[3]) return unknown;
    return {Kind::glyphs, 5, static_cast<std::uint32_t>(head[4] - head[3] + 1), head[2]};
}

CommandLength escape(Head head)
{
    const std::uint8_t code = head[1];
    // 4 and 5 (italics), 7 (heat), 8 (sleep), 9 (coding) and B (buzzer) are not Epson's, but common
    // among its imitators.
    if (among(code, "@2<LSimoqv45\x0C")) return exact(2);
    if (among(code, " !%-39=?EFGJKMRTUVadertuz{")) return exact(3);
    if (among(code, "$\\Bf8")) return exact(4);
    switch (code) {
        case 'c':
            if (head.size() < 3) return more;
            return among(head[2], "01345") ? exact(4) : unknown;
        case 'p':
        case '7':
            return exact(5);
        case 'W':
            return exact(10);
        case '*':
            return bit_image(head);
        case '&':
            return user_glyphs(head);
        case 'D':
            return {Kind::nul};
        case '(':
            return parenthesis(head);
        default:
            return unknown;
    }
}

/// q n is seen from printers of Seiko Instruments, the others from small panel printers.
CommandLength small_printer(Head head)
{
    switch (head[1]) {
        case 'T':
            return exact(2);
        case 'q':
        case '#':
            return exact(3);
        case '*':  // rows, bytes a row
            if (head.size() < 4) return more;
            return exact(4 + std::uint64_t{head[2]} * head[3]);
        case 'V':  // rows of 384 dots
        case 'v':
            return head.size() < 4 ? more : exact(4 + u16(head, 2) * 48);
        default:
            return unknown;
    }
}

CommandLength stored_data(Head head)
{
    if (head.size() < 3) return more;
    if (among(head[2], "2\x02")) return exact(10);
    if (!among(head[2], "1\x01")) return unknown;
    return head.size() < 10 ? more : exact(10 + u16(head, 8));
}

CommandLength kanji(Head head)
{
    const std::uint8_t code = head[1];
    if (among(code, "&.")) return exact(2);
    if (among(code, "!-CW")) return exact(3);
    if (among(code, "Sp?")) return exact(4);
    switch (code) {
        case '2':
            return exact(4 + 72);
        case 'a':  // reads a cheque
            if (head.size() < 3) return more;
            if (among(head[2], "0")) return exact(4);
            return among(head[2], "12") ? exact(3) : unknown;
        case '(':
            return parenthesis(head);
        case 'g':
            return stored_data(head);
        case 'q':
            if (head.size() < 3) return more;
            return {Kind::pictures, 3, head[2]};
        default:
            return unknown;
    }
}

CommandLength cut(Head head)
{
    if (head.size() < 3) return more;
    if (among(head[2], std::string_view{"\0\1"
                                        "01",
                                        4}))
        return exact(3);
    return among(head[2], "ABabgh") ? exact(4) : unknown;
}

CommandLength raster(Head head)
{
    if (head.size() < 3) return more;
    if (head[2] != '0') return unknown;
    return head.size() < 8 ? more : exact(8 + u16(head, 4) * u16(head, 6));
}

CommandLength barcode(Head head)
{
    if (head.size() < 3) return more;
    if (head[2] <= 6) return {Kind::nul};
    if (head[2] < 65 || head[2] > 79) return unknown;
    return head.size() < 4 ? more : exact(4 + std::uint64_t{head[3]});
}

CommandLength counter(Head head)
{
    if (head.size() < 3) return more;
    if (among(head[2], "02")) return exact(5);
    return head[2] == '1' ? exact(9) : unknown;
}

CommandLength group(Head head)
{
    const std::uint8_t code = head[1];
    if (among(code, ":c")) return exact(2);
    if (among(code, "!\"#/BEHITabfhrwn")) return exact(3);
    if (among(code, "$LW\\P")) return exact(4);
    switch (code) {
        case 'V':
            return cut(head);
        case '^':
            return exact(5);
        case 'z':
            if (head.size() < 3) return more;
            return head[2] == '0' ? exact(5) : unknown;
        case 'g':
            if (head.size() < 3) return more;
            return among(head[2], "02") ? exact(6) : unknown;
        case '*':
            if (head.size() < 4) return more;
            return exact(4 + std::uint64_t{head[2]} * head[3] * 8);
        case 'v':
        case 'Q':
            return raster(head);
        case '(':
            return parenthesis(head);
        case '8':
            if (head.size() < 3) return more;
            if (head[2] != 'L') return unknown;
            return head.size() < 7 ? more : exact(7 + u32(head, 3));
        case 'k':
            return barcode(head);
        case 'C':
            return counter(head);
        default:
            return unknown;
    }
}

}  // namespace

CommandLength command_length(std::span<const std::uint8_t> head)
{
    if (head.size() < 2) return more;
    switch (head[0]) {
        case lead::dle:
            return real_time(head);
        case lead::dc2:
            return small_printer(head);
        case lead::esc:
            return escape(head);
        case lead::fs:
            return kanji(head);
        case lead::gs:
            return group(head);
        default:
            return unknown;
    }
}

}  // namespace raiten::drivers::escpos
