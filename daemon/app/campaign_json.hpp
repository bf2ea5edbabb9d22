#pragma once

#include "daemon/base/instant.hpp"
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
inline constexpr std::size_t campaign_limits_max = 4;  ///< of per_member, of per_store

/// What a campaign is held against, besides itself. What is not given is not looked at.
struct CampaignGround {
    WhereChecker where{};          ///< asked about `where` expressions that are not empty
    std::optional<Instant> now{};  ///< a campaign that has ended by then is a problem
    std::string currency{};        ///< ISO 4217: money has no more decimals than it
};

/// A campaign, or everything that is wrong with it: each problem's `where` is a JSON pointer
/// ("/offers/0/code"), or "line:column" where the text is no JSON. A campaign with warnings only
/// is good: it does what it says, but perhaps not what was meant.
struct CampaignRead {
    std::optional<Campaign> campaign;
    std::vector<Problem> problems;
    std::vector<Problem> warnings;  ///< likewise; none where there are problems
};

/// JSON as in config/campaign.schema.json and config/CAMPAIGNS.md: durations and money are strings,
/// unknown and repeated keys are refused.
CampaignRead parse_campaign(std::string_view text, const CampaignGround& ground);

/// The same notation, with every key that is not at its default. What it writes is read as the
/// same campaign again.
std::string write_campaign(const Campaign& campaign);

/// The keys of a campaign and of its parts, in the order of the schema.
const std::vector<std::string>& campaign_keys();
const std::vector<std::string>& offer_keys();
const std::vector<std::string>& limit_keys();  ///< of per_member and per_store
const std::vector<std::string>& stock_keys();
const std::vector<std::string>& quiet_hours_keys();
const std::vector<std::string>& target_keys();

}  // namespace raiten::app
