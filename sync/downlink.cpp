#include "sync/downlink.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace raiten::sync {

namespace {

using Json = nlohmann::json;

Result<std::uint64_t> number_at(const Json& object, const std::string& key)
{
    const auto& value = object.at(key);
    if (!value.is_number_unsigned()) return Problem{"not an unsigned integer", "ack." + key};
    return value.get<std::uint64_t>();
}

}  // namespace

Result<HqAck> parse_ack(std::string_view text)
{
    if (text.size() > ack_bytes_max) return Problem{"longer than 1 KiB", "ack"};
    bool nested = false;
    const auto flat = [&nested](int depth, Json::parse_event_t event, Json&) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        if (opens && depth > 0) nested = true;
        return !nested;
    };
    const auto object = Json::parse(text, flat, false);
    if (nested || !object.is_object()) return Problem{"not a flat JSON object", "ack"};
    if (!object.contains("epoch")) return Problem{"no epoch", "ack"};

    HqAck ack;
    const auto epoch = number_at(object, "epoch");
    if (!epoch.has_value()) return epoch.error();
    ack.epoch = *epoch;
    for (const auto lane : lanes) {
        const std::string key{text_of(lane)};
        if (!object.contains(key)) continue;
        const auto through = number_at(object, key);
        if (!through.has_value()) return through.error();
        ack.through[static_cast<std::size_t>(lane)] = *through;
    }
    return ack;
}

Result<Downlink> admit_downlink(const Topics& topics, std::string_view topic, std::string payload)
{
    if (topic == topics.ack()) {
        auto ack = parse_ack(payload);
        if (!ack.has_value()) return ack.error();
        return Downlink{*ack};
    }
    if (topic == topics.command()) return Downlink{Command{std::move(payload)}};
    return Problem{"not a topic that this device listens to", std::string{topic.substr(0, 200)}};
}

}  // namespace raiten::sync
