#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/campaign.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::app {

/// Compiles a `where` expression; the ledger does that, by SQLite itself.
using WhereChecker = std::function<Result<void>(const std::string& where)>;

inline constexpr std::size_t campaign_bytes_max = 64 * 1024;
inline constexpr std::size_t campaign_offers_max = 16;

/// A campaign, or everything that is wrong with it: each problem's `where` is a JSON pointer
/// ("/offers/0/code"), or "line:column" where the text is no JSON.
struct CampaignRead {
    std::optional<Campaign> campaign;
    std::vector<Problem> problems;
};

/// JSON as in config/campaign.schema.json: durations and money are strings, unknown and repeated
/// keys are refused. `check` is asked about `where` expressions that are not empty.
CampaignRead parse_campaign(std::string_view text, const WhereChecker& check);

/// The same notation, with every key that is not at its default.
std::string write_campaign(const Campaign& campaign);

/// The keys of a campaign, of an offer and of per_member, in the order of the schema.
const std::vector<std::string>& campaign_keys();
const std::vector<std::string>& offer_keys();
const std::vector<std::string>& per_member_keys();

}  // namespace raiten::app
