#pragma once

#include "daemon/app/ndjson.hpp"
#include "daemon/app/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

/// How a reader is doing, for the doctor, the status and the metrics.
struct ReaderHealth {
    std::string name;
    std::string zone;
    std::string driver;
    std::string state;   ///< "up", "starting", "down", "api"
    std::string reason;  ///< for people
    std::uint64_t readings{};
    std::map<std::string, std::uint64_t> garbled;  ///< how often, by reason
    std::optional<Instant> last_at;                ///< last reading
};

/// The configured devices: opens each, feeds its bytes to its driver, stamps what comes out, and
/// hands it on as normalised events. A device that goes away or never was there costs only itself.
class Readers {
 public:
    struct Callbacks {
        std::function<void(const RawEvent&)> event;  ///< with `at`
        std::function<double()> random;              ///< [0, 1)
    };

    Readers(boost::asio::any_io_executor executor, const Settings& settings, Callbacks callbacks);
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
    std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace raiten::app
