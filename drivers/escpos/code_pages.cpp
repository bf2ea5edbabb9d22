#include "drivers/escpos/code_pages.hpp"

#include "drivers/escpos/code_page_tables.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace raiten::drivers::escpos {
namespace {

constexpr bool pair_index(std::uint8_t lead, std::uint8_t trail, std::size_t& index)
{
    if (lead < 0x81 || lead > 0xFE || trail < 0x40 || trail > 0xFE) return false;
    index = (lead - std::size_t{0x81}) * 191 + (trail - std::size_t{0x40});
    return true;
}

/// ESC R: what stands for # $ @ [ \ ] ^ ` { | } ~
constexpr std::string_view replaced = "#$@[\\]^`{|}~";
constexpr std::array<std::u32string_view, 18> international_sets = {
    U"#$@[\\]^`{|}~", U"#$à°ç§^`éùè¨",  U"#$§ÄÖÜ^`äöüß",  U"£$@[\\]^`{|}~", U"#$@ÆØÅ^`æøå~",
    U"#¤ÉÄÖÅÜéäöåü",  U"#$@°\\é^ùàòèì", U"₧$@¡Ñ¿^`¨ñ}~",  U"#$@[¥]^`{|}~",  U"#¤ÉÆØÅÜéæøåü",
    U"#$ÉÆØÅÜéæøåü",  U"#$á¡Ñ¿é`íñóú",  U"#$á¡Ñ¿éüíñóú",  U"#$@[₩]^`{|}~",  U"#$ŽŠĐĆČžšđćč",
    U"#¥@[\\]^`{|}~", U"#₫@[\\]^`{|}~", U"#$@[\\]^`{|}~",
};

struct PageRow {
    std::uint8_t number;
    std::string_view name;
};

/// The pages that nearly all makers share.
constexpr PageRow common_pages[] = {
    {0, "cp437"}, {1, "katakana"}, {2, "cp850"}, {3, "cp860"}, {4, "cp863"}, {5, "cp865"},
};
constexpr PageRow epson_pages[] = {
    {11, "cp851"},       {13, "cp857"},       {14, "cp737"},       {15, "iso8859-7"},
    {16, "windows1252"}, {17, "cp866"},       {18, "cp852"},       {19, "cp858"},
    {21, "thai11"},      {26, "thai11"},      {30, "tcvn3"},       {31, "tcvn3"},
    {32, "cp720"},       {33, "cp775"},       {34, "cp855"},       {35, "cp861"},
    {36, "cp862"},       {37, "cp864"},       {38, "cp869"},       {39, "iso8859-2"},
    {40, "iso8859-15"},  {42, "cp774"},       {43, "cp772"},       {44, "cp1125"},
    {45, "windows1250"}, {46, "windows1251"}, {47, "windows1253"}, {48, "windows1254"},
    {49, "windows1255"}, {50, "windows1256"}, {51, "windows1257"}, {52, "windows1258"},
    {53, "rk1048"},
};
constexpr PageRow bixolon_pages[] = {
    {16, "windows1252"}, {17, "cp866"},       {18, "cp852"},       {19, "cp858"},
    {21, "cp862"},       {22, "cp864"},       {24, "windows1253"}, {25, "windows1254"},
    {26, "windows1257"}, {28, "windows1251"}, {29, "cp737"},       {30, "cp775"},
    {33, "windows1255"}, {34, "thai11"},      {35, "thai11"},      {37, "cp857"},
    {38, "iso8859-7"},   {40, "windows1256"}, {41, "windows1258"}, {47, "windows1250"},
    {49, "tcvn3"},       {50, "tcvn3"},
};
constexpr PageRow citizen_pages[] = {
    {2, "cp858"},   {6, "cp852"},  {7, "cp866"},  {8, "cp857"},        {16, "windows1252"},
    {21, "thai11"}, {30, "tcvn3"}, {31, "tcvn3"}, {32, "windows1258"}, {40, "cp864"},
};
constexpr PageRow hp_pages[] = {
    {1, "cp850"},  {2, "cp852"},  {3, "cp860"},        {4, "cp863"},        {5, "cp865"},
    {6, "cp858"},  {7, "cp866"},  {8, "windows1252"},  {9, "cp862"},        {10, "cp737"},
    {11, "cp874"}, {12, "cp857"}, {13, "windows1251"}, {14, "windows1255"}, {15, "rk1048"},
};
constexpr PageRow pos_5890_pages[] = {
    {6, "iso8859-1"},    {8, "cp862"},        {16, "windows1252"}, {17, "cp866"},
    {18, "cp852"},       {19, "cp858"},       {23, "windows1251"}, {24, "cp737"},
    {25, "windows1257"}, {27, "windows1258"}, {28, "cp864"},       {32, "windows1255"},
    {56, "cp861"},       {60, "cp855"},       {61, "cp857"},       {65, "cp851"},
    {66, "cp869"},       {68, "cp772"},       {69, "cp774"},       {72, "windows1250"},
};
constexpr PageRow star_pages[] = {
    {16, "windows1252"}, {17, "cp866"},  {18, "cp852"},
    {19, "cp858"},       {21, "thai11"}, {26, "thai11"},
};
constexpr PageRow xprinter_pages[] = {
    {6, "iso8859-1"},    {7, "windows1253"}, {11, "windows1255"}, {16, "windows1252"},
    {17, "cp866"},       {18, "cp852"},      {19, "cp858"},       {22, "cp864"},
    {23, "windows1251"}, {24, "cp737"},      {25, "windows1257"}, {33, "windows1256"},
};
constexpr PageRow youku_pages[] = {
    {6, "windows1251"},  {7, "cp866"},        {15, "cp862"},       {16, "windows1252"},
    {18, "cp852"},       {19, "cp858"},       {22, "cp864"},       {23, "iso8859-1"},
    {24, "cp737"},       {25, "windows1257"}, {28, "cp855"},       {29, "cp857"},
    {30, "windows1250"}, {31, "cp775"},       {32, "windows1254"}, {33, "windows1255"},
    {34, "windows1256"}, {35, "windows1258"}, {38, "iso8859-1"},   {44, "iso8859-15"},
    {47, "cp874"},
};

struct DialectRow {
    std::string_view name;
    Dialect dialect;
    std::span<const PageRow> pages;
};
constexpr DialectRow dialects[] = {
    {"epson", Dialect::epson, epson_pages},          {"bixolon", Dialect::bixolon, bixolon_pages},
    {"citizen", Dialect::citizen, citizen_pages},    {"hp", Dialect::hp, hp_pages},
    {"pos-5890", Dialect::pos_5890, pos_5890_pages}, {"star", Dialect::star, star_pages},
    {"xprinter", Dialect::xprinter, xprinter_pages}, {"youku", Dialect::youku, youku_pages},
};

std::string_view name_in(std::span<const PageRow> rows, std::uint8_t number)
{
    const auto row = std::ranges::find(rows, number, &PageRow::number);
    return row == rows.end() ? std::string_view{} : row->name;
}

}  // namespace

const char16_t* find_single_page(std::string_view name)
{
    const std::span all{tables::single_pages, tables::single_pages_count};
    const auto page = std::ranges::find(
        all, name, [](const tables::NamedPage& each) { return std::string_view{each.name}; });
    return page == all.end() ? nullptr : page->upper_half;
}

char32_t pair(PairTable table, std::uint8_t lead, std::uint8_t trail)
{
    std::size_t index = 0;
    if (!pair_index(lead, trail, index)) return 0;
    switch (table) {
        case PairTable::cp932:
            return tables::cp932[index];
        case PairTable::gbk:
            return tables::gbk[index];
        case PairTable::cp949:
            return tables::cp949[index];
        case PairTable::big5:
            return tables::big5[index];
    }
    return 0;
}

char32_t jis_pair(std::uint8_t first, std::uint8_t second)
{
    if (first < 0x21 || first > 0x7E || second < 0x21 || second > 0x7E) return 0;
    const unsigned row = (first - 0x21U) / 2;
    const unsigned lead = row + (row < 31 ? 0x81U : 0xC1U);
    const bool even = (first & 1U) == 0;
    const unsigned trail = even ? second + 0x7EU : second + 0x1FU + (second >= 0x60 ? 1U : 0U);
    return pair(PairTable::cp932, static_cast<std::uint8_t>(lead),
                static_cast<std::uint8_t>(trail));
}

MarkedCharacter shift_jis_2004(std::uint8_t lead, std::uint8_t trail)
{
    std::size_t index = 0;
    if (!pair_index(lead, trail, index)) return {0, 0};
    const std::uint32_t value = tables::shift_jis_2004_table[index];
    const std::uint32_t mark = value >> 21;
    const char32_t combining = mark == 0 ? 0 : mark == 0x7FF ? 0x309A : mark + 0x2E0;
    return {value & 0x1F'FFFF, combining};
}

char32_t gb18030_four(std::uint8_t b1, std::uint8_t b2, std::uint8_t b3, std::uint8_t b4)
{
    const auto digit = [](std::uint8_t b) { return b >= 0x30 && b <= 0x39; };
    if (b1 < 0x81 || b1 > 0xFE || b3 < 0x81 || b3 > 0xFE || !digit(b2) || !digit(b4)) return 0;
    const std::uint32_t linear =
        (((b1 - 0x81U) * 10 + (b2 - 0x30U)) * 126 + (b3 - 0x81U)) * 10 + (b4 - 0x30U);
    constexpr std::uint32_t supplementary = 189'000;  // 90 30 81 30
    if (linear >= supplementary)
        return linear - supplementary < 0x10'0000 ? 0x1'0000 + linear - supplementary : 0;
    if (linear >= 39'420) return 0;

    const std::span all{tables::gb18030_stretches, tables::gb18030_stretches_count};
    const auto next = std::ranges::upper_bound(all, linear, {}, &tables::FourByteStretch::linear);
    const auto& stretch = *(next - 1);
    return stretch.code_point == 0 ? 0 : stretch.code_point + (linear - stretch.linear);
}

char32_t international(std::uint8_t set, char ascii)
{
    const auto place = replaced.find(ascii);
    const auto same = static_cast<char32_t>(static_cast<unsigned char>(ascii));
    if (place == std::string_view::npos || set >= international_sets.size()) return same;
    return international_sets[set][place];
}

bool find_dialect(std::string_view name, Dialect& found)
{
    for (const auto& row : dialects) {
        if (row.name != name) continue;
        found = row.dialect;
        return true;
    }
    return false;
}

std::string_view page_name(Dialect dialect, std::uint8_t number)
{
    for (const auto& row : dialects) {
        if (row.dialect != dialect) continue;
        if (const auto name = name_in(row.pages, number); !name.empty()) return name;
    }
    return dialect == Dialect::hp && number != 0 ? std::string_view{}
                                                 : name_in(common_pages, number);
}

void append_utf8(std::string& text, char32_t code_point)
{
    std::array<char, 4> bytes{};
    std::size_t count = 0;
    const auto put = [&](std::uint32_t byte) { bytes[count++] = static_cast<char>(byte); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x1'0000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
    text.append(bytes.data(), count);
}

}  // namespace raiten::drivers::escpos
