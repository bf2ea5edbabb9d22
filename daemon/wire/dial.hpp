#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/wire/channel.hpp"
#include "daemon/wire/hci_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace raiten::wire {

/// One attempt to reach a device. It ends by success, by a refusal, after `limit`, or by cancel().
///
/// A name is looked up without holding up anybody: numbers need no lookup, and a name server that
/// hangs is left behind when the time is over (its helper thread ends by itself). A Bluetooth
/// controller takes the time that its firmware needs, whatever `limit` says.
class Dial : public std::enable_shared_from_this<Dial> {
 public:
    explicit Dial(boost::asio::any_io_executor executor);

    /// Once per Dial. TCP gets no delay and keep-alive probes (a peer that lost its power is
    /// noticed within about two minutes).
    boost::asio::awaitable<Result<std::shared_ptr<Channel>>> open(Address address, Millis limit);
    void cancel();

 private:
    struct Lookup;

    boost::asio::awaitable<Result<std::shared_ptr<Channel>>> open_tcp(TcpAddress address);
    boost::asio::awaitable<Result<std::shared_ptr<Channel>>> open_unix(UnixAddress address);
    boost::asio::awaitable<Result<std::shared_ptr<Channel>>> open_hci_channel(HciAddress address);
    boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> look_up(
        TcpAddress address);
    void arm(Millis limit);
    void give_up(std::string why);
    Problem failed(const std::string& what) const;

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer deadline_;
    boost::asio::ip::tcp::socket tcp_;
    boost::asio::local::stream_protocol::socket unix_;
    boost::asio::posix::stream_descriptor hci_;
    std::shared_ptr<Lookup> lookup_;
    std::string where_;
    std::string given_up_;  ///< why, or empty
};

/// Options of every TCP connection: no delay, keep-alive.
void set_tcp_options(boost::asio::ip::tcp::socket& socket);

}  // namespace raiten::wire
