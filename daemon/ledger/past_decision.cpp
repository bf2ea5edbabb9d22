#include "daemon/ledger/past_decision.hpp"

#include <algorithm>

namespace raiten::ledger {

bool find_outcome(PastDecision& decision, std::span<const OutcomeVisit> visits)
{
    const auto until = decision.expires_at;
    if (std::any_of(visits.begin(), visits.end(), [&](const OutcomeVisit& visit) {
            return !visit.settled && visit.opened_at <= until;
        }))
        return false;
    for (const auto& visit : visits) {
        if (visit.partly_blind && visit.opened_at <= until && visit.left_at >= decision.decided_at)
            decision.partly_blind = true;
        for (const auto& receipt : visit.receipts) {
            if (!receipt.counts() || receipt.at <= decision.decided_at || receipt.at > until)
                continue;
            if (visit.uncertain) {
                decision.guessed = true;
                continue;
            }
            decision.bought = true;
            decision.spent += receipt.total - receipt.undone;
        }
    }
    return true;
}

Instant outcomes_settled_by(Instant now, const VisitRules& rules)
{
    return now
           - (rules.max_visit + rules.settle_grace + rules.lateness + rules.late_receipt
              + rules.receipt_slack);
}

}  // namespace raiten::ledger
