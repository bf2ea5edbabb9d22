#pragma once

#include "daemon/app/campaign_json.hpp"

namespace raiten::app {

inline constexpr std::size_t campaign_files_max = 256;

/// The good campaigns of a folder, and what is wrong with the others: `where` is
/// "file: pointer". A folder that is not there is an empty one.
struct CampaignFolder {
    std::vector<Campaign> campaigns;
    std::vector<Problem> problems;
};

/// *.json in the order of their names. An id that an earlier file has is refused.
CampaignFolder load_campaigns(const std::string& folder, const WhereChecker& check);

}  // namespace raiten::app
