#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "sync/link.hpp"
#include "sync/outbox_port.hpp"
#include "sync/settings.hpp"

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

struct LaneState {
    std::uint64_t settled{};   ///< stored for good, as far as this process knows
    std::uint64_t sent_max{};  ///< the highest ever sent by this process
    std::size_t unsettled{};
    std::size_t ready{};
    /// Why the broker turned a message of it down; empty: it did not. Tried again after
    /// `resend_after`, also when the broker closed the connection over it.
    std::string blocked{};
};

struct CourierState {
    Phase phase{Phase::stopped};
    std::string broker{};  ///< of the present or last attempt
    int mqtt_version{};    ///< 5 or 4 (3.1.1)
    std::uint64_t connection{};
    std::string reason{};  ///< of the last failure, with its kind: "tls: …"; empty when all is well
    std::array<LaneState, lanes.size()> lane{};
};

/// Since the start of the process; for metrics.
struct CourierCounters {
    std::uint64_t connected{};
    std::array<std::uint64_t, failure_kinds> failures{};  ///< by FailureKind
    std::array<std::uint64_t, lanes.size()> sent{};       ///< publishes, repeats included
    std::array<std::uint64_t, lanes.size()> sent_again{};
    std::array<std::uint64_t, lanes.size()> confirmed{};  ///< PUBACKs
    std::array<std::uint64_t, lanes.size()> expired{};
    std::array<std::uint64_t, lanes.size()> undeliverable{};
    std::uint64_t resend_rounds{};  ///< after silence of HQ
    std::uint64_t fetch_failures{};
    std::uint64_t acks{};            ///< that moved a lane
    std::uint64_t acks_stale{};      ///< said nothing new
    std::uint64_t acks_epoch{};      ///< refused: of another epoch
    std::uint64_t acks_ahead{};      ///< refused: beyond all that was sent
    std::uint64_t downlinks_bad{};   ///< refused: malformed, too large, wrong topic
    std::uint64_t downlinks_lost{};  ///< refused: came faster than they were read
    std::uint64_t commands{};
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
