#include "daemon/wire/channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);

Transfer transfer_of(error_code ec, std::size_t size)
{
    if (!ec) return Transfer{size};
    if (ec == net::error::eof) return Transfer{size, "closed by the other side", true};
    return Transfer{size, ec.message(), false};
}

}  // namespace

net::awaitable<Transfer> Channel::read_some(std::span<std::byte> into)
{
    const auto buffer = net::buffer(into.data(), into.size());
    if (auto* socket = std::get_if<Socket>(&stream_)) {
        const auto [ec, size] = co_await socket->async_read_some(buffer, no_throw);
        co_return transfer_of(ec, size);
    }
    const auto [ec, size] = co_await std::get<Device>(stream_).async_read_some(buffer, no_throw);
    co_return transfer_of(ec, size);
}

net::awaitable<Transfer> Channel::write(std::span<const std::byte> bytes)
{
    const auto buffer = net::buffer(bytes.data(), bytes.size());
    if (auto* socket = std::get_if<Socket>(&stream_)) {
        const auto [ec, size] = co_await net::async_write(*socket, buffer, no_throw);
        co_return transfer_of(ec, size);
    }
    auto& device = std::get<Device>(stream_);
    const auto [ec, size] = co_await net::async_write(device, buffer, no_throw);
    co_return transfer_of(ec, size);
}

void Channel::end_sending()
{
    error_code ignored;
    if (auto* socket = std::get_if<Socket>(&stream_))
        socket->shutdown(net::socket_base::shutdown_send, ignored);
}

void Channel::close()
{
    error_code ignored;
    if (auto* socket = std::get_if<Socket>(&stream_)) {
        socket->close(ignored);
        return;
    }
    auto& device = std::get<Device>(stream_);
    // Without this, the kernel may keep close() for 30 s, waiting for a dead line to drain.
    if (unsent_bytes() > 0) ::tcflush(device.native_handle(), TCOFLUSH);
    device.close(ignored);
}

void Channel::reset()
{
    if (auto* socket = std::get_if<Socket>(&stream_); socket && socket->is_open()) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket->native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close();
}

std::size_t Channel::unsent_bytes()
{
    auto* device = std::get_if<Device>(&stream_);
    int count = 0;
    if (!device || !device->is_open() || ::ioctl(device->native_handle(), TIOCOUTQ, &count) != 0)
        return 0;
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace raiten::wire
