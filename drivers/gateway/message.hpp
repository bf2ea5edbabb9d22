#pragma once

#include "drivers/gateway/lines.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace raiten::drivers::gateway {

/// One message as a gateway sent it, unpacked.
struct Message {
    std::string_view topic;           ///< empty where the stream does not say
    std::optional<ToldTime> told_at;  ///< when a recorder took it down
    std::string_view text;            ///< the payload where it is no JSON, else empty
    const nlohmann::json* json{};     ///< an object or an array; null where it is text
};

/// Parses a line's payload and takes it out of a recorder's object (`mosquitto_sub -F %j` or
/// `%J`: `tst`, `topic`, `payload` as text or as JSON). `take` is called at most once.
///
/// What gateways write although it is no JSON is forgiven: nan and inf (read as null), and bytes
/// that are no UTF-8 inside a device's name (read as '?').
void unpack(const Lines::Message& line, const std::function<void(const Message&)>& take,
            const ble::Refuse& refuse);

/// "home/gw/BTtoMQTT/aabb", n = 0: "home"; counted from the end where n < 0: -1 is "aabb".
/// Empty where there is no such level.
std::string_view level(std::string_view topic, int n);

}  // namespace raiten::drivers::gateway
