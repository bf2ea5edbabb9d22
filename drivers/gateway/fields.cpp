#include "drivers/gateway/fields.hpp"

#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace raiten::drivers::gateway {
namespace {

using nlohmann::json;

constexpr double year_2000_ms = 946'684'800'000.0;
constexpr double year_9999_ms = 253'402'300'799'999.0;

std::optional<double> number_of(std::string_view text)
{
    double value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

std::string_view text_in(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string()
               ? std::string_view{found->get_ref<const std::string&>()}
               : std::string_view{};
}

std::optional<double> number_in(const json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    if (found->is_number()) return found->get<double>();
    if (found->is_string()) return number_of(found->get_ref<const std::string&>());
    return std::nullopt;
}

std::optional<std::uint32_t> count_in(const json& object, const char* key, std::uint32_t max)
{
    const auto value = number_in(object, key);
    if (!value || !(*value >= 0) || *value > max || std::floor(*value) != *value)
        return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<int> believable_rssi(double dbm)
{
    constexpr double weakest = -126.5;
    constexpr double strongest = -0.5;
    if (!(dbm > weakest && dbm < strongest)) return std::nullopt;
    return static_cast<int>(std::lround(dbm));
}

std::optional<int> rssi_in(const json& object, const char* key)
{
    const auto value = number_in(object, key);
    return value ? believable_rssi(*value) : std::nullopt;
}

std::optional<ToldTime> told_time(double ms)
{
    if (!(ms >= year_2000_ms && ms <= year_9999_ms)) return std::nullopt;
    return ToldTime{Instant{Millis{std::llround(ms)}}, false};
}

std::optional<ToldTime> time_in(const json& object, const char* key, Ticks ticks)
{
    if (const auto number = number_in(object, key))
        return told_time(ticks == Ticks::seconds ? *number * 1'000 : *number);
    const auto instant = parse_instant(text_in(object, key));
    if (!instant.has_value()) return std::nullopt;
    return told_time(static_cast<double>(instant.value().time_since_epoch().count()));
}

}  // namespace raiten::drivers::gateway
