#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What came of a campaign's decisions: read only.
namespace raiten::ledger {

class Database;

/// One decision, and what its member bought after it while the coupon was valid, or would have
/// been where it was withheld.
struct DecisionOutcome {
    MemberId member;
    std::string offer;         ///< code of the arm; empty where it was withheld
    double arm_probability{};  ///< of that arm, had it not been withheld
    double control{};          ///< share withheld then; 0 also where it was not kept yet
    Instant decided_at;
    Instant expires_at;
    bool left_out{};   ///< whose decision it was is in no result: staff, equipment, no consent
    bool unsettled{};  ///< a visit in that time has not settled
    bool uncertain{};  ///< something was bought of which it is not sure who bought it
    bool bought{};
    Money spend;  ///< what stands of the receipts in (decided_at, expires_at]
};

/// Of a campaign with more decisions the oldest are left out.
inline constexpr std::size_t outcomes_max = 500'000;

/// Ascending by member, then by decision. Visits that are no longer kept are taken as if they had
/// not been: retention of visits is to be longer than that of what is asked for.
std::vector<DecisionOutcome> outcomes_of(Database& database, const std::string& campaign);

}  // namespace raiten::ledger
