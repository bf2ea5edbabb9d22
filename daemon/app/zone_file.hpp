#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace raiten::app {

/// All IANA names that this machine knows (tzdata), ascending; empty where tzdata is missing.
/// Read once.
const std::vector<std::string>& zone_names();

/// UTC offsets from a TZif file (RFC 9636, version 2 or later) from 1970 to 2100: transitions as
/// listed, then by the footer's rule. Offsets that are no whole minutes (before 1972) are cut.
/// Equal neighbours are merged; the first entry starts at Instant::min().
Result<std::vector<StoreClock::Offset>> parse_zone_file(std::string_view bytes);

}  // namespace raiten::app
