#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/ids.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// What came of one decision.
namespace raiten::ledger {

/// A decision and its outcome: what the member did from the decision until it expired, whether the
/// offer was given or withheld. Reckoned each time from the visits as they are now, so voids and
/// amendments are always in it.
struct PastDecision {
    CouponId id;
    MemberId member;
    std::string member_name;
    Instant decided_at;
    Instant expires_at;
    bool withheld{};
    std::string offer;         ///< code of the arm; empty when withheld
    double arm_probability{};  ///< of this arm, had it not been withheld
    double control{};          ///< share of members from whom it was withheld
    std::optional<double> uplift;
    std::vector<double> features;  ///< of the member then; empty where the campaign kept none
    Money cost;                    ///< reserved for it; spent only where it was redeemed
    bool redeemed{};

    // The outcome, of receipts with a time in (decided_at, expires_at]:
    bool bought{};   ///< by a receipt that stands, of a settled visit whose purchase is certain
    Money spent;     ///< by those receipts, less what was undone
    bool guessed{};  ///< there is a purchase that is only guessed: it is in neither of the two
    bool partly_blind{};  ///< a visit within [decided_at, expires_at] was partly blind
};

/// Of one visit, what outcomes ask for.
struct OutcomeVisit {
    Instant opened_at, left_at;
    bool settled{};
    bool uncertain{};
    bool partly_blind{};
    std::vector<VisitReceipt> receipts;
};

/// Fills in the outcome from the member's visits, in any order, without withdrawn ones; false, and
/// nothing is filled in, while one of them that was opened before the end is not settled.
bool find_outcome(PastDecision& decision, std::span<const OutcomeVisit> visits);

/// Visits that were opened before are settled at `now` and will hardly be amended any more: that is
/// the time up to which outcomes are asked for.
Instant outcomes_settled_by(Instant now, const VisitRules& rules);

}  // namespace raiten::ledger
