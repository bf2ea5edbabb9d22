#include "daemon/base/hex.hpp"
#include "drivers/gateway/ear.hpp"
#include "drivers/gateway/fields.hpp"
#include "drivers/gateway/gateway.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace raiten::drivers {
namespace gateway {
namespace {

using nlohmann::json;

constexpr std::string_view devices = "BTtoMQTT";
constexpr std::uint32_t uint16_max = 0xffff;

/// "…/GATEWAY/BTtoMQTT/…", else the last level: "home/presence/GATEWAY".
std::string gateway_of(std::string_view topic)
{
    std::string_view before;
    for (std::string_view rest = topic; !rest.empty();) {
        const auto here = level(rest, 0);
        if (here == devices) return gateway_id(before);
        before = here;
        rest.remove_prefix(std::min(rest.size(), here.size() + 1));
    }
    return gateway_id(level(topic, -1));
}

/// Who sent it: `id`; where that is a beacon's UUID, `mac`; where the message is about a sensor
/// alone, the topic's end.
std::optional<ble::Address> sender_of(const Message& message, const json& told)
{
    const auto id = text_in(told, "id");
    if (const auto address = address_of(id)) return address;
    if (!id.empty()) return address_of(text_in(told, "mac"));
    if (level(message.topic, -2) == devices) return address_of(level(message.topic, -1));
    return std::nullopt;
}

std::optional<ble::AddressType> type_of(const json& told)
{
    constexpr std::array types{ble::AddressType::public_, ble::AddressType::random,
                               ble::AddressType::public_identity,
                               ble::AddressType::random_identity};
    const auto type = count_in(told, "mac_type", types.size() - 1);
    return type ? std::optional{types[*type]} : std::nullopt;
}

/// "feaa", "0xFEAA", "0000feaa-0000-1000-8000-00805f9b34fb".
std::optional<AdBytes> short_uuid(std::string_view text)
{
    constexpr std::string_view rest_of_base = "-0000-1000-8000-00805f9b34fb";
    if (text.substr(0, 2) == "0x") text.remove_prefix(2);
    if (text.size() == 8 + rest_of_base.size() && text.substr(0, 4) == "0000"
        && text.substr(8) == rest_of_base)
        text = text.substr(4, 4);
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 2) return std::nullopt;
    std::swap((*bytes)[0], (*bytes)[1]);  // least significant first on the air
    return bytes;
}

void put_manufacturer_data(AdBytes& to, const json& told, const Tell& tell)
{
    const auto text = text_in(told, "manufacturerdata");
    const auto bytes = from_hex(text);
    if (!bytes) return tell(Garbled{"manufacturer data that is no hex", text.size()});
    if (!bytes->empty()) put_structure(to, 0xff, *bytes);
}

void put_service_data(AdBytes& to, const json& told, const Tell& tell)
{
    const auto text = text_in(told, "servicedata");
    const auto bytes = from_hex(text);
    if (!bytes) return tell(Garbled{"service data that is no hex", text.size()});
    auto service = short_uuid(text_in(told, "servicedatauuid"));
    if (bytes->empty() || !service) return;
    service->insert(service->end(), bytes->begin(), bytes->end());
    put_structure(to, 0x16, *service);
}

/// A beacon that the gateway has taken apart: `uuid`, `major`, `minor`.
void put_beacon(AdBytes& to, const json& told)
{
    const auto major = count_in(told, "major", uint16_max);
    const auto minor = count_in(told, "minor", uint16_max);
    if (!major || !minor) return;
    if (const auto data = ibeacon_data(text_in(told, "uuid"), *major, *minor))
        to.insert(to.end(), data->begin(), data->end());
}

std::optional<ToldTime> time_of(const Message& message, const json& told)
{
    if (const auto time = time_in(told, "UTCtime", Ticks::seconds)) return time;
    if (const auto time = time_in(told, "unixtime", Ticks::seconds)) return time;
    return message.told_at;
}

void understand(const Message& message, const Air& air, const Tell& tell)
{
    if (!message.json) {
        if (!is_sign_of_life(message.text))
            tell(Garbled{"a message that is no JSON", message.text.size()});
        return;
    }
    const json& told = *message.json;
    Report report;
    if (told.is_object()) {
        report.address = sender_of(message, told);
        put_beacon(report.data, told);
    }
    if (!report.address && report.data.empty())
        return tell(Garbled{"a message that names no device", 0});
    put_manufacturer_data(report.data, told, tell);
    put_service_data(report.data, told, tell);
    report.address_type = type_of(told);
    report.rssi_dbm = rssi_in(told, "rssi");
    report.heard_by = gateway_of(message.topic);
    report.told_at = time_of(message, told);
    air.hear(report, tell);
}

}  // namespace
}  // namespace gateway

std::unique_ptr<Translator> make_openmqttgateway(const Options& options)
{
    return gateway::make_ear(&gateway::understand, options);
}

}  // namespace raiten::drivers
