#pragma once

#include "daemon/paho/paho_thread.hpp"
#include "sync/failure.hpp"
#include "sync/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace raiten::sync {

/// One connection to one broker, with everything it needs from the start.
struct LinkSettings {
    BrokerAddress broker;
    int mqtt_version{5};  ///< 5 or 4 (which is 3.1.1)
    std::string client_id, username, password, ca_file, certificate_file, key_file;
    std::chrono::seconds keep_alive{};
    std::chrono::seconds connect_timeout{};
    std::chrono::seconds session_expiry{};
    std::size_t in_flight_max{};
    std::size_t downlink_bytes_max{};
    std::size_t downlinks_waiting_max{};
    std::string will_topic, will_payload;  ///< retained, QoS 1
    bool tcp_nodelay{true};
};

/// Names one publish of a connection; as wide as a pointer, because Paho carries it as one.
using Ticket = std::uintptr_t;

struct Opened {
    std::size_t in_flight_max{};     ///< what the broker takes at once
    std::size_t packet_bytes_max{};  ///< 0: the broker names no limit
};
struct Failed {
    FailureKind kind{};
    std::string text;
    bool silent{};  ///< closed after TCP (and TLS) without a CONNACK: perhaps the wrong version
};
struct Lost {
    std::string text;
};
struct Subscribed {};
struct SubscribeRefused {
    std::string text;
};
struct Published {
    Ticket ticket{};
};
struct PublishRefused {
    Ticket ticket{};
    std::string text;
    bool for_good{};  ///< the same message would be refused again
};
struct Arrived {
    std::string topic;
    std::string payload;  ///< empty where `bytes` exceeds the limit
    std::size_t bytes{};
};
struct ArrivalsDropped {
    std::size_t count{};  ///< came faster than the loop took them
};
struct Closed {};

using LinkEvent = std::variant<Opened, Failed, Lost, Subscribed, SubscribeRefused, Published,
                               PublishRefused, Arrived, ArrivalsDropped, Closed>;

/// One Paho client for one connection: made, used once, destroyed. Nothing of an earlier connection
/// is left inside Paho that it could send out of order. No call blocks; events come on `executor`,
/// in Paho's order, and none after the destructor has begun.
class Link {
 public:
    Link(boost::asio::any_io_executor executor, PahoThread& paho, LinkSettings settings,
         std::function<void(LinkEvent)> tell);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void open();                                      ///< → Opened or Failed
    void subscribe(std::vector<std::string> topics);  ///< QoS 1 → Subscribed or SubscribeRefused
    /// QoS 1 → Published or PublishRefused with the same ticket, or Lost, after which nothing
    /// more is told of tickets that wait. The message expires after `expiry` (MQTT 5 only).
    void publish(Ticket ticket, std::string topic, std::string payload, bool retained,
                 std::optional<std::chrono::seconds> expiry);
    void close();  ///< DISCONNECT, so that no will is sent → Closed

 private:
    struct Core;
    std::shared_ptr<Core> core_;
    PahoThread& paho_;
};

}  // namespace raiten::sync
