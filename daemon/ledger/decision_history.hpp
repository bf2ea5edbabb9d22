#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/ledger/past_decision.hpp"

#include <functional>
#include <string>

/// What came of a campaign's decisions.
namespace raiten::ledger {

class Database;

/// Every decision of the campaign that was not revoked, whose time was over before `settled_before`
/// and whose outcome is known, ascending by member and then in order of decision, until `take` says
/// false. Left out: members who are in no result (MemberRecord::left_out()), and decisions with a
/// visit that is still not settled or no longer kept. Memory: one member's decisions and visits,
/// and about 20 bytes a decision for their order.
void each_decision(Database& database, const std::string& campaign, Instant settled_before,
                   const std::function<bool(const PastDecision&)>& take);

}  // namespace raiten::ledger
