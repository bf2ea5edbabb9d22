#pragma once

#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <variant>

namespace raiten::wire {

/// What a read or a write came to. `failure` empty: `size` bytes moved, at least one.
/// A peer that ended its side, and a device whose plug was pulled (its read() returns 0 for
/// ever), both read as `ended`.
struct Transfer {
    std::size_t size{};
    std::string failure{};
    bool ended{};

    bool good() const { return failure.empty(); }
};

/// One open device or connection, whatever it is made of. One read and one write may wait at
/// the same time; close() and reset() end both with a failure. It must outlive what waits on it.
class Channel {
 public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Device = boost::asio::posix::stream_descriptor;

    explicit Channel(Socket socket) : stream_{std::move(socket)} {}
    /// `packets`: what is given to one write() must not be cut or joined with another.
    explicit Channel(Device device, bool packets = false)
        : stream_{std::move(device)}, packets_{packets}
    {
    }

    boost::asio::awaitable<Transfer> read_some(std::span<std::byte> into);

    /// All of it, or a failure and how much was written before it.
    boost::asio::awaitable<Transfer> write(std::span<const std::byte> bytes);

    bool packets() const { return packets_; }
    bool device() const { return std::holds_alternative<Device>(stream_); }

    /// Says to the peer that nothing more comes, and goes on reading. Nothing for a device.
    void end_sending();
    void close();
    /// As close(), but a TCP peer sees a reset: it must not take the cut for an orderly end.
    void reset();
    /// Bytes that a device has still to put on its line; close() would throw them away.
    std::size_t unsent_bytes();

 private:
    std::variant<Socket, Device> stream_;
    bool packets_{};
};

/// Opens a terminal device raw, as the address says, without waiting for a carrier.
/// Modem lines are raised where there are any: pseudo terminals have none.
Result<Channel::Device> open_serial(const boost::asio::any_io_executor& executor,
                                    const SerialAddress& address);

/// Opens an input device for us alone (EVIOCGRAB): a scan is not typed into the kiosk's page.
Result<Channel::Device> open_input(const boost::asio::any_io_executor& executor,
                                   const InputAddress& address);

}  // namespace raiten::wire
