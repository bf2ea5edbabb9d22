#include "daemon/app/settings.hpp"

/// What the settings are to those who go by them.
namespace raiten::app {

CampaignRules Settings::Campaigns::rules() const
{
    CampaignRules rules;
    rules.control = control;
    if (member_per_day > 0) rules.per_member.push_back({member_per_day, {}});
    if (member_per_week > 0)
        rules.per_member.push_back({member_per_week, Millis{std::chrono::hours{24 * 7}}});
    if (store_per_day > 0) rules.per_store.push_back({store_per_day, {}});
    if (quiet_from && quiet_to) rules.quiet_hours = QuietHours{*quiet_from, *quiet_to};
    if (min_gap > Millis{0}) rules.min_gap = min_gap;
    return rules;
}

scoring::CardRules Settings::Scoring::cards() const
{
    scoring::CardRules rules;
    rules.horizon_days = horizon_days;
    rules.discount = discount;
    rules.rfm_window = rfm_window_days;
    rules.stages = stages;
    return rules;
}

}  // namespace raiten::app
