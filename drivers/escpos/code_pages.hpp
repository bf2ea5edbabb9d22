#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace raiten::drivers::escpos {

/// The upper half of a single-byte page: entry 0 is byte 80; 0 where the page has nothing.
using SinglePage = std::span<const char16_t, 128>;

/// By name: "cp437", "windows1252", "iso8859-7", "katakana", … (README); null if there is none.
const char16_t* find_single_page(std::string_view name);

enum class PairTable : std::uint8_t { cp932, gbk, cp949, big5 };

/// The character of a two-byte code, or 0.
char32_t pair(PairTable table, std::uint8_t lead, std::uint8_t trail);

/// A JIS X 0208 character (7-bit bytes 21..7E), with the NEC and IBM rows of CP932, or 0.
char32_t jis_pair(std::uint8_t first, std::uint8_t second);

/// Shift_JIS-2004: a character and, for 25 of them, a combining mark (else 0).
struct MarkedCharacter {
    char32_t base;
    char32_t mark;
};
MarkedCharacter shift_jis_2004(std::uint8_t lead, std::uint8_t trail);

/// GB18030's four-byte codes, or 0.
char32_t gb18030_four(std::uint8_t b1, std::uint8_t b2, std::uint8_t b3, std::uint8_t b4);

/// ASCII characters that national sets replace.
constexpr bool is_international(char ascii)
{
    switch (ascii) {
        case '#':
        case '$':
        case '@':
        case '[':
        case '\\':
        case ']':
        case '^':
        case '`':
        case '{':
        case '|':
        case '}':
        case '~':
            return true;
        default:
            return false;
    }
}

/// What ESC R n puts in the place of an ASCII character (n 0..17 as in Epson's table).
char32_t international(std::uint8_t set, char ascii);

/// Which maker's ESC t table a printer follows. Epson's is the common one.
enum class Dialect : std::uint8_t { epson, bixolon, citizen, hp, pos_5890, star, xprinter, youku };

/// "epson", "citizen", …; nothing known by that name: false.
bool find_dialect(std::string_view name, Dialect& found);

/// The name of page n there, or empty where that maker has none, or one we have no table for.
std::string_view page_name(Dialect dialect, std::uint8_t number);

void append_utf8(std::string& text, char32_t code_point);

}  // namespace raiten::drivers::escpos
