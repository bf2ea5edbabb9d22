#pragma once

#include "daemon/app/campaign_json.hpp"

#include <map>

namespace raiten::app {

inline constexpr std::size_t campaigns_max = 256;  ///< files of a folder

/// The last good version of each file, by its path.
using GoodCampaigns = std::map<std::string, Campaign>;

/// What a folder gives: the campaigns to run, in the order of their files' names, and what is wrong
/// with the others. `where` of a problem is "file: pointer".
struct CampaignFolder {
    std::vector<Campaign> campaigns;
    std::vector<Problem> problems;
    std::vector<Problem>
        warnings;  ///< of good ones, and of those that have ended: they are left out
    std::vector<std::string> kept;  ///< files that turned bad: their last good version runs on
    GoodCampaigns good;             ///< for the next time
};

/// *.json. One bad file stops no other: a file that was good `before` goes on as it was then, until
/// it is good again or gone. An id that another file has is refused, and good files go first. A
/// folder that is not there is an empty one; one that cannot be listed, or holds more than
/// campaigns_max, leaves all as it was.
CampaignFolder load_campaigns(const std::string& folder, const CampaignGround& ground,
                              const GoodCampaigns& before = {});

}  // namespace raiten::app
