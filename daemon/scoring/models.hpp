#pragma once

#include "daemon/scoring/affinity.hpp"
#include "daemon/scoring/campaign_uplift.hpp"
#include "daemon/scoring/catalogue.hpp"
#include "daemon/scoring/churn.hpp"
#include "daemon/scoring/offers.hpp"
#include "daemon/scoring/propensity.hpp"
#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/rfm.hpp"
#include "daemon/scoring/rhythm_model.hpp"
#include "daemon/scoring/spend.hpp"
#include "daemon/scoring/stage.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace raiten::scoring {

/// What the store was told to count by.
struct CardRules {
    double unit_days{1};  ///< time of the models of buying: 7 for weeks
    double horizon_days{365};
    double discount{0.1};          ///< what money loses in a year
    std::int32_t rfm_window{365};  ///< days
    StageRules stages;
};

/// Everything that scores are made with, as one night left it. What the data could not carry is
/// nothing.
struct Models {
    CardRules rules;
    RfmCuts rfm;
    std::optional<PurchaseFit> purchases;
    std::size_t purchases_members{};  ///< who carried that fit
    std::optional<SpendFit> spend;
    std::optional<Churn> churn;  ///< learned with `purchases`
    RhythmModel rhythm{prior_rhythm()};
    std::shared_ptr<const Propensity> propensity;
    std::shared_ptr<const Affinity> affinity;
    std::shared_ptr<const Catalogue> catalogue;
    std::shared_ptr<const UsualStay> usual_stay;
    /// Receipts, and visits that settled, up to here are in the last five.
    std::uint64_t baskets_through{};
    std::optional<Instant> visits_through;
    /// By campaign: of those with a target, as far as they have learned.
    std::map<std::string, std::shared_ptr<const CampaignUplift>> uplift;
};

}  // namespace raiten::scoring
