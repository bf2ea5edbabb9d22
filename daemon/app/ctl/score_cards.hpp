#pragma once

#include "daemon/app/ctl/shop_history.hpp"
#include "daemon/scoring/calibration.hpp"
#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/rfm.hpp"
#include "daemon/scoring/spend.hpp"
#include "daemon/scoring/stage.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// From a shop's history to a card for each member.
namespace raiten::app::ctl {

/// Parameters that are used instead of a fit.
struct GivenModel {
    scoring::PurchaseModel purchases;
    std::optional<scoring::SpendModel> spend;
};

struct ScoreRules {
    double unit_days{1};  ///< 7: weeks
    double horizon_days{365};
    double discount{0.1};                     ///< a year
    std::optional<std::int32_t> rfm_window;   ///< days; nothing: all
    std::optional<scoring::ModelKind> model;  ///< nothing: what suits the shop
    std::optional<GivenModel> given;
};

/// What stands behind the cards; where the data carry no fit, why.
struct ShopModel {
    std::optional<scoring::PurchaseFit> purchases;
    std::string purchases_refused;
    std::optional<scoring::SpendFit> spend;
    std::string spend_refused;
    scoring::RfmCuts rfm;
};

struct Card {
    std::string member;
    std::int32_t recency_days{};  ///< since the last purchase, else since the last visit
    std::uint32_t frequency{};    ///< days with a purchase, in the RFM window
    std::optional<Money> monetary;
    scoring::RfmRanks rfm;
    scoring::Stage stage{};
    std::optional<scoring::BuyingHistory> history;  ///< of those who ever bought
    std::optional<double> p_alive, expected_purchases, expected_spend, ltv;
};

/// What a model foretold for days that are known, and what came.
struct HoldOut {
    std::int32_t from{}, days{};  ///< the day at whose end it was foretold, and for how many
    bool refitted{};  ///< the model was fitted up to that day; else it is the cards' own
    scoring::PurchaseModel model;
    scoring::Calibration by_alive;       ///< its AUC ranks by P(alive)
    std::optional<double> auc_expected;  ///< by expected purchases
    std::optional<double> auc_recency;   ///< by days since the last purchase: the bar to pass
    std::optional<double> naive_error;   ///< relative error of "as often as so far"
};

struct ScoredShop {
    ShopModel model;
    std::vector<Card> cards;  ///< by name
    std::size_t buyers{}, repeaters{};
    std::optional<HoldOut> hold_out;
};

/// `progress` hears how many cards are done.
ScoredShop score_shop(const ShopHistory& shop, const ScoreRules& rules,
                      const std::function<void(std::uint64_t)>& progress);

/// Members' histories up to the end of a day; those who had not bought by then are left out.
std::vector<scoring::BuyingHistory> histories_until(const ShopHistory& shop, std::int32_t day,
                                                    double unit_days);

}  // namespace raiten::app::ctl
