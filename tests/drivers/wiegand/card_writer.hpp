#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::test {

/// A card format as data sheets draw it: one letter a bit. F facility, C or N card number, P
/// parity; below it one row for each parity bit in the order in which they are computed: E (even)
/// or O (odd) where the bit is, X where it looks.
struct CardPicture {
    std::string name;
    std::string fields;
    std::vector<std::string> parities;
    std::size_t facility_digits;
    std::size_t number_digits;
};

inline std::string times(std::size_t count, std::string_view text)
{
    std::string out;
    for (; count > 0; --count) out += text;
    return out;
}

inline std::vector<CardPicture> card_pictures()
{
    const auto x = [](std::size_t count) { return times(count, "X"); };
    const auto dots = [](std::size_t count) { return times(count, "."); };
    return {
        {"H10301",
         "P" + times(8, "F") + times(16, "C") + "P",
         {"E" + x(12) + dots(13), dots(13) + x(12) + "O"},
         3,
         5},
        {"34 bits",
         "P" + times(32, "N") + "P",
         {"E" + x(16) + dots(17), dots(17) + x(16) + "O"},
         0,
         10},
        {"C1k35s",
         "PP" + times(12, "F") + times(20, "C") + "P",
         {".E" + times(11, "XX."), "." + times(11, "XX.") + "O", "O" + x(34)},
         4,
         7},
        {"H10304",
         "P" + times(16, "F") + times(19, "C") + "P",
         {"E" + x(18) + dots(18), dots(18) + x(18) + "O"},
         5,
         7},
        {"Verkada40",
         "P" + times(10, "F") + times(28, "C") + "P",
         {"E" + x(19) + dots(20), dots(20) + x(19) + "E"},
         4,
         9},
        {"C1k48s",
         "PP" + times(22, "F") + times(23, "C") + "P",
         {".E" + times(15, ".XX") + ".", ".." + times(15, "XX.") + "O", "O" + x(47)},
         7,
         7},
    };
}

inline const CardPicture& picture_of(const std::vector<CardPicture>& pictures,
                                     const std::string& name)
{
    for (const CardPicture& picture : pictures)
        if (picture.name == name) return picture;
    throw std::invalid_argument{"no card format " + name};
}

inline std::size_t width_of(const CardPicture& picture, std::string_view letters)
{
    std::size_t width = 0;
    for (const char c : picture.fields)
        if (letters.find(c) != std::string_view::npos) ++width;
    return width;
}

/// The card as 0s and 1s.
inline std::string written(const CardPicture& picture, std::uint64_t facility, std::uint64_t number)
{
    std::string bits = picture.fields;
    for (std::size_t i = bits.size(); i-- > 0;) {
        std::uint64_t* field = bits[i] == 'F' ? &facility : &number;
        if (bits[i] == 'P') {
            bits[i] = '0';
            continue;
        }
        bits[i] = *field % 2 == 1 ? '1' : '0';
        *field /= 2;
    }
    for (const std::string& row : picture.parities) {
        bool odd = false;
        for (std::size_t i = 0; i < row.size(); ++i)
            if (row[i] == 'X' && bits[i] == '1') odd = !odd;
        const std::size_t even_bit = row.find('E');
        if (even_bit != std::string::npos)
            bits[even_bit] = odd ? '1' : '0';
        else
            bits[row.find('O')] = odd ? '0' : '1';
    }
    return bits;
}

inline std::string token_of(const CardPicture& picture, std::uint64_t facility,
                            std::uint64_t number)
{
    const auto padded = [](std::uint64_t value, std::size_t digits) {
        const std::string text = digits == 0 ? "" : std::to_string(value);
        return std::string(digits - text.size(), '0') + text;
    };
    return "card:" + padded(facility, picture.facility_digits)
           + padded(number, picture.number_digits);
}

}  // namespace raiten::test
