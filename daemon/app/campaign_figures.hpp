#pragma once

#include "daemon/base/result.hpp"
#include "daemon/decision/effect.hpp"
#include "daemon/decision/sequential.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/model/rules.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

/// What a campaign changed, by all decisions of the ledger whose outcome is known.
struct CampaignFigures {
    std::string campaign;
    ledger::DecisionCounts counts;
    std::uint64_t decisions{};  ///< that the figures are of

    // Left out of them, with a known outcome:
    std::uint64_t partly_blind{};   ///< a visit meanwhile was blind for more than a fifth of it
    std::uint64_t guessed{};        ///< whether something was bought is only guessed
    std::uint64_t changed_group{};  ///< in another group than the member's first decision
    /// Members in no result, visits that are no longer kept or still not settled.
    std::uint64_t unknown() const;

    decision::CampaignEffect effect;
    decision::LookSoFar look;
    std::optional<Problem> trouble;  ///< why there is neither
};

/// Of all campaigns that were asked about, at one moment.
struct CampaignsFigures {
    Instant as_of;           ///< the ledger's own time
    Instant settled_before;  ///< decisions that were over by then count, the others are pending
    std::vector<CampaignFigures> campaigns;
};

/// Where a member's bought and spent come from: ledger/decision_history.hpp. However long that
/// takes: not for the loop. Memory: 48 bytes a member of one campaign, and what each_decision says.
/// A Problem where the ledger cannot be read, or `cancelled` came true meanwhile.
Result<CampaignsFigures> campaigns_figures(ledger::Histories& past,
                                           const std::vector<std::string>& campaigns,
                                           const VisitRules& rules, const StoreClock& clock,
                                           const std::atomic<bool>& cancelled);

/// {"as_of", "settled_before", "campaigns": {ID: {"states", "effect"}}}, as GET /api/v1/campaigns
/// shows them. Where the sample ratio is off, the groups' outcomes are not told either.
std::string campaigns_figures_json(const CampaignsFigures& figures, const std::string& currency,
                                   const StoreClock& clock);

}  // namespace raiten::app
