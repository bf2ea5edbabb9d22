#pragma once

#include "daemon/base/instant.hpp"
#include "sync/counters.hpp"
#include "sync/downlink.hpp"
#include "sync/lane_log.hpp"
#include "sync/link.hpp"
#include "sync/outbox_port.hpp"
#include "sync/settings.hpp"
#include "sync/topics.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace raiten::sync {

struct LaneState {
    std::uint64_t settled{};   ///< stored for good, as far as this process knows
    std::uint64_t sent_max{};  ///< the highest ever sent by this process
    std::size_t unsettled{};
    std::size_t ready{};
    /// Why the broker turned a message of it down; empty: it did not. Tried again after
    /// `resend_after`, also when the broker closed the connection over it.
    std::string blocked{};
};

struct ShippingCallbacks {
    std::function<Instant()> now;                      ///< for what expires
    std::function<void(std::string)> outbox_failed;    ///< with its reason; tried again
    std::function<void(std::string)> message_refused;  ///< "coupon: Quota exceeded"
};

/// The rows on their way from the outbox to HQ while there is a connection: which lane is next, how
/// many are in flight, what is sent again, what HQ's word settles.
class Shipping {
 public:
    /// Tickets below this one belong to the courier itself.
    static constexpr Ticket first_ticket = 2;

    /// What a connection offers. `owner` keeps the shipping alive; its handlers rest once it is
    /// gone.
    struct Line {
        Link* link{};
        std::size_t window{};            ///< messages between publish and PUBACK
        std::size_t packet_bytes_max{};  ///< 0: no limit named
        std::weak_ptr<void> owner;
    };

    /// All references outlive the shipping.
    Shipping(boost::asio::any_io_executor executor, const CourierSettings& settings,
             const Topics& topics, OutboxPort& outbox, CourierCounters& counters,
             ShippingCallbacks callbacks);

    void begin(Line line);  ///< everything unsettled goes out, again or for the first time
    void rest();            ///< nothing more is sent; what is in flight may still land
    void halt();            ///< the connection is gone; nothing is in flight any more

    void outbox_grew(Lane lane);
    void published(Ticket ticket);
    void refused(const PublishRefused& what);
    void acknowledged(const HqAck& ack);  ///< of whatever epoch; refused where it cannot be true

    LaneState state(Lane lane) const;

 private:
    using Steady = std::chrono::steady_clock;

    struct LaneWork {
        LaneLog log;
        bool more{true};  ///< the outbox may hold rows beyond the log's cursor
        bool fetching{};
        std::uint64_t fetch_number{};  ///< an answer to an older question is not taken
        std::string blocked;
        Steady::time_point progress_at{};
    };
    struct InFlight {
        Lane lane{};
        std::uint64_t sequence{};
    };
    struct Gap {
        Lane lane{};
        std::uint64_t from{};
        std::uint64_t through{};
        std::string why;
    };

    static void rewind(LaneWork& lane);
    static void forget_fetch(LaneWork& lane);
    void post_pump();
    void pump();
    bool is_full(const LaneWork& lane) const;
    LaneWork* next_lane();
    void fetch_where_low();
    void fetch(Lane lane);
    void fetched(Lane lane, std::uint64_t number, OutboxPort::Rows rows);
    void fetch_later();
    void send(LaneWork& mine, OutboxRow row);
    void drop(Lane lane, std::uint64_t sequence, std::string why);
    void hand_over_gap();
    std::optional<InFlight> land(Ticket ticket);
    void settle_confirmed(Lane lane);
    bool waits_for_hq(const LaneWork& lane) const;
    void arm_resend();
    void resend_due();

    boost::asio::any_io_executor executor_;
    const CourierSettings& settings_;
    const Topics& topics_;
    OutboxPort& outbox_;
    CourierCounters& counters_;
    ShippingCallbacks callbacks_;
    boost::asio::steady_timer resend_timer_;
    boost::asio::steady_timer fetch_timer_;
    bool resend_armed_{};
    bool pump_posted_{};

    std::optional<Line> line_;
    std::array<LaneWork, lanes.size()> work_;
    std::unordered_map<Ticket, InFlight> in_flight_;
    std::optional<Gap> gap_;
    Ticket next_ticket_{first_ticket};
};

}  // namespace raiten::sync
