#pragma once

#include "daemon/app/ctl/shop_history.hpp"
#include "daemon/scoring/calibration.hpp"
#include "daemon/scoring/training.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// From a shop's history to a card for each member.
namespace raiten::app::ctl {

struct ScoreRules {
    scoring::TrainingRules training;
    bool rfm_all{true};  ///< frequency and monetary value over all of the file
};

/// What a model foretold for days that are known, and what came.
struct HoldOut {
    std::int32_t from{}, days{};  ///< the day at whose end it was foretold, and for how many
    bool refitted{};  ///< the model was fitted up to that day; else it is the cards' own
    scoring::Models models;
    scoring::Calibration by_alive;       ///< its AUC ranks by P(alive)
    std::optional<double> auc_expected;  ///< by expected purchases
    std::optional<double> auc_purchase;  ///< by the probability of buying again
    std::optional<double> auc_recency;   ///< by days since the last purchase: the bar to pass
    std::optional<double> naive_error;   ///< relative error of "as often as so far"
};

struct ScoredShop {
    scoring::Trained trained;
    std::vector<ScoreCard> cards;  ///< by name
    std::optional<HoldOut> hold_out;
};

/// `progress` hears how many cards are done.
ScoredShop score_shop(const ShopHistory& shop, const ScoreRules& rules,
                      const std::function<void(std::uint64_t)>& progress);

/// Members' histories up to the end of a day; those who had not bought by then are left out.
std::vector<scoring::BuyingHistory> histories_until(const ShopHistory& shop, std::int32_t day,
                                                    double unit_days);

}  // namespace raiten::app::ctl
