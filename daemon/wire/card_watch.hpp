#pragma once

#include "daemon/wire/card_notes.hpp"

#include <string>

namespace raiten::wire {

struct CardWatchPlan {
    std::string reader_part;  ///< of the reader's name, in any case; empty: every reader
    Millis back_off_min{1'000};
    Millis back_off_max{30'000};
    Millis wait{5'000};  ///< for a change, before looking by itself
};

/// Waits for cards at the readers of PC/SC (winscard, pcsc-lite) until the notes are over; what it
/// finds is put there. It blocks: it wants a thread of its own.
///
/// Every card is asked for its number once, by GET DATA (FF CA 00 00 00; PC/SC part 3, 3.2.2.1.3),
/// in shared mode, and left as it was.
void watch_cards(CardNotes& notes, const CardWatchPlan& plan);

/// Ends the wait of a watch, from any other thread. It asks the service, and may itself hang.
void disturb_card_watch(const CardNotes& notes);

}  // namespace raiten::wire
