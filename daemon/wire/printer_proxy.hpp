#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"
#include "daemon/wire/printer_tap.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace raiten::wire {

struct ProxyLimits {
    std::size_t connections_max{16};         ///< more are reset at once
    std::size_t tap_bytes_max{1024 * 1024};  ///< handed to the loop and not yet taken
    Millis connect_timeout{10'000};
    Millis idle_after{2'000};        ///< quiet for so long: on_idle
    Millis half_closed_max{60'000};  ///< one side has ended and nothing moves
    Millis stop_grace{3'000};        ///< stop() lets a running job end for so long
};

struct ProxyCounters {
    std::uint64_t accepted{};
    std::uint64_t open{};
    std::uint64_t too_many{};        ///< reset, because connections_max were open
    std::uint64_t printer_absent{};  ///< reset, because the printer could not be reached
    std::uint64_t broken{};          ///< ended by an error of either side, or a limit
    std::uint64_t bytes_to_printer{};
    std::uint64_t bytes_to_client{};
    std::uint64_t tap_bytes_lost{};
    std::uint64_t tap_throws{};
};

/// Stands between the register and its receipt printer (raw port 9100 or a serial line), passes
/// every byte in both directions unchanged, and tells the tap what was printed.
///
/// The register must not notice it: forwarding runs on a thread of its own, so a busy, hanging or
/// throwing event loop delays no print; there is one connection to the printer for each of the
/// register's; the ends of the two directions, resets and back-pressure are passed on; where the
/// printer cannot be reached, the register's connection is reset at once. A serial printer serves
/// one connection at a time; the others wait, unread.
class PrinterProxy {
 public:
    /// The callbacks come on `loop`'s one thread, on which start() and stop() must be called too.
    PrinterProxy(boost::asio::any_io_executor loop, TcpAddress listen_at, Address printer,
                 ProxyLimits limits, TapCallbacks callbacks);
    ~PrinterProxy();
    PrinterProxy(const PrinterProxy&) = delete;
    PrinterProxy& operator=(const PrinterProxy&) = delete;

    /// The port it listens on (chosen by the system where `listen_at` says 0). The host of
    /// `listen_at` must be a number. Once only.
    Result<std::uint16_t> start();

    /// No new connections; a job that is being printed may end, within stop_grace; then all is
    /// closed. Waits for that. No callback comes afterwards.
    void stop();

    /// From any thread.
    ProxyCounters counters() const;

 private:
    class Forwarder;
    struct Engine;

    TcpAddress listen_at_;
    std::shared_ptr<PrinterTap> tap_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace raiten::wire
