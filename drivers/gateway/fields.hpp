#pragma once

#include "drivers/ble/hci.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading what gateways put into JSON, in all the ways they write it. A field that is missing, of
/// another type, or out of range is nothing.
namespace raiten::drivers::gateway {

std::string_view text_in(const nlohmann::json& object, const char* key);  ///< or empty
/// A number, or a text that is one.
std::optional<double> number_in(const nlohmann::json& object, const char* key);
/// A whole number from 0 to `max`.
std::optional<std::uint32_t> count_in(const nlohmann::json& object, const char* key,
                                      std::uint32_t max);

/// -126 to -1 dBm, rounded. 127, 0 and above mean "not known", as do -127 and -128.
std::optional<int> rssi_in(const nlohmann::json& object, const char* key);
std::optional<int> believable_rssi(double dbm);

/// ISO 8601 with an offset, or so many ticks since 1970. Nothing before 2000: such a clock has not
/// been set.
enum class Ticks : std::uint8_t { seconds, milliseconds };
std::optional<ToldTime> time_in(const nlohmann::json& object, const char* key, Ticks ticks);
std::optional<ToldTime> told_time(double milliseconds_since_1970);

}  // namespace raiten::drivers::gateway
