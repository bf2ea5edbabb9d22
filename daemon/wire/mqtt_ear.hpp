#pragma once

#include "daemon/base/instant.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::wire {

/// A broker that others publish to. Files are PEM; a certificate and its key only where the broker
/// asks for them.
struct MqttAddress {
    std::vector<std::string> brokers;  ///< as parse_mqtt_broker reads them; tried in turn
    std::string username{};
    std::string password{};
    std::string ca_file{};
    std::string certificate_file{};
    std::string key_file{};
    std::string client_id{};  ///< empty: one is drawn; two clients must not share one
};

struct MqttLimits {
    Millis connect_timeout{10'000};  ///< until the broker has taken the subscription
    Millis back_off_min{200};
    Millis back_off_max{30'000};
    std::chrono::seconds keep_alive{30};   ///< a frozen broker is noticed within twice this
    std::optional<Millis> silent_after{};  ///< no message for so long: down, and connected anew
    int qos{0};                            ///< 0 or 1
    std::size_t message_bytes_max{256 * 1024};  ///< topic and payload; larger are counted only
    std::size_t waiting_max{4'096};             ///< messages handed over and not yet told
    std::size_t waiting_bytes_max{8 * 1024 * 1024};
};

/// Called on the executor's thread, never from within start() or stop().
struct MqttCallbacks {
    std::function<void()> on_up;  ///< connected and subscribed
    /// Both are gone afterwards.
    std::function<void(std::string_view topic, std::span<const std::byte> payload)> on_message;
    /// An open connection went away, or an attempt failed. Of a broker's failures in a row only one
    /// that differs from its last is told.
    std::function<void(const std::string& reason)> on_down;
};

struct MqttCounters {
    std::uint64_t opened{};
    std::uint64_t failed{};     ///< attempts
    std::uint64_t messages{};   ///< told
    std::uint64_t bytes_in{};   ///< of their payloads
    std::uint64_t too_large{};  ///< not told
    std::uint64_t dropped{};    ///< came faster than the loop took them: the oldest
};

/// Listens to topics of a broker, and keeps listening: subscribed, watched, and connected again
/// when the broker goes away, after a pause that doubles up to `back_off_max` and is spread at
/// random by half; the other brokers of the list are tried before the pause. The pauses start small
/// again once a message has come, or the connection has stayed for longer than the longest pause.
///
/// It speaks MQTT 3.1.1 with a clean session: what is published while it is away is gone, as a
/// radio's words are. It lives on the executor's one thread, and may be stopped or destroyed at any
/// time, also from within a callback; no callback comes after that. Destroying it waits for Paho,
/// three seconds at most.
class MqttEar {
 public:
    /// `random` gives numbers in [0, 1).
    MqttEar(boost::asio::any_io_executor executor, MqttAddress address,
            std::vector<std::string> topics, MqttLimits limits, MqttCallbacks callbacks,
            std::function<double()> random);
    ~MqttEar();
    MqttEar(const MqttEar&) = delete;
    MqttEar& operator=(const MqttEar&) = delete;

    void start();
    void stop();

    bool up() const;
    MqttCounters counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire
