#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::wire {

struct MqttBroker {
    bool tls{};
    std::string host;  ///< a name or a number; IPv6 in its brackets
    std::uint16_t port{};

    friend bool operator==(const MqttBroker&, const MqttBroker&) = default;
};

/// `mqtt://HOST[:PORT]` (1883) or `mqtts://HOST[:PORT]` (8883, TLS); `[::1]` for IPv6.
Result<MqttBroker> parse_mqtt_broker(std::string_view text);

/// The same in the form that parse_mqtt_broker reads, with the port.
std::string text_of(const MqttBroker& broker);

}  // namespace raiten::wire
