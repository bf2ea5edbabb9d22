#pragma once

#include "daemon/scoring/propensity.hpp"

#include <cstdint>
#include <vector>

/// Visits of a shop whose customers follow known rules, so that what is learned can be checked.
namespace raiten::peers {

struct PlantedShop {
    std::uint32_t members{1'500};
    double visits_a_day{60};
    unsigned days{200};
    std::uint32_t seed{1};
    double level{-0.9};           ///< log odds of a purchase by an average member
    double habit_sd{0.6};         ///< of members about it
    double streak_effect{0.5};    ///< by ln(1 + streak)
    double coupon_effect{0.9};    ///< a fifth of visits have one
    double saturday_effect{0.7};  ///< also on Sundays
    double trend_a_year{0};       ///< added to the level
    double fitting_share{0.6};    ///< of buyers, who try something on; of others a fifth do
};

struct PlantedVisit {
    scoring::SettledVisit visit;
    double probability{};  ///< the true one, at the opening
};

/// In order of settling. Buyers stay 16 minutes in the mean, others 9; a purchase is two minutes
/// before the end, the register one minute earlier.
std::vector<PlantedVisit> planted_visits(const PlantedShop& shop);

}  // namespace raiten::peers
