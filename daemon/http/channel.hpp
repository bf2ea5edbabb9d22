#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace raiten::http {

/// The bytes of one connection, TCP or unix, plain or TLS, under one deadline: when it passes,
/// whatever waits ends with an error. One read and one write at a time.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Error = boost::system::error_code;
    using Span = std::chrono::milliseconds;

    /// Without a context it is plain.
    Channel(Socket socket, std::shared_ptr<boost::asio::ssl::context> tls);

    boost::asio::awaitable<Error> handshake();
    /// How many bytes; 0 with an error, of which `eof` is one.
    boost::asio::awaitable<std::pair<std::size_t, Error>> read(boost::asio::mutable_buffer into);
    /// All of both, or an error.
    boost::asio::awaitable<Error> write(std::array<boost::asio::const_buffer, 2> bytes);
    /// Says goodbye: close_notify where it is TLS, FIN where not.
    boost::asio::awaitable<void> finish();

    /// What the deadline does to the socket. Only a plain read can end gently, so that the peer
    /// can still be told; TLS is closed in any case.
    enum class Late : std::uint8_t { close, stop_reading };
    void expires_after(Span span, Late late = Late::close);
    void expires_never()
    {
        deadline_ = Clock::time_point::max();
        expired_ = false;
    }
    bool expired() const { return expired_; }
    void close();
    bool secure() const { return tls_ != nullptr; }

 private:
    using Clock = boost::asio::steady_timer::clock_type;

    Socket& socket() { return stream_ ? stream_->next_layer() : *plain_; }
    void arm();
    void wake();

    std::shared_ptr<boost::asio::ssl::context> tls_;  // outlives what was made from it
    std::optional<Socket> plain_;
    std::optional<boost::asio::ssl::stream<Socket>> stream_;
    boost::asio::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point armed_for_ = Clock::time_point::max();
    Late late_ = Late::close;
    bool expired_ = false;
    bool closed_ = false;
};

}  // namespace raiten::http
