#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/wire/address.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace raiten::wire {

struct LinkLimits {
    Millis connect_timeout{5'000};
    Millis back_off_min{200};
    Millis back_off_max{30'000};
    Millis write_timeout{10'000};            ///< a write that moves nothing on for so long
    std::optional<Millis> silent_after;      ///< nothing heard for so long: down, and reopened
    std::size_t write_bytes_max{64 * 1024};  ///< waiting to be written; more is a dead device
};

/// Called on the executor's thread, never from within start(), write() or stop().
struct LinkCallbacks {
    std::function<void()> on_up;
    std::function<void(std::span<const std::byte>)> on_bytes;  ///< the bytes are gone afterwards
    /// An open device went away, or an attempt to open it failed. Of failures in a row only one
    /// that differs from the last is told.
    std::function<void(const std::string& reason)> on_down;
    std::function<void()> on_timeout;  ///< of expect_within()
};

struct LinkCounters {
    std::uint64_t opened{};
    std::uint64_t failed{};  ///< attempts to open
    std::uint64_t bytes_in{};
    std::uint64_t bytes_out{};
};

/// A device that is kept open: opened, read, watched, and opened again when it goes away, after a
/// pause that doubles up to `back_off_max` and is spread at random by half. The pauses start small
/// again once the device has said something, or has stayed for longer than the longest pause.
///
/// It lives on the executor's one thread, and may be stopped or destroyed at any time, also from
/// within a callback; no callback comes after that.
class Link {
 public:
    /// `random` gives numbers in [0, 1).
    Link(boost::asio::any_io_executor executor, Address address, LinkLimits limits,
         LinkCallbacks callbacks, std::function<double()> random);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start();
    void stop();

    bool up() const;

    /// Queues the bytes. What is still queued when the device goes away is dropped: a dialogue
    /// starts afresh at on_up. False while down, and where the queue would overflow, which also
    /// brings the link down.
    bool write(std::span<const std::byte> bytes);

    /// The dialogue's own time limit: unless called again, cancelled or down before, on_timeout
    /// comes once, after `limit`.
    void expect_within(Millis limit);
    void expect_nothing();

    /// The dialogue gave up on this device: down with this reason, and opened again.
    void reopen(std::string reason);

    const LinkCounters& counters() const;
    const Address& address() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire
