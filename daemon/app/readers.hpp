#pragma once

#include "daemon/app/ndjson.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/model/rules.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

struct DeviceHouse;
class Gatherer;

/// What came from a reader since the start of the half hour before this one: enough to judge how
/// it is doing now.
struct Lately {
    std::uint64_t readings{};
    std::uint64_t garbled{};
    std::uint64_t flooded{};
};

/// How a reader is doing, for the doctor, the status and the metrics.
struct ReaderHealth {
    std::string name;
    std::string zone;
    std::string driver;
    std::string format;
    std::string state;   ///< "up", "starting", "down"
    std::string reason;  ///< for people
    std::uint64_t readings{};
    std::uint64_t flooded{};     ///< sightings dropped because there were too many
    std::uint64_t times_down{};  ///< how often it went away
    using Reasons = std::map<std::string, std::uint64_t, std::less<>>;
    Reasons garbled;  ///< what made no sense, by reason
    Reasons ignored;  ///< what was understood and is of no use: kitchen slips, control records
    Lately lately;
    std::optional<Instant> last_at;  ///< last reading
};

/// The configured devices: opens each, feeds its bytes to its driver, stamps what comes out, and
/// hands it on as normalised events. A device that goes away or never was there costs only itself.
class Readers {
 public:
    struct Callbacks {
        /// With `at`. The second, if there is one, is called when the event is durable, or refused
        /// for good; never when the ledger gave up.
        std::function<void(const RawEvent&, std::function<void()>)> event;
        std::function<double()> random;  ///< [0, 1)
    };

    /// All of it must outlive the readers.
    Readers(boost::asio::any_io_executor executor, const Settings& settings, const Places& places,
            const StoreClock& clock, Callbacks callbacks);
    ~Readers();

    /// A reader that cannot even be set up (a port in use, a pattern that does not compile) is a
    /// Problem; the others run on.
    std::vector<Problem> start();
    void stop();

    std::vector<ReaderHealth> health() const;
    /// An event of this reader came in over the local API.
    void heard_over_api(const std::string& name, Instant at);

    class Device;

 private:
    std::unique_ptr<Gatherer> gatherer_;
    std::unique_ptr<DeviceHouse> house_;
    std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace raiten::app
