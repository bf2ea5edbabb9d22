#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

#include <map>
#include <string>

/// How campaigns stand: what their coupons used up, and what HQ leased.
namespace raiten::ledger {

void put_lease(Database& database, const LeaseRow& lease);
/// By campaign; of all that have a coupon or a lease.
std::map<std::string, Decisions::Recalled> standings(Database& database, Instant now);

}  // namespace raiten::ledger
