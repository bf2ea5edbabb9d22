#include "drivers/scanner/part_check.hpp"

#include "drivers/scanner/check_digit.hpp"
#include "drivers/scanner/element_string.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace raiten::drivers::gs1 {
namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}
bool is_letter(char c)
{
    return is_capital(c) || (c >= 'a' && c <= 'z');
}
bool is_one_of(char c, std::string_view set)
{
    return set.find(c) != std::string_view::npos;
}

/// The character sets of the General Specifications, 7.11.
bool in_set(char kind, char c)
{
    switch (kind) {
        case 'N':
            return is_digit(c);
        case 'X':
            return is_digit(c) || is_letter(c) || is_one_of(c, "!\"%&'()*+,-./:;<=>?_");
        case 'Y':
            return is_digit(c) || is_capital(c) || is_one_of(c, "#-/");
        case 'Z':
            return is_digit(c) || is_letter(c) || is_one_of(c, "-_=");
        default:
            return false;
    }
}

/// Of at most ten digits.
std::uint64_t number_of(std::string_view digits)
{
    std::uint64_t number = 0;
    for (const char c : digits) number = number * 10 + static_cast<std::uint64_t>(c - '0');
    return number;
}

bool is_zero(std::string_view digits)
{
    return digits.find_first_not_of('0') == std::string_view::npos;
}

/// YYMMDD. The century is not told; a leap day is taken in every fourth year, as both 1900, the
/// only exception, and its century's other dates are out of use.
bool is_date(std::string_view text, bool month_only)
{
    constexpr std::array<unsigned, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const auto year = number_of(text.substr(0, 2));
    const auto month = number_of(text.substr(2, 2));
    const auto day = number_of(text.substr(4, 2));
    if (month < 1 || month > 12) return false;
    if (day == 0) return month_only;
    if (month == 2 && year % 4 != 0) return day <= 28;
    return day <= days[month - 1];
}

bool is_percent_encoded(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') continue;
        const std::string_view hex = text.substr(i + 1, 2);
        const bool good = hex.size() == 2 && std::all_of(hex.begin(), hex.end(), [](char c) {
                              return is_digit(c) || is_one_of(c, "ABCDEFabcdef");
                          });
        if (!good) return false;
    }
    return true;
}

bool is_piece(std::string_view text)
{
    const auto piece = number_of(text.substr(0, 2));
    return piece > 0 && piece <= number_of(text.substr(2, 2));
}

bool holds(Check check, std::string_view text)
{
    switch (check) {
        case Check::none:
            return true;
        case Check::check_digit:
            return has_check_digit(text);
        case Check::date:
            return is_date(text, false);
        case Check::date_or_month:
            return is_date(text, true);
        case Check::date_hour:
            return is_date(text.substr(0, 6), false) && number_of(text.substr(6)) <= 23;
        case Check::hour_minute:
            return number_of(text.substr(0, 2)) <= 23 && number_of(text.substr(2)) <= 59;
        case Check::minute_second:
            return text.size() % 2 == 0 && number_of(text.substr(0, 2)) <= 59
                   && number_of(text.substr(2)) <= 59;
        case Check::key:
            return text.size() >= 4 && all_digits(text.substr(0, 4));
        case Check::zero:
            return is_zero(text);
        case Check::nonzero:
            return !is_zero(text);
        case Check::no_leading_zero:
            return text[0] != '0' || text.size() == 1;
        case Check::yes_no:
            return text == "0" || text == "1";
        case Check::winding:
            return text == "0" || text == "1" || text == "9";
        case Check::piece:
            return is_piece(text);
        case Check::latitude:
            return number_of(text) <= 1'800'000'000;
        case Check::longitude:
            return number_of(text) <= 3'600'000'000;
        case Check::percent:
            return is_percent_encoded(text);
        case Check::hyphen:
            return text == "-";
    }
    return false;
}

}  // namespace

Taken<bool> check_part(const Part& part, std::string_view text)
{
    const bool readable =
        std::all_of(text.begin(), text.end(), [&](char c) { return in_set(part.kind, c); });
    if (!readable) return Refusal{"a GS1 value with a character that it cannot have"};
    if (holds(part.check, text)) return true;
    if (part.check == Check::check_digit) return wrong_check_digit;
    return Refusal{"a GS1 value that cannot be"};
}

}  // namespace raiten::drivers::gs1
