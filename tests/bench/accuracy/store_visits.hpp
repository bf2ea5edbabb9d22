#pragma once

#include "daemon/scoring/propensity.hpp"
#include "tests/bench/accuracy/store_book.hpp"

#include <vector>

namespace raiten::accuracy {

/// The visits that the engine found, in order of settling, as they teach the propensity to buy:
/// what was known at the opening follows from the earlier ones. Zones are not known, since a
/// settled visit does not say when they were.
std::vector<scoring::SettledVisit> store_visits(const StoreBook& book, const VisitRules& rules = {},
                                                const StoreClock& clock = {});

}  // namespace raiten::accuracy
