#include "drivers/escpos/fold.hpp"

#include "drivers/escpos/code_pages.hpp"
#include "drivers/escpos/utf8.hpp"

namespace raiten::drivers::escpos {
namespace {

/// U+FF61 to U+FF9F in their usual width.
constexpr std::u32string_view wide_katakana =
    U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホ"
    U"マミムメモヤユヨラリルレロワン゛゜";
static_assert(wide_katakana.size() == 63);

constexpr char32_t voice_mark = 0xFF9E;
constexpr char32_t half_voice_mark = 0xFF9F;

/// In the katakana block the voiced form follows the plain one, and ハ's row has a third.
constexpr char32_t joined(char32_t plain, char32_t mark)
{
    const bool ha_row = plain >= U'ハ' && plain <= U'ホ' && (plain - U'ハ') % 3 == 0;
    if (mark == half_voice_mark) return ha_row ? plain + 2 : 0;
    if (mark != voice_mark) return 0;
    if (plain == U'ウ') return U'ヴ';
    const bool ka_to_chi = plain >= U'カ' && plain <= U'チ' && (plain - U'カ') % 2 == 0;
    const bool tsu_to_to = plain >= U'ツ' && plain <= U'ト' && (plain - U'ツ') % 2 == 0;
    return ka_to_chi || tsu_to_to || ha_row ? plain + 1 : 0;
}

constexpr char32_t narrow(char32_t point)
{
    if (point >= 0xFF01 && point <= 0xFF5E) return point - 0xFF01 + U'!';
    if (point >= 0x2500 && point <= 0x259F) return U' ';
    if (point >= 0x0660 && point <= 0x0669) return point - 0x0660 + U'0';
    if (point >= 0x06F0 && point <= 0x06F9) return point - 0x06F0 + U'0';
    if (point >= 0x0E50 && point <= 0x0E59) return point - 0x0E50 + U'0';
    switch (point) {
        case 0x3000:
        case 0x00A0:
        case 0x2007:  // blanks that group digits
        case 0x2009:
        case 0x202F:
            return U' ';
        case 0x066B:  // of Arabic numbers
            return U'.';
        case 0x066C:
            return U',';
        case 0xFFE0:
            return U'¢';
        case 0xFFE1:
            return U'£';
        case 0xFFE5:
            return U'¥';
        case 0xFFE6:
            return U'₩';
        case 0x2212:
            return U'-';
        default:
            return point;
    }
}

}  // namespace

std::string fold_width(std::string_view text)
{
    std::string folded;
    folded.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto plain_bytes = ascii_bytes(text.substr(at));
        folded.append(text, at, plain_bytes);
        at += plain_bytes;
        if (at == text.size()) break;
        const auto next = next_utf8(text, at);
        at += next.bytes;
        if (!next.valid) {
            append_utf8(folded, 0xFFFD);
            continue;
        }
        if (next.point < 0xFF61 || next.point > 0xFF9F) {
            append_utf8(folded, narrow(next.point));
            continue;
        }
        const char32_t plain = wide_katakana[next.point - 0xFF61];
        const auto mark = next_utf8(text, at);
        const char32_t with_mark = joined(plain, mark.point);
        if (with_mark != 0) at += mark.bytes;
        append_utf8(folded, with_mark != 0 ? with_mark : plain);
    }
    return folded;
}

}  // namespace raiten::drivers::escpos
