#include "drivers/pn532/presence.hpp"

#include <algorithm>

namespace raiten::drivers::pn532 {

bool Presence::arrived(std::string_view card)
{
    const auto known = std::find_if(cards_.begin(), cards_.end(),
                                    [&](const Card& other) { return other.name == card; });
    if (known != cards_.end()) {
        known->missed = 0;
        return false;
    }
    if (cards_.size() >= cards_max)
        cards_.erase(std::max_element(
            cards_.begin(), cards_.end(),
            [](const Card& one, const Card& other) { return one.missed < other.missed; }));
    cards_.push_back({std::string{card}, 0});
    return true;
}

void Presence::round_over()
{
    // A card that answered in this round stands at 0 and goes to 1; one that did not, further on.
    for (Card& card : cards_) ++card.missed;
    cards_.erase(std::remove_if(cards_.begin(), cards_.end(),
                                [](const Card& card) { return card.missed > absent_rounds; }),
                 cards_.end());
}

}  // namespace raiten::drivers::pn532
