#pragma once

#include "daemon/model/score_card.hpp"
#include "daemon/scoring/models.hpp"

#include <chrono>
#include <cstdint>
#include <string>

/// Score cards and their reasons as JSON.
namespace raiten::app {

/// How money appears.
struct MoneyShown {
    enum class As : std::uint8_t { number, text, nothing };
    As as{As::number};
    int decimals{};  ///< of a text, as the currency has it
};

/// `[{"score","rule" or "model","from":{…}}]`, see scoring/reasons.hpp. Where money does not
/// appear, neither do scores that are money.
std::string reasons_json(const ScoreCard& card, const scoring::Models& models, MoneyShown money);

/// An object of what the card knows, by the names of card_columns(); next_visit_at, _lo and _hi as
/// times on a wall that is `ahead` of UTC; and the reasons. "null" where no night has looked at the
/// member yet. `models` are those that the card was made with; may be null before the first night.
std::string score_json(const ScoreCard& card, const scoring::Models* models,
                       std::chrono::minutes ahead, MoneyShown money);

}  // namespace raiten::app
