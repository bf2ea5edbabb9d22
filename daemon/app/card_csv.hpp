#pragma once

#include "daemon/model/score_card.hpp"
#include "daemon/scoring/models.hpp"

#include <chrono>
#include <string>

/// Score cards in files, a line each: the columns that `raitenctl score` and `replay --cards`
/// write.
namespace raiten::app {

/// The columns of a card; what is not known is left empty.
std::string card_header(bool reasons = false);

/// Comma-separated; times as on a wall that is `ahead` of UTC. With `reasons` one column more: why,
/// as JSON within quotes; they are the models that the card was made with.
std::string card_row(const ScoreCard& card, std::chrono::minutes ahead,
                     const scoring::Models* reasons = nullptr);

/// An object with p_purchase and the reasons besides; null for what is not known.
std::string card_line(const ScoreCard& card, std::chrono::minutes ahead,
                      const scoring::Models& models);

}  // namespace raiten::app
