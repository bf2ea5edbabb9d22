#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::pn532 {

/// Which cards lie on the reader, so that one that rests there is told once. A card has left when
/// it was missed in `absent_rounds` rounds of polling in a row: a resting one often misses a round.
class Presence {
 public:
    static constexpr unsigned absent_rounds = 3;
    static constexpr std::size_t cards_max = 8;  ///< the one missed longest makes room

    /// The card answered; whether it had been away.
    bool arrived(std::string_view card);
    void round_over();
    void clear() { cards_.clear(); }

 private:
    struct Card {
        std::string name;
        unsigned missed{};  ///< rounds, the present one counted until it answers
    };
    std::vector<Card> cards_;
};

}  // namespace raiten::drivers::pn532
