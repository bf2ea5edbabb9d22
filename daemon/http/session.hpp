#pragma once

#include "daemon/http/admission.hpp"
#include "daemon/http/channel.hpp"
#include "daemon/http/core.hpp"
#include "daemon/http/event_seat.hpp"
#include "daemon/http/request_reader.hpp"

#include <list>
#include <memory>
#include <string>

namespace raiten::http {

/// One connection, from the handshake to the goodbye: requests one after the other, each answered
/// before the next is looked at. Owned by its own coroutine.
class Session : public std::enable_shared_from_this<Session> {
 public:
    Session(std::shared_ptr<Core> core, std::shared_ptr<Channel> channel, Ends ends);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Starts it on the core's executor.
    void start();

    /// Waits for a request and has none of it yet: nobody is hurt if it ends.
    bool idle() const { return idle_; }
    bool local_operator() const { return ends_.local_operator; }
    /// Ends after the answer that is under way; streams end now.
    void drain();
    /// Ends at once.
    void abandon();

 private:
    struct Slot;

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> exchange();
    boost::asio::awaitable<bool> await_request();
    boost::asio::awaitable<bool> respond(Admitted admitted);
    boost::asio::awaitable<Response> perform(const Route& route, Request request);
    boost::asio::awaitable<bool> send(const Response& answer, bool with_body, bool keep);
    boost::asio::awaitable<bool> turn_away(Refused refused, bool with_body, bool keep);
    boost::asio::awaitable<void> stream(const Admitted& admitted);
    boost::asio::awaitable<void> feed_stream();
    static boost::asio::awaitable<void> watch_stream(std::shared_ptr<Session> self);
    boost::asio::awaitable<bool> write(std::string_view head, std::string_view body);
    boost::asio::awaitable<void> leave();

    std::shared_ptr<Core> core_;
    std::shared_ptr<Channel> channel_;
    Ends ends_;
    RequestReader reader_;
    std::list<Session*>::iterator place_;
    std::shared_ptr<Slot> slot_{};               // while a handler is at work
    std::unique_ptr<EventStream::Seat> seat_{};  // while it is a stream
    std::size_t requests_ = 0;
    bool idle_ = false;
    bool unread_ = false;  // part of a refused request may still be on its way
};

}  // namespace raiten::http
