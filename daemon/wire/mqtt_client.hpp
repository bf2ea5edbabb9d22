#pragma once

#include "daemon/paho/paho_thread.hpp"
#include "daemon/wire/mqtt_broker.hpp"
#include "daemon/wire/mqtt_ear.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace raiten::wire {

/// What becomes of one connection, in the order in which Paho says it.
struct MqttOpened {};
struct MqttSubscribed {};
struct MqttFailed {
    std::string reason;
};
struct MqttArrived {
    std::string topic;
    std::string payload;
};
using MqttEvent = std::variant<MqttOpened, MqttSubscribed, MqttFailed, MqttArrived>;

/// One Paho client for one connection: made, used once, destroyed. No call blocks; events come on
/// `executor`, and none after the destructor has begun. Messages that come faster than they are
/// taken push out the oldest that wait.
class MqttClient {
 public:
    struct Losses {
        std::uint64_t too_large{};
        std::uint64_t dropped{};
    };

    MqttClient(boost::asio::any_io_executor executor, PahoThread& paho, const MqttAddress& address,
               MqttBroker broker, const MqttLimits& limits, std::function<void(MqttEvent)> tell);
    ~MqttClient();
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    void open();                                      ///< → MqttOpened or MqttFailed
    void subscribe(std::vector<std::string> topics);  ///< → MqttSubscribed or MqttFailed
    Losses losses() const;

 private:
    struct Core;
    std::shared_ptr<Core> core_;
    PahoThread& paho_;
};

}  // namespace raiten::wire
