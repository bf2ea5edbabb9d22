#include "daemon/app/app.hpp"
#include "daemon/app/clock.hpp"
#include "daemon/app/log.hpp"

/// The folder of campaigns, when the service starts and at each reload.
namespace raiten::app {

void App::load_campaigns_into(std::vector<Campaign>& campaigns)
{
    CampaignGround ground;
    ground.where = [this](const std::string& where) { return segments_.check(where); };
    ground.currency = settings_.store.currency;
    // Recorded events have a time of their own, which is not known yet when the first come.
    if (!settings_.engine.from_events) ground.now = wall_now();
    auto folder = load_campaigns(settings_.campaigns.dir, ground, good_campaigns_);
    for (const auto& problem : folder.problems)
        log::problem(log::Level::error, "campaign.refused", problem);
    for (const auto& warning : folder.warnings)
        log::problem(log::Level::warning, "campaign.doubtful", warning);
    for (const auto& file : folder.kept)
        log::problem(log::Level::warning, "campaign.kept",
                     {"its last good version runs on", file, "mend the file, then reload"});
    campaigns = std::move(folder.campaigns);
    good_campaigns_ = std::move(folder.good);
    campaigns_.clear();
    for (const auto& campaign : campaigns) campaigns_[campaign.id] = campaign;
    campaigns_refused_ = folder.problems.size();
    campaigns_kept_ = std::move(folder.kept);
    log::info("campaigns.loaded", {{"count", campaigns.size()},
                                   {"kept", campaigns_kept_.size()},
                                   {"problems", campaigns_refused_}});
}

}  // namespace raiten::app
