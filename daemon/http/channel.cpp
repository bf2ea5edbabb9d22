#include "daemon/http/channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace raiten::http {

namespace net = boost::asio;
constexpr auto no_throw = net::as_tuple(net::use_awaitable);

Channel::Channel(Socket socket, std::shared_ptr<net::ssl::context> tls)
    : tls_{std::move(tls)}, timer_{socket.get_executor()}
{
    if (tls_)
        stream_.emplace(std::move(socket), *tls_);
    else
        plain_.emplace(std::move(socket));
}

net::awaitable<Channel::Error> Channel::handshake()
{
    if (!stream_) co_return Error{};
    const auto [ec] = co_await stream_->async_handshake(net::ssl::stream_base::server, no_throw);
    co_return ec;
}

net::awaitable<std::pair<std::size_t, Channel::Error>> Channel::read(net::mutable_buffer into)
{
    if (stream_) {
        const auto [ec, size] = co_await stream_->async_read_some(into, no_throw);
        co_return std::pair{size, ec};
    }
    if (expired_) co_return std::pair{std::size_t{0}, Error{net::error::timed_out}};
    const auto [ec, size] = co_await plain_->async_read_some(into, no_throw);
    co_return std::pair{size, ec};
}

net::awaitable<Channel::Error> Channel::write(std::array<net::const_buffer, 2> bytes)
{
    if (stream_) {
        const auto [ec, size] = co_await net::async_write(*stream_, bytes, no_throw);
        co_return ec;
    }
    const auto [ec, size] = co_await net::async_write(*plain_, bytes, no_throw);
    co_return ec;
}

net::awaitable<void> Channel::finish()
{
    if (stream_ && !closed_) co_await stream_->async_shutdown(no_throw);
    Error ignored;  // the peer may have gone before us
    socket().shutdown(Socket::shutdown_send, ignored);
}

/// The timer is only moved when it would ring too late; ringing early it looks at the deadline
/// again. A keep-alive connection so touches it once per several requests.
void Channel::expires_after(Span span, Late late)
{
    if (closed_) return;
    late_ = late;
    expired_ = false;
    deadline_ = Clock::now() + span;
    if (deadline_ < armed_for_) arm();
}

void Channel::arm()
{
    armed_for_ = deadline_;
    timer_.expires_at(armed_for_);
    timer_.async_wait([self = shared_from_this()](Error ec) {
        if (!ec) self->wake();
    });
}

void Channel::wake()
{
    if (closed_) return;
    armed_for_ = Clock::time_point::max();
    if (Clock::now() < deadline_) return arm();
    expired_ = true;
    if (late_ == Late::close || secure()) return close();
    deadline_ = Clock::time_point::max();
    Error ignored;  // nothing was waiting: then the next read finds expired_
    socket().cancel(ignored);
}

void Channel::close()
{
    if (closed_) return;
    closed_ = true;
    timer_.cancel();
    Error ignored;  // there is nobody left to tell
    socket().close(ignored);
}

}  // namespace raiten::http
