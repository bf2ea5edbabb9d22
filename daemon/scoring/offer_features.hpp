#pragma once

#include "daemon/model/score_card.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// What models of offers see of a member at the moment of the decision.
namespace raiten::scoring {

/// Counts, days and money as log(1 + value), because the difference from 1 to 2 says as much as
/// that from 10 to 20. What is not known is 0, with its own sign where that says something.
enum class OfferFeature : std::size_t {
    visits,
    purchases,
    never_bought,      ///< 1 or 0
    spend_each,        ///< by purchase, in units
    days_since_visit,  ///< 0 at the first visit
    days_since_purchase,
    days_since_first_visit,
    streak,
    is_new,  ///< of the stages, one is 1; all 0: light, or not known
    is_middle,
    is_core,
    is_at_risk,
    is_dormant,
    p_alive,
    p_alive_unknown,     ///< 1 or 0
    propensity,          ///< log odds, within ±7
    propensity_unknown,  ///< 1 or 0
    hour_east,           ///< local time on the dial of a day: sine
    hour_north,          ///< cosine
};

inline constexpr std::size_t offer_feature_count = 19;

using OfferFeatures = std::array<double, offer_feature_count>;

/// "visits", "purchases", …: one word for each, also in reasons.
std::span<const std::string_view> offer_feature_names();

/// Finite for every card. `hour` is the local time of day in hours, 0 to 24.
OfferFeatures offer_features(const ScoreCard& card, double hour);

}  // namespace raiten::scoring
