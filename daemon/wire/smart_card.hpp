#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/wire/card_watch.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace raiten::wire {

/// Called on the executor's thread, never from within start() or stop().
struct SmartCardCallbacks {
    /// A reader is there; once for each, where several match.
    std::function<void(const std::string& reader)> on_up;
    /// A card, the bytes it was known by when it was powered (ATR, at most 33), and its answer to
    /// "your number?" (FF CA 00 00 00): the number, then the status word 90 00; or only a status
    /// word, where it has none to give.
    std::function<void(const std::string& reader, std::span<const std::byte> atr,
                       std::span<const std::byte> answer)>
        on_card;
    /// A card was there and could not be read.
    std::function<void(const std::string& reader, const std::string& reason)> on_unread;
    std::function<void(const std::string& reader)> on_removed;
    /// No matching reader is left, or pcscd is gone or does not answer. Of reasons in a row only
    /// one that differs from the last is told.
    std::function<void(const std::string& reason)> on_down;
};

struct SmartCardLimits {
    Millis back_off_min{1'000};  ///< until pcscd is looked for again
    Millis back_off_max{30'000};
    Millis answer_max{20'000};  ///< pcscd hangs
    Millis stop_wait{2'000};    ///< then a hanging pcscd is left behind
};

struct SmartCardCounters {
    std::uint64_t cards{};
    std::uint64_t unread{};
    std::uint64_t downs{};
};

/// NFC and contact cards through PC/SC (pcscd), shared with whoever else uses the reader.
///
/// pcscd's calls block, so they are made on a thread of its own; the callbacks come on the loop's.
/// It may be stopped or destroyed at any time, also from within a callback; no callback comes
/// after that.
class SmartCard {
 public:
    /// `reader_part`: a part of the reader's name, in any case; empty: every reader.
    SmartCard(boost::asio::any_io_executor executor, std::string reader_part,
              SmartCardLimits limits, SmartCardCallbacks callbacks);
    ~SmartCard();
    SmartCard(const SmartCard&) = delete;
    SmartCard& operator=(const SmartCard&) = delete;

    Result<void> start();
    /// Waits for the thread, at most stop_wait.
    void stop();

    bool up() const;
    const SmartCardCounters& counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire
