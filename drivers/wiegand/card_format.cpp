#include "drivers/wiegand/card_format.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace raiten::drivers::wiegand {
namespace {

/// Bits that hold an even or odd number of 1s, the parity bit among them. No bits: always right.
struct Parity {
    std::uint64_t mask{};
    bool odd{};
};

/// The card number lies above the lowest bit, the facility above the card number.
struct CardFormat {
    std::size_t bits;
    unsigned facility_bits;
    unsigned number_bits;
    std::size_t facility_digits;
    std::size_t number_digits;
    std::array<Parity, 3> parities;
};

constexpr std::uint64_t run(unsigned highest, unsigned lowest)
{
    return ((std::uint64_t{1} << (highest - lowest + 1)) - 1) << lowest;
}

constexpr std::uint64_t bit(unsigned place)
{
    return std::uint64_t{1} << place;
}

constexpr bool even = false;
constexpr bool odd = true;

constexpr std::array formats{
    CardFormat{26, 8, 16, 3, 5, {{{run(25, 13), even}, {run(12, 0), odd}}}},
    CardFormat{34, 0, 32, 0, 10, {{{run(33, 17), even}, {run(16, 0), odd}}}},
    CardFormat{
        35,
        12,
        20,
        4,
        7,
        {{{bit(33) | 0x1'B6DB'6DB6, even}, {bit(0) | 0x3'6DB6'DB6C, odd}, {run(34, 0), odd}}}},
    CardFormat{37, 16, 19, 5, 7, {{{run(36, 18), even}, {run(18, 0), odd}}}},
    CardFormat{40, 10, 28, 4, 9, {{{run(39, 20), even}, {run(19, 0), even}}}},
    CardFormat{48,
               22,
               23,
               7,
               7,
               {{{bit(46) | 0x1B6D'B6DB'6DB6, even},
                 {bit(0) | 0x36DB'6DB6'DB6C, odd},
                 {run(47, 0), odd}}}},
};

const CardFormat* find_format(std::size_t bits)
{
    const auto found = std::find_if(formats.begin(), formats.end(),
                                    [&](const CardFormat& format) { return format.bits == bits; });
    return found == formats.end() ? nullptr : &*found;
}

std::string in_decimal(std::uint64_t value, std::size_t digits)
{
    const std::string text = digits == 0 ? std::string{} : std::to_string(value);
    return std::string(digits - text.size(), '0') + text;
}

}  // namespace

bool is_known_size(std::size_t count)
{
    return find_format(count) != nullptr;
}

Taken<std::string> card_token(CardBits card)
{
    const CardFormat* format = find_format(card.count);
    if (format == nullptr) return Refusal{"a card of an unknown number of bits"};
    if (card.bits >> format->bits != 0) return Refusal{"more bits than the line says"};
    for (const Parity& parity : format->parities)
        if ((std::popcount(card.bits & parity.mask) % 2 == 1) != parity.odd)
            return Refusal{"a card with a wrong parity"};

    const std::uint64_t number = card.bits >> 1U & (bit(format->number_bits) - 1);
    const std::uint64_t facility =
        card.bits >> (1U + format->number_bits) & (bit(format->facility_bits) - 1);
    return "card:" + in_decimal(facility, format->facility_digits)
           + in_decimal(number, format->number_digits);
}

}  // namespace raiten::drivers::wiegand
