#include "daemon/wire/mqtt_broker.hpp"

#include <charconv>

namespace raiten::wire {
namespace {

Problem wrong(std::string_view text)
{
    return Problem{"not the address of a broker: '" + std::string{text.substr(0, 80)} + "'",
                   {},
                   "write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS"};
}

}  // namespace

Result<MqttBroker> parse_mqtt_broker(std::string_view text)
{
    const auto whole = text;
    MqttBroker broker;
    if (text.substr(0, 7) == "mqtt://") {
        broker.port = 1883;
        text.remove_prefix(7);
    } else if (text.substr(0, 8) == "mqtts://") {
        broker.tls = true;
        broker.port = 8883;
        text.remove_prefix(8);
    } else {
        return wrong(whole);
    }
    const auto bracket = text.rfind(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        const auto digits = text.substr(colon + 1);
        const auto* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, broker.port);
        if (digits.empty() || error != std::errc{} || stop != end || broker.port == 0)
            return wrong(whole);
        text = text.substr(0, colon);
    }
    const bool open = !text.empty() && text.front() == '[';
    const bool closed = !text.empty() && text.back() == ']';
    if (text.empty() || open != closed || text.find_first_of("/@ ") != std::string_view::npos)
        return wrong(whole);
    broker.host = text;
    return broker;
}

std::string text_of(const MqttBroker& broker)
{
    return (broker.tls ? "mqtts://" : "mqtt://") + broker.host + ":" + std::to_string(broker.port);
}

}  // namespace raiten::wire
