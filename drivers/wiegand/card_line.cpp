#include "drivers/wiegand/card_line.hpp"

#include "drivers/wiegand/card_format.hpp"

#include <bit>
#include <charconv>
#include <optional>

namespace raiten::drivers::wiegand {
namespace {

constexpr std::size_t hex_digits_max = 16;

template <class Number>
std::optional<Number> number_from(std::string_view digits, int base)
{
    Number value{};
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> hex_from(std::string_view digits)
{
    if (digits.size() > hex_digits_max) return std::nullopt;
    return number_from<std::uint64_t>(digits, 16);
}

bool has_header(std::uint64_t value)
{
    constexpr unsigned hid_header_bit = 37;
    return std::bit_width(value) == hid_header_bit + 1;
}

/// What lies below the mark, which is the highest 1 but for the header.
CardBits below_mark(std::uint64_t value)
{
    if (has_header(value)) value ^= std::bit_floor(value);
    if (value == 0) return {};
    const std::uint64_t mark = std::bit_floor(value);
    return {static_cast<std::size_t>(std::bit_width(mark)) - 1, value ^ mark};
}

Taken<std::string> read_counted(std::string_view count, std::string_view digits)
{
    const auto bits = number_from<unsigned>(count, 10);
    const auto value = hex_from(digits);
    if (!bits || !value) return Refusal{"a line that is no card"};
    const CardBits marked = below_mark(*value);
    return card_token(marked.count == *bits ? marked : CardBits{*bits, *value});
}

Taken<std::string> read_hex(std::string_view digits)
{
    const auto value = hex_from(digits);
    if (!value) return Refusal{"a line that is no card"};
    const CardBits marked = below_mark(*value);
    const CardBits whole{4 * digits.size(), *value};
    if (!is_known_size(whole.count)) return card_token(marked);
    if (!is_known_size(marked.count)) return card_token(whole);
    // Ten digits are how raw HID data of 26 to 36 bits is printed: its header says enough.
    if (has_header(*value)) return card_token(marked);

    auto by_mark = card_token(marked);
    auto as_whole = card_token(whole);
    if (by_mark.has_value() && as_whole.has_value())
        return Refusal{"a card that could be of two formats"};
    return as_whole.has_value() ? as_whole : by_mark;
}

}  // namespace

Taken<std::string> read_card_line(std::string_view line)
{
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
        return read_counted(line.substr(0, colon), line.substr(colon + 1));
    if (line.size() <= hex_digits_max) return read_hex(line);
    const auto bits = number_from<std::uint64_t>(line, 2);
    if (!bits) return Refusal{"a line that is no card"};
    return card_token({line.size(), *bits});
}

}  // namespace raiten::drivers::wiegand
