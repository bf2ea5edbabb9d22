#pragma once

#include "daemon/http/event_stream.hpp"

#include <boost/asio/steady_timer.hpp>

namespace raiten::http {

/// What one client has still to get. Its connection asks `next` again and again.
class EventStream::Seat {
 public:
    Seat(std::shared_ptr<EventStream> stream, std::optional<std::uint64_t> after,
         std::function<void()> cut);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    /// Waits for bytes to send: the greeting, messages, or a keep-alive comment. Nothing: it is
    /// over. What the backlog throws comes through.
    boost::asio::awaitable<std::optional<std::string>> next();

    /// The client is gone, or everything stops.
    void end();
    /// A new message; `Frame` is shared by all seats.
    void offer(const Frame& frame);

 private:
    std::string greeting();
    boost::asio::awaitable<std::string> catch_up();
    void join();
    std::string take();
    bool past_life() const;

    std::shared_ptr<EventStream> stream_;
    std::function<void()> cut_;
    boost::asio::steady_timer wake_;
    boost::asio::steady_timer::time_point until_;
    std::deque<Frame> queue_;
    std::size_t queue_bytes_ = 0;
    std::uint64_t after_;  // what the client has, or is being sent
    bool ahead_;           // it knows a future that this ledger does not
    bool greeted_ = false;
    bool live_ = false;
    bool ended_ = false;
};

}  // namespace raiten::http
