#include "daemon/base/money.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace raiten {
namespace {

constexpr int scale_digits = 4;
constexpr std::size_t whole_digits_max = 14;

bool all_digits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Money> Money::parse(std::string_view text)
{
    const auto wrong = [&](std::string why) {
        return Problem{
            "not an amount: '" + std::string{text.substr(0, 32)} + "'", {}, std::move(why)};
    };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);

    const auto point = rest.find('.');
    const auto whole = rest.substr(0, point);
    const auto part = point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1);
    if (whole.empty() || !all_digits(whole) || !all_digits(part)
        || (point != std::string_view::npos && part.empty())) {
        return wrong("write a decimal number such as 1280 or 12.50");
    }
    if (whole.size() > whole_digits_max) return wrong("at most 14 digits before the point");
    if (part.size() > scale_digits) return wrong("at most four decimals");

    std::int64_t n = 0;
    for (const char c : whole) n = n * 10 + (c - '0');
    for (std::size_t i = 0; i < scale_digits; ++i)
        n = n * 10 + (i < part.size() ? part[i] - '0' : 0);
    return Money{negative ? -n : n};
}

std::string Money::text(int decimals_min) const
{
    const auto magnitude = static_cast<std::uint64_t>(std::llabs(ten_thousandths_));
    std::string part = std::to_string(magnitude % per_unit);
    part.insert(0, static_cast<std::size_t>(scale_digits) - part.size(), '0');
    while (static_cast<int>(part.size()) > decimals_min && !part.empty() && part.back() == '0')
        part.pop_back();

    std::string out = ten_thousandths_ < 0 ? "-" : "";
    out += std::to_string(magnitude / per_unit);
    if (!part.empty()) out += "." + part;
    return out;
}

int currency_decimals(std::string_view currency)
{
    constexpr std::array none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                              "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
    constexpr std::array three{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    constexpr std::array four{"CLF", "UYW"};
    const auto is = [&](const char* code) { return currency == code; };
    if (std::any_of(none.begin(), none.end(), is)) return 0;
    if (std::any_of(three.begin(), three.end(), is)) return 3;
    if (std::any_of(four.begin(), four.end(), is)) return 4;
    return 2;
}

}  // namespace raiten
