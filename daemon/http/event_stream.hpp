#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace raiten::http {

/// Server-sent events (HTML Living Standard, 9.2) to many clients. A message's cursor is its
/// `id:`; a client that comes back with `Last-Event-ID` first gets all after it from the ledger,
/// then lives on, without gap or double. Used on one executor, without locks.
///
///   ledger  1 2 3 4 5 6 7 8 9        the newest few also lie in `recent_`
///   client      └─ backlog ─┘└ live
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
    struct Message {
        std::uint64_t cursor = 0;
        std::string type;
        std::string data;
    };
    struct Limits {
        std::size_t clients_max = 32;          // then 503
        std::size_t queue_messages_max = 512;  // of one client; then it is disconnected
        std::size_t queue_bytes_max = 256 * 1024;
        std::size_t recent_messages_max = 256;  // within the same bytes
        std::size_t page_messages_max = 128;    // asked of the backlog at a time
        std::chrono::milliseconds keep_alive{15'000};
        std::chrono::milliseconds life_max{3'600'000};  // then the client must show its token again
    };
    /// At most `messages_max` messages after a cursor, in order; empty where there are none. It
    /// must know every message before it is published.
    using Backlog = std::function<boost::asio::awaitable<std::vector<Message>>(
        std::uint64_t after, std::size_t messages_max)>;

    /// `newest`: the ledger's newest cursor now, where a client without Last-Event-ID begins.
    EventStream(boost::asio::any_io_executor executor, Limits limits, Backlog backlog,
                std::uint64_t newest);

    /// Cursors must grow; one that does not is a mistake of ours: std::logic_error.
    void publish(std::uint64_t cursor, std::string_view type, std::string_view data);

    /// Ends every client after what it was already given; later ones are refused.
    void stop();

    std::size_t clients() const { return seats_.size(); }
    std::uint64_t newest() const { return newest_; }
    std::uint64_t slow_clients() const { return slow_clients_; }

    /// One client's place. Owned by its connection.
    class Seat;
    /// Null where all seats are taken or the stream has stopped. `cut` is called at most once,
    /// when the client has fallen too far behind: close its connection.
    std::unique_ptr<Seat> sit(std::optional<std::uint64_t> after, std::function<void()> cut);

 private:
    struct Frame {
        std::uint64_t cursor;
        std::shared_ptr<const std::string> text;
    };
    bool covers(std::uint64_t after) const { return forgotten_ <= after; }

    boost::asio::any_io_executor executor_;
    Limits limits_;
    Backlog backlog_;
    std::uint64_t newest_;
    std::uint64_t forgotten_;  // no message up to here lies in recent_, all after it do
    std::deque<Frame> recent_;
    std::size_t recent_bytes_ = 0;
    std::unordered_set<Seat*> seats_;
    std::uint64_t slow_clients_ = 0;
    bool stopped_ = false;
};

}  // namespace raiten::http
