#pragma once

#include "daemon/app/ctl/score_cards.hpp"
#include "daemon/base/result.hpp"

#include <string>

/// The report beside score cards.
namespace raiten::app::ctl {

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
