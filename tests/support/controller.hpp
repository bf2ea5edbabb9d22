#pragma once

#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"
#include "tests/support/btsnoop_reader.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace raiten::stage {

/// How a controller that is older than Bluetooth 5 refuses the extended scan commands.
enum class Refusal : std::uint8_t { none, command_status, command_complete };

struct ControllerSettings {
    Refusal refuse_extended{Refusal::none};
    bool claims_extended{true};  ///< in supported commands and LE features
    double speed{1.0};           ///< how much faster than recorded the air plays
    bool loop{false};            ///< begins again when the recording is over
    bool mute{false};            ///< takes commands and answers nothing: a dead radio
};

struct ControllerCounters {
    std::uint64_t hosts{};
    std::uint64_t events_sent{};
    std::uint64_t events_unheard{};      ///< went by while nobody scanned, or masked by the host
    std::vector<std::uint16_t> opcodes;  ///< of the commands that came, in order (at most 10,000)
};

/// A Bluetooth controller behind a socket that speaks H4: answers every HCI command as a real one
/// does (Bluetooth Core 5.3, Vol 4 Part E), and plays the advertising reports of a recording with
/// their gaps to whoever scans.
///
/// - One host at a time; another is hung up on. Reset closes the masks and stops the scan.
/// - Reports reach a host only while it scans, and only if its event masks let them through (by
///   default LE Meta events are masked off).
/// - Legacy and extended scan commands must not be mixed, and parameters not be changed while
///   scanning: Command Disallowed (0x0C). While extended scanning is on, recorded legacy reports
///   are sent as extended ones; recorded extended reports are not sent to a legacy scan.
/// - The air's clock starts when scanning is first enabled, or with start_air(), at the time of the
///   recording's first packet of any kind; it does not stop when nobody listens. A host that
///   reads slowly holds it up.
class Controller {
 public:
    /// `recording` holds what read_btsnoop gave; only LE advertising report events are played.
    Controller(boost::asio::any_io_executor executor, ControllerSettings settings,
               std::vector<HciPacket> recording);
    ~Controller();
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

    /// `tcp:` (port 0 allowed) or `unix:` (an old socket there is replaced). The address it
    /// listens on.
    Result<wire::Address> listen(const wire::Address& address);
    void stop();
    /// The power is cut: the host is hung up on. It may come again.
    void hang_up();
    void start_air();

    /// Called when the air's clock starts, and when the recording is over (not while looping).
    void on_air_started(std::function<void()> call);
    void on_air_over(std::function<void()> call);

    bool scanning() const;
    const ControllerCounters& counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::stage
