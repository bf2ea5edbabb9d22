#include "drivers/xml/encodings.hpp"

#include "drivers/escpos/code_pages.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace raiten::drivers::xml {
namespace {

using escpos::PairTable;

constexpr int two_bytes = -2;
constexpr int three_bytes = -3;
constexpr int nothing = -1;
constexpr int unknown_character = 0xFFFD;

std::uint8_t at(const char* bytes, int n)
{
    return static_cast<std::uint8_t>(bytes[n]);
}

template <PairTable table>
int pair_of(void*, const char* bytes)
{
    const std::uint8_t trail = at(bytes, 1);
    if (trail < 0x40 || trail == 0x7F || trail == 0xFF) return nothing;
    const char32_t found = escpos::pair(table, at(bytes, 0), trail);
    return found == 0 ? unknown_character : static_cast<int>(found);
}

int euc_jp(void*, const char* bytes)
{
    const std::uint8_t lead = at(bytes, 0);
    const std::uint8_t trail = at(bytes, 1);
    if (trail < 0xA1 || trail == 0xFF) return nothing;
    if (lead == 0x8E) return trail <= 0xDF ? 0xFF61 + (trail - 0xA1) : nothing;
    if (lead == 0x8F) return unknown_character;  // JIS X 0212: no table
    const auto seven = [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte & 0x7FU); };
    const char32_t found = escpos::jis_pair(seven(lead), seven(trail));
    return found == 0 ? unknown_character : static_cast<int>(found);
}

/// "Windows-1252" -> "windows1252"
std::string plain(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    return out;
}

struct Pairs {
    std::array<std::string_view, 6> names;
    int (*convert)(void*, const char*);
    std::uint8_t lead_first, lead_last;
};

constexpr std::array pair_encodings{
    Pairs{{"shiftjis", "sjis", "xsjis", "windows31j", "cp932", "ms932"},
          pair_of<PairTable::cp932>,
          0x81,
          0xFC},
    Pairs{{"eucjp", "xeucjp"}, euc_jp, 0xA1, 0xFE},
    Pairs{{"euckr", "ksc56011987", "cp949", "uhc"}, pair_of<PairTable::cp949>, 0x81, 0xFE},
    Pairs{{"gbk", "gb2312", "cp936"}, pair_of<PairTable::gbk>, 0x81, 0xFE},
    Pairs{{"big5", "cp950"}, pair_of<PairTable::big5>, 0x81, 0xFE},
};

void ascii_only(ByteMap& encoding)
{
    for (std::size_t n = 0; n < 256; ++n)
        encoding.map[n] = n < 0x80 ? static_cast<int>(n) : nothing;
    encoding.convert = nullptr;
}

void describe(const Pairs& pairs, ByteMap& encoding)
{
    for (std::size_t n = pairs.lead_first; n <= pairs.lead_last; ++n) encoding.map[n] = two_bytes;
    if (pairs.convert == &euc_jp) {
        encoding.map[0x8E] = two_bytes;
        encoding.map[0x8F] = three_bytes;
    }
    if (pairs.convert == &pair_of<PairTable::cp932>)
        for (std::size_t n = 0xA1; n <= 0xDF; ++n)
            encoding.map[n] = 0xFF61 + static_cast<int>(n - 0xA1);
    encoding.convert = pairs.convert;
}

/// The name under which code_pages knows it.
std::string page_name(const std::string& name)
{
    constexpr std::string_view iso = "iso8859";
    if (name.starts_with(iso)) return "iso8859-" + name.substr(iso.size());
    if (name.starts_with("cp125")) return "windows" + name.substr(2);
    if (name.starts_with("ibm")) return "cp" + name.substr(3);
    return name;
}

}  // namespace

bool describe_encoding(std::string_view name, ByteMap& encoding)
{
    ascii_only(encoding);
    const std::string wanted = plain(name);
    if (wanted.empty()) return false;
    for (const auto& pairs : pair_encodings) {
        if (std::find(pairs.names.begin(), pairs.names.end(), wanted) == pairs.names.end())
            continue;
        describe(pairs, encoding);
        return true;
    }
    const char16_t* page = escpos::find_single_page(page_name(wanted));
    if (page == nullptr) return false;
    for (std::size_t n = 0; n < 128; ++n)
        if (page[n] != 0) encoding.map[0x80 + n] = page[n];
    return true;
}

}  // namespace raiten::drivers::xml
