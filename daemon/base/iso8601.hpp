#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <string>
#include <string_view>

namespace raiten {

/// RFC 3339: "2026-11-22T10:00:00.120+09:00", "…Z"; the offset is required, the fraction is
/// cut to milliseconds. Years 1970 to 9999. A leap second counts as the next minute's start.
Result<Instant> parse_instant(std::string_view text);

/// With milliseconds, in the zone that is `offset` ahead of UTC ("Z" is never written).
std::string format_instant(Instant at, std::chrono::minutes offset);

/// "2026-11-22".
std::string format_day(std::chrono::sys_days day);

}  // namespace raiten
