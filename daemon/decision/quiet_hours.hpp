#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/rules.hpp"

#include <optional>

namespace raiten {

/// Whether nobody is bothered at that moment, by what the store's wall clock shows: from `from`
/// until before `to`, over midnight where `to` is before `from`; never where they are equal. Times
/// are taken within a day, so 24:00 is 0:00. An hour that comes twice is quiet twice, one that is
/// skipped not at all.
bool is_quiet(const QuietHours& hours, Instant at, const StoreClock& clock);

/// The first moment after `at` that is not quiet; nothing if `at` is not quiet itself.
std::optional<Instant> quiet_until(const QuietHours& hours, Instant at, const StoreClock& clock);

}  // namespace raiten
