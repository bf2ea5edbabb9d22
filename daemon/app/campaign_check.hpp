#pragma once

#include "daemon/app/campaign_json.hpp"

namespace raiten::app {

/// What a campaign says against itself, or against the ground it stands on.
struct CampaignFindings {
    std::vector<Problem> errors;    ///< it could never do what it says
    std::vector<Problem> warnings;  ///< it does, but perhaps that was not meant
};

/// Of a campaign whose single values are good. `where` of each finding is a JSON pointer.
CampaignFindings check_campaign(const Campaign& campaign, const CampaignGround& ground);

/// Nothing while it may still give coupons.
std::optional<Problem> over(const Campaign& campaign, Instant now);

}  // namespace raiten::app
