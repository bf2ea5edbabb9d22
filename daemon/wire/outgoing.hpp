#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace raiten::wire {

/// What waits to be written to a device. A stream takes it in pieces of its own size; a device
/// that takes packets gets each add() as one piece.
class Outgoing {
 public:
    /// Small enough for a slow line to take one within the write limit (1200 baud: 8.5 s).
    static constexpr std::size_t piece_bytes = 1'024;

    explicit Outgoing(bool packets) : packets_{packets} {}

    void add(std::span<const std::byte> bytes)
    {
        if (bytes.empty()) return;
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
        if (packets_) sizes_.push_back(bytes.size());
    }

    /// All that was added and is not done.
    std::size_t size() const { return waiting_.size() + batch_.size() - written_; }

    /// The next piece, valid until done(); empty where nothing waits.
    std::span<const std::byte> next()
    {
        if (written_ == batch_.size()) {
            batch_.clear();
            batch_.swap(waiting_);
            written_ = 0;
        }
        const auto rest = std::span<const std::byte>{batch_}.subspan(written_);
        if (rest.empty()) return rest;
        return rest.first(packets_ ? sizes_.front() : std::min(rest.size(), piece_bytes));
    }

    /// So much of it was written.
    void done(std::size_t size)
    {
        written_ += size;
        if (!packets_) return;
        sizes_.front() -= std::min(size, sizes_.front());
        if (sizes_.front() == 0) sizes_.pop_front();
    }

 private:
    bool packets_;
    std::vector<std::byte> waiting_;
    std::vector<std::byte> batch_;   ///< being written; waiting_ may move meanwhile
    std::size_t written_{};          ///< of batch_
    std::deque<std::size_t> sizes_;  ///< of the packets not done
};

}  // namespace raiten::wire
