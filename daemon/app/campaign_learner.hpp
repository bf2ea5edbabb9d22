#pragma once

#include "daemon/app/night.hpp"
#include "daemon/ledger/rows.hpp"
#include "daemon/scoring/models.hpp"

#include <functional>
#include <string>
#include <vector>

namespace raiten::app {

/// Learns the effect of each campaign with a target from its decisions, given and withheld alike,
/// whose outcomes have settled by `at`; at most offer_sample_max of each, and nothing where they do
/// not carry an average. What may take the place of the last model goes into `models`; the others
/// stay for ledger::uplift_kept, also of campaigns that are gone. A row for each that was learned
/// goes to the end of `rows`, also where it was not taken. `go_on` says false where the night has
/// to be broken off: then false comes back.
Result<bool> learn_campaigns(Past& past, const NightRules& rules, Instant at,
                             const scoring::Models* last, scoring::Models& models,
                             std::vector<ledger::ModelRow>& rows,
                             const std::function<bool()>& go_on);

}  // namespace raiten::app
