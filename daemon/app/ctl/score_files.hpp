#pragma once

#include "daemon/app/ctl/score_cards.hpp"
#include "daemon/base/result.hpp"

#include <string>

/// Score cards, their report and models as text.
namespace raiten::app::ctl {

/// The columns of a card; what is not known is left empty.
std::string card_header();
/// Comma-separated; times as on a wall that is `ahead` of UTC.
std::string card_row(const ScoreCard& card, std::chrono::minutes ahead);
/// An object with p_purchase besides; null for what is not known.
std::string card_json(const ScoreCard& card, std::chrono::minutes ahead);

struct ReportAbout {
    std::string as_of;
    std::string unit;       ///< "days" or "weeks"
    std::string requested;  ///< the model that was asked for, or "auto"
    bool given{};           ///< parameters came from a file
};

/// JSON: the models with their parameters and log-likelihoods, counts, and the calibration; what
/// read_model() takes is part of it.
std::string report_json(const ShopHistory& shop, const ScoredShop& scored, const ScoreRules& rules,
                        const ReportAbout& about);

}  // namespace raiten::app::ctl
