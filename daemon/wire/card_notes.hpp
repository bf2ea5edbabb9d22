#pragma once

#include "daemon/base/instant.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace raiten::wire {

/// What happened at the card readers.
struct CardNote {
    enum class Kind {
        reader_up,
        reader_gone,   ///< one of several
        readers_gone,  ///< no reader is left, or nobody who would know: `text` says why
        card,          ///< with `atr` and `answer`
        card_unread,   ///< a card that could not be read: `text` says why
        card_removed,
    };
    Kind kind{};
    std::string reader{};
    std::string text{};
    std::vector<std::byte> atr{};
    std::vector<std::byte> answer{};
};

/// Hands notes from the thread that waits for cards to the event loop. It is shared by both and
/// knows neither: a thread that hangs in the card service can be left behind.
class CardNotes {
 public:
    /// What is waiting to be taken is bounded; at that bound the watching thread waits.
    static constexpr std::size_t notes_max = 64;

    CardNotes();
    ~CardNotes();
    CardNotes(const CardNotes&) = delete;
    CardNotes& operator=(const CardNotes&) = delete;

    // On the watching thread.
    void put(CardNote note);
    /// False when it is over.
    bool pause(Millis span);
    bool over() const { return over_; }
    /// It lives: called around everything that may hang.
    void beat();
    void finish();

    // On the loop's thread.
    int wake_descriptor() const { return wake_; }  ///< readable when there is something to take
    std::vector<CardNote> take();
    Millis since_beat() const;
    void end();
    bool finished_within(Millis span);

    /// The service's number for what the watching thread waits on, for whoever wants to end that.
    std::atomic<long> context{};

 private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<CardNote> notes_;
    std::atomic<bool> over_{};
    std::atomic<std::chrono::steady_clock::rep> beat_{};
    bool finished_{};
    int wake_{-1};
};

}  // namespace raiten::wire
