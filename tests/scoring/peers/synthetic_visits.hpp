#pragma once

#include "daemon/scoring/propensity.hpp"
#include "tests/scoring/peers/table.hpp"

#include <vector>

namespace raiten::peers {

/// The synthetic log of an online shop, event by event, as visits in a store: a session is a visit,
/// a kind of page a zone, `payment_details` the register, `purchase` the receipt. In order of
/// settling. What the log says of users beforehand is left out.
std::vector<scoring::SettledVisit> synthetic_visits(const Table& events);

}  // namespace raiten::peers
