#pragma once

#include "sync/outbox_port.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace raiten::sync {

/// Where the rows of one lane are between outbox and HQ:
///
///     settled ≤ … sent, unsettled … ≤ cursor-of-sending < … ready … ≤ cursor < … in the outbox
///
/// Only sequences are kept of what was sent; the outbox still holds the rows themselves.
class LaneLog {
 public:
    enum class Ack { advanced, stale, ahead };

    /// Rows are to be fetched after this one.
    std::uint64_t cursor() const { return cursor_; }
    std::uint64_t settled() const { return settled_; }
    std::uint64_t sent_max() const { return sent_max_; }
    std::size_t unsettled() const { return sent_.size(); }
    const std::deque<OutboxRow>& ready() const { return ready_; }

    /// Fetched rows; those not beyond the cursor are left out. How many were taken.
    std::size_t add(std::vector<OutboxRow> rows);

    /// The next row, to be sent (then `sent` follows) or dropped.
    OutboxRow take();

    /// True if it had been sent before, by this object.
    bool sent(std::uint64_t sequence);

    /// The broker has it (PUBACK).
    void confirmed(std::uint64_t sequence);

    /// It was sent, and will never be again.
    void forget(std::uint64_t sequence);

    /// Without HQ's word: through where the broker has everything that was sent. It counts as
    /// settled from here on; nothing where that has not moved.
    std::optional<std::uint64_t> settle_confirmed();

    /// What `acknowledged` would answer. `head` is the highest sequence ever numbered: what this
    /// object has not sent may have been sent before a restart.
    Ack judge(std::uint64_t through, std::uint64_t head) const;

    /// HQ's word. `ahead` (of what was never numbered) and `stale` change nothing.
    Ack acknowledged(std::uint64_t through, std::uint64_t head);

    /// Everything above `settled` is to be fetched and sent again.
    void rewind();

 private:
    struct Sent {
        std::uint64_t sequence{};
        bool confirmed{};
    };
    std::deque<Sent>::iterator find(std::uint64_t sequence);

    std::deque<OutboxRow> ready_;
    std::deque<Sent> sent_;
    std::uint64_t cursor_{};
    std::uint64_t settled_{};
    std::uint64_t sent_max_{};
};

}  // namespace raiten::sync
