#pragma once

#include "daemon/model/score_card.hpp"
#include "daemon/scoring/habits.hpp"
#include "daemon/scoring/models.hpp"

#include <cstdint>

namespace raiten::scoring {

/// The moment for which a card is made.
struct Today {
    std::int32_t day{};            ///< business day, counted as in the habits
    std::int32_t minute{};         ///< by the store's wall, since 1970
    std::chrono::minutes ahead{};  ///< of that wall before UTC
};

Today today_at(Instant at, const StoreClock& clock);

/// What ranks the member among the store's. `monetary` without a purchase is 0.
Custom custom_of(const Habits& habits, Today today);

/// Fills what is a matter of scores: stage, ranks, buying, the next visit. Pure: the same habits,
/// models and day give the same card, and none of it depends on other members but through the
/// models.
void score(ScoreCard& card, const Habits& habits, const Models& models, Today today);

}  // namespace raiten::scoring
