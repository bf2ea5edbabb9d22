#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"
#include "daemon/wire/printer_tap.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace raiten::wire {

struct ListenerLimits {
    std::size_t connections_max{16};  ///< more are reset at once
    Millis idle_after{600'000};       ///< a connection that says nothing for so long is closed
};

/// On the executor's thread, never from within start(), close() or stop().
struct ListenerCallbacks {
    std::function<void(ConnectionNumber)> on_open;
    std::function<void(ConnectionNumber, std::span<const std::byte>)> on_bytes;
    /// The last word about a connection. `reason` is empty where the peer ended it in good order.
    std::function<void(ConnectionNumber, const std::string& reason)> on_closed;
    /// A connection was reset, because connections_max were open.
    std::function<void(const std::string& reason)> on_refused;
};

struct ListenerCounters {
    std::uint64_t accepted{};
    std::uint64_t open{};
    std::uint64_t too_many{};
    std::uint64_t idle{};
    std::uint64_t broken{};  ///< ended by an error
    std::uint64_t bytes_in{};
};

/// Waits for devices that connect to us and only speak: nothing is ever answered. A connection is
/// read again when its callback has returned, so that a slow hearer slows its device, not memory.
///
/// It lives on the executor's one thread, and may be stopped or destroyed at any time, also from
/// within a callback; no callback comes after that.
class Listener {
 public:
    /// `at` is a TCP address whose host is a number, or a unix socket.
    Listener(boost::asio::any_io_executor executor, Address at, ListenerLimits limits,
             ListenerCallbacks callbacks);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The port it listens on (chosen by the system where the address says 0; 0 for a unix
    /// socket). A socket file that a dead process left behind is replaced. Once only.
    Result<std::uint16_t> start();
    void stop();

    /// Ends one connection; on_closed comes.
    void close(ConnectionNumber number);

    const ListenerCounters& counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire
