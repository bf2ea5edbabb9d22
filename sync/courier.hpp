#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "sync/counters.hpp"
#include "sync/outbox_port.hpp"
#include "sync/settings.hpp"
#include "sync/shipping.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace raiten::sync {

/// Which `status` payload is asked for: the birth, the farewell, or the will that the broker keeps.
struct StatusNote {
    bool online{};
    std::uint64_t epoch{};
    std::uint64_t session{};  ///< of this start of the service
    std::uint64_t
        connection{};  ///< counts within the session, so that a late will is known as such
};

struct CourierCallbacks {
    std::function<std::string(const StatusNote&)> status;  ///< the payload, JSON
    std::function<Instant()> now;                          ///< for what expires
    std::function<double()> random;                        ///< [0, 1), for the back-off
    std::function<void(std::string payload)> command{};    ///< a message of HQ on `command`
    std::function<void()> changed{};                       ///< state() says something new
};

enum class Phase {
    stopped,
    waiting,      ///< for the back-off to pass
    connecting,   ///< until CONNACK
    subscribing,  ///< until SUBACK
    announcing,   ///< until the PUBACK of the birth
    online,
    leaving,  ///< saying goodbye
};
std::string_view name(Phase phase);

struct CourierState {
    Phase phase{Phase::stopped};
    std::string broker{};  ///< of the present or last attempt
    int mqtt_version{};    ///< 5 or 4 (3.1.1)
    std::uint64_t connection{};
    std::string reason{};  ///< of the last failure, with its kind: "tls: …"; empty when all is well
    std::array<LaneState, lanes.size()> lane{};
};

/// Carries the outbox to HQ, at least once and in order within a lane, through any outage.
/// Everything here is called, and calls back, on the executor; nothing blocks it. (Only the
/// destructor waits for Paho's threads, 0.1 to 3 s: stop first, destroy when the loop is done.)
class Courier {
 public:
    /// The settings must have passed check(); the outbox outlives the courier.
    Courier(boost::asio::any_io_executor executor, CourierSettings settings, OutboxPort& outbox,
            CourierCallbacks callbacks);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    void start();

    /// Publishes the retained `offline`, disconnects, and calls `done` once, at the latest after
    /// `stop_timeout`. What was not settled stays in the outbox.
    void stop(std::function<void()> done);

    /// Rows were added to the lane.
    void outbox_grew(Lane lane);

    CourierState state() const;
    const CourierCounters& counters() const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace raiten::sync
