#pragma once

#include "daemon/app/ctl/score_cards.hpp"
#include "daemon/base/result.hpp"

#include <string>

/// Score cards, their report and models as text.
namespace raiten::app::ctl {

/// The columns of a card, without what no model here can say: those are left empty.
std::string card_header();
std::string card_row(const Card& card);   ///< comma-separated
std::string card_json(const Card& card);  ///< an object; null for what is not known

struct ReportAbout {
    std::string as_of;
    std::string unit;       ///< "days" or "weeks"
    std::string requested;  ///< the model that was asked for, or "auto"
    bool given{};           ///< parameters came from a file
};

/// JSON: the models with their parameters and log-likelihoods, counts, and the calibration. Its
/// part `model` is what read_model() takes.
std::string report_json(const ShopHistory& shop, const ScoredShop& scored, const ScoreRules& rules,
                        const ReportAbout& about);

/// A model from the text of a report, or `{"model","unit","parameters":{…},"k","spend":{p,q,v}}`.
/// Its unit must be the one that is asked for.
Result<GivenModel> read_model(const std::string& text, const std::string& unit);

}  // namespace raiten::app::ctl
