#include "daemon/app/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace raiten::app {
namespace {

using namespace std::chrono;

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 5> spans{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 5> sizes{
    {{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}, {"B", 1}}};

constexpr std::int64_t span_max = 36'525LL * 86'400'000;
constexpr std::int64_t size_max = 1LL << 50;

std::string shown(std::string_view text)
{
    return "'" + std::string{text.substr(0, 40)} + "'";
}

/// Takes the digits at the front; nothing where there are none or too many.
std::optional<std::int64_t> take_number(std::string_view& text)
{
    std::int64_t value{};
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
}

/// Takes the letters at the front.
std::string_view take_unit(std::string_view& text)
{
    std::size_t n = 0;
    while (n < text.size() && (text[n] < '0' || text[n] > '9')) ++n;
    const auto unit = text.substr(0, n);
    text.remove_prefix(n);
    return unit;
}

bool all_digits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Problem not_a_duration(std::string_view text)
{
    if (all_digits(text))
        return Problem{shown(text) + " has no unit",
                       {},
                       "write \"" + std::string{text.substr(0, 12)} + "s\" or \""
                           + std::string{text.substr(0, 12)} + "min\", whichever is meant"};
    return Problem{shown(text) + " is not a duration",
                   {},
                   "write whole numbers with the units d, h, min, s, ms, the larger first, "
                   "such as \"10min\" or \"1h30min\""};
}

Result<int> parse_decibels(std::string_view text, std::string_view unit, int least, int most)
{
    int value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const std::string_view rest{stop, static_cast<std::size_t>(end - stop)};
    if (error != std::errc{} || rest != unit || value < least || value > most)
        return Problem{shown(text) + " is not a level in " + std::string{unit},
                       {},
                       "write a whole number from " + std::to_string(least) + " to "
                           + std::to_string(most) + " with its unit, such as \""
                           + (unit == "dBm" ? "-80dBm" : "6dB") + "\""};
    return value;
}

std::string padded(std::int64_t value)
{
    return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

Result<Millis> parse_duration(std::string_view text)
{
    std::int64_t sum = 0;
    std::size_t next_unit = 0;
    auto rest = text;
    do {
        const auto number = take_number(rest);
        const auto name = take_unit(rest);
        while (next_unit < spans.size() && spans[next_unit].name != name) ++next_unit;
        if (!number || next_unit == spans.size()) return not_a_duration(text);
        const auto factor = spans[next_unit++].factor;
        if (*number > (span_max - sum) / factor)
            return Problem{shown(text) + " is more than 100 years"};
        sum += *number * factor;
    } while (!rest.empty());
    return Millis{sum};
}

std::string duration_text(Millis span)
{
    std::string out;
    auto rest = span.count();
    for (const auto& unit : spans) {
        if (rest >= unit.factor) out.append(std::to_string(rest / unit.factor)).append(unit.name);
        rest %= unit.factor;
    }
    return out.empty() ? "0s" : out;
}

Result<int> parse_level(std::string_view text)
{
    return parse_decibels(text, "dBm", -127, 20);
}

Result<int> parse_level_difference(std::string_view text)
{
    return parse_decibels(text, "dB", -100, 100);
}

Result<std::int64_t> parse_size(std::string_view text)
{
    auto rest = text;
    const auto number = take_number(rest);
    for (const auto& unit : sizes)
        if (number && rest == unit.name && *number <= size_max / unit.factor)
            return *number * unit.factor;
    return Problem{shown(text) + " is not a size",
                   {},
                   "write a whole number with B, KiB, MiB, GiB or TiB, such as \"64KiB\""};
}

std::string size_text(std::int64_t bytes)
{
    for (const auto& unit : sizes)
        if (bytes >= unit.factor && bytes % unit.factor == 0)
            return std::to_string(bytes / unit.factor) + std::string{unit.name};
    return std::to_string(bytes) + "B";
}

Result<minutes> parse_time_of_day(std::string_view text)
{
    auto rest = text;
    const auto hour = take_number(rest);
    const bool colon = !rest.empty() && rest[0] == ':';
    if (colon) rest.remove_prefix(1);
    const auto minute = take_number(rest);
    if (text.size() != 5 || !hour || !colon || !minute || !rest.empty() || *hour > 23
        || *minute > 59)
        return Problem{shown(text) + " is not a time of day",
                       {},
                       "write hours and minutes, such as \"04:00\""};
    return minutes{*hour * 60 + *minute};
}

std::string time_of_day_text(minutes since_midnight)
{
    return padded(since_midnight.count() / 60) + ":" + padded(since_midnight.count() % 60);
}

}  // namespace raiten::app
