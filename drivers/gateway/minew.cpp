#include "drivers/gateway/minew.hpp"

#include "daemon/base/hex.hpp"
#include "drivers/gateway/ear.hpp"
#include "drivers/gateway/fields.hpp"
#include "drivers/gateway/gateway.hpp"

#include <nlohmann/json.hpp>

namespace raiten::drivers {
namespace gateway {
namespace {

using nlohmann::json;

constexpr std::uint32_t uint16_max = 0xffff;

/// An element of the array that is about the gateway itself: {"type":"Gateway","mac":…}, or
/// {"gateway":…} in the raw form.
std::string_view gateway_in(const json& element)
{
    if (!element.is_object()) return {};
    if (text_in(element, "type") == "Gateway") return text_in(element, "mac");
    return element.contains("mac") ? std::string_view{} : text_in(element, "gateway");
}

/// The gateway's address as a level of the topic: "/gw/ac233fc0bc43/status".
std::string gateway_of(std::string_view topic)
{
    while (!topic.empty()) {
        const auto here = level(topic, 0);
        if (address_of(here)) return gateway_id(here);
        topic.remove_prefix(std::min(topic.size(), here.size() + 1));
    }
    return {};
}

void put_beacon(AdBytes& to, const json& told)
{
    const auto major = count_in(told, "ibeaconMajor", uint16_max);
    const auto minor = count_in(told, "ibeaconMinor", uint16_max);
    if (!major || !minor) return;
    if (const auto data = ibeacon_data(text_in(told, "ibeaconUuid"), *major, *minor))
        to.insert(to.end(), data->begin(), data->end());
}

void understand_device(const json& told, const Message& message, const std::string& heard_by,
                       const Air& air, const Tell& tell)
{
    Report report;
    if (told.is_object()) {
        report.address = address_of(text_in(told, "mac"));
        put_beacon(report.data, told);
    }
    if (!report.address && report.data.empty())
        return tell(Garbled{"an element that names no device", 0});
    const auto raw = text_in(told, "rawData");
    if (const auto bytes = from_hex(raw))
        report.data.insert(report.data.end(), bytes->begin(), bytes->end());
    else
        tell(Garbled{"raw data that is no hex", raw.size()});
    report.rssi_dbm = rssi_in(told, "rssi");
    report.heard_by = heard_by;
    report.told_at = time_in(told, "timestamp", Ticks::milliseconds);
    if (!report.told_at) report.told_at = message.told_at;
    air.hear(report, tell);
}

void understand(const Message& message, const Air& air, const Tell& tell)
{
    if (!message.json) {
        if (!is_sign_of_life(message.text))
            tell(Garbled{"a message that is no JSON", message.text.size()});
        return;
    }
    std::string heard_by = gateway_of(message.topic);
    const json& told = *message.json;
    if (told.is_object()) {
        if (gateway_in(told).empty()) understand_device(told, message, heard_by, air, tell);
        return;
    }
    for (const json& element : told) {
        const auto gateway = gateway_in(element);
        if (!gateway.empty()) heard_by = gateway_id(gateway);
    }
    for (const json& element : told)
        if (gateway_in(element).empty()) understand_device(element, message, heard_by, air, tell);
}

}  // namespace

bool hear_minew_body(ble::Bytes body, const Air& air, const Tell& tell)
{
    using namespace ble;
    constexpr std::size_t header_bytes = 14;
    constexpr unsigned random_address = 0x06;
    const auto at = [&](std::size_t i, std::size_t size) { return body.subspan(i, size); };
    const auto refuse = [&](std::string_view why) {
        tell(Garbled{why, body.size()});
        return false;
    };
    if (body.size() <= header_bytes || be16(body, 0) != 0xbb01)
        return refuse("no binary body of a Minew gateway");
    if (be32(body, 2) != body.size() || u8(body.back()) != 0xdd)
        return refuse("a Minew body that is not whole");

    const auto address_at = [&](std::size_t i) {
        Address address{};
        std::copy_n(body.begin() + static_cast<std::ptrdiff_t>(i), address.size(), address.begin());
        return address;
    };
    const std::size_t end = body.size() - 1;
    std::size_t next = header_bytes;
    for (unsigned devices = be16(body, 12); devices > 0; --devices) {
        if (end - next < 8) return refuse("a Minew body with fewer devices than it says");
        Report report;
        report.address = address_at(next);
        report.heard_by = to_hex(at(6, 6));
        unsigned packets = be16(body, next + 6);
        for (next += 8; packets > 0; --packets) {
            const std::size_t size = end - next < 3 ? end : u8(body[next]);
            if (end - next < size + 3)
                return refuse("a Minew body with fewer packets than it says");
            const Bytes data = at(next + 1, size);
            const bool random = (u8(body[next + 1 + size]) & random_address) != 0;
            report.address_type = random ? AddressType::random : AddressType::public_;
            report.rssi_dbm = believable_rssi(i8(body[next + 2 + size]));
            report.data.assign(data.begin(), data.end());
            air.hear(report, tell);
            next += size + 3;
        }
    }
    return true;
}

}  // namespace gateway

std::unique_ptr<Translator> make_minew(const Options& options)
{
    return gateway::make_ear(&gateway::understand, options);
}

}  // namespace raiten::drivers
