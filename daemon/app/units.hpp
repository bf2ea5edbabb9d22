#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::app {

/// "10min", "90s", "12h", "90d", "250ms", "1h30min": whole numbers, each unit (d h min s ms) at
/// most once and the larger first, never negative, at most 100 years.
Result<Millis> parse_duration(std::string_view text);
std::string duration_text(Millis span);  ///< the same notation: "1h30min", "0s"

/// "-80dBm": a signal strength, from -127 to 20.
Result<int> parse_level(std::string_view text);
/// "6dB": a difference of two signal strengths, from 0 to 100.
Result<int> parse_level_difference(std::string_view text);

/// "64KiB", "2GiB", "512B"; powers of 1024, at most 1024 TiB.
Result<std::int64_t> parse_size(std::string_view text);
std::string size_text(std::int64_t bytes);  ///< in the largest unit that divides it

/// "04:30": minutes since local midnight.
Result<std::chrono::minutes> parse_time_of_day(std::string_view text);
std::string time_of_day_text(std::chrono::minutes since_midnight);

}  // namespace raiten::app
