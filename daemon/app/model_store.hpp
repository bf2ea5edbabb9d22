#pragma once

#include "daemon/ledger/rows.hpp"
#include "daemon/scoring/training.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Models as the ledger keeps them: each kind on its own, with parameters that people can read.
namespace raiten::app {

/// What a night came to, with all its models there: a row for each kind; one that was not taken
/// says why.
std::vector<ledger::ModelRow> model_rows(const scoring::Trained& trained,
                                         const scoring::Models& models, Instant made_at);

/// What a campaign learned of its offer, of the kind "uplift:CAMPAIGN".
ledger::ModelRow uplift_row(const std::string& campaign, const scoring::CampaignUplift& learned,
                            const scoring::Verdict& verdict);

/// The newest accepted row of a kind.
using FindModel = std::function<Result<std::optional<ledger::ModelRow>>(const std::string& kind)>;

/// The models in force, as the rows say; nothing if no night has been. What cannot be used (made by
/// another version of the program) is left out, and the next night makes it anew. `campaigns`:
/// those that learn their effect.
Result<std::optional<scoring::Models>> models_in_force(const FindModel& find,
                                                       const scoring::CardRules& rules,
                                                       const std::set<std::string>& campaigns = {});

}  // namespace raiten::app
