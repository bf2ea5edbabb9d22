#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace raiten::wire {

/// Numbers a proxy's connections from 1; never used twice.
using ConnectionNumber = std::uint64_t;

/// What the one who listens to a printer's line is told, on the event loop's thread, in order.
struct TapCallbacks {
    /// A job begins: the first byte of a connection, or the first after on_idle.
    std::function<void(ConnectionNumber)> on_first_byte;
    /// Exactly what the printer was given.
    std::function<void(ConnectionNumber, std::span<const std::byte>)> on_bytes;
    /// Nothing came for a while after some bytes: probably the end of a job.
    std::function<void(ConnectionNumber)> on_idle;
    /// The listener was too slow: so many bytes are missing here. The print was not touched.
    std::function<void(ConnectionNumber, std::uint64_t bytes)> on_lost;
    /// The last word about a connection of which anything was told.
    std::function<void(ConnectionNumber)> on_closed;
    /// A job found no printer.
    std::function<void(const std::string& reason)> on_refused;
};

/// Hands copies from the printer's thread to the event loop, and never waits for it: what is
/// handed over but not yet taken is bounded, and beyond the bound it is dropped, counted and told.
/// A listener that throws is counted; the next bytes are told as if nothing had happened.
class PrinterTap : public std::enable_shared_from_this<PrinterTap> {
 public:
    PrinterTap(boost::asio::any_io_executor loop, std::size_t bytes_max, TapCallbacks callbacks)
        : loop_{std::move(loop)}, bytes_max_{bytes_max}, tell_{std::move(callbacks)}
    {
    }

    // On the printer's thread.
    void first_byte(ConnectionNumber number);
    void bytes(ConnectionNumber number, std::span<const std::byte> copied);
    void idle(ConnectionNumber number);
    void closed(ConnectionNumber number);
    void refused(const std::string& reason);

    /// On the loop's thread: nothing is told any more.
    void mute() { muted_ = true; }

    std::uint64_t bytes_lost() const { return bytes_lost_; }
    std::uint64_t throws() const { return throws_; }

 private:
    struct Standing {
        bool told{};           ///< anything at all, so that its end must be told too
        std::uint64_t lost{};  ///< bytes that on_lost has not named yet
    };

    /// Posts `what` to the loop if it fits; `size` bytes stay booked until it ran.
    template <class What>
    bool hand_over(std::size_t size, What what);
    bool tell_lost(ConnectionNumber number, Standing& standing);
    template <class Callback, class... Arguments>
    void call(const Callback& callback, const Arguments&... arguments);

    boost::asio::any_io_executor loop_;
    std::size_t bytes_max_;
    TapCallbacks tell_;
    bool muted_{};                                              ///< the loop's
    std::unordered_map<ConnectionNumber, Standing> standings_;  ///< the printer's thread's
    std::atomic<std::size_t> waiting_{};
    std::atomic<std::uint64_t> bytes_lost_{};
    std::atomic<std::uint64_t> throws_{};
};

}  // namespace raiten::wire
