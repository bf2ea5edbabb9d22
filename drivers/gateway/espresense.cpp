#include "daemon/base/hex.hpp"
#include "drivers/gateway/ear.hpp"
#include "drivers/gateway/fields.hpp"
#include "drivers/gateway/gateway.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace raiten::drivers {
namespace gateway {
namespace {

using nlohmann::json;

/// `idType`: how sure ESPresense is of an id.
namespace id_type {
constexpr int misc_apple = -5;
constexpr int random_mac = 1;
constexpr int random_static_mac = 5;
constexpr int find_my = 32;
constexpr int microsoft = 40;
constexpr int public_mac = 55;
constexpr int exposure = 120;
constexpr int smart_tag = 121;
constexpr int apple_nearby = 150;
constexpr int known_irk = 200;
constexpr int known_mac = 210;
}  // namespace id_type

constexpr std::size_t id_bytes_max = 200;

/// Ids that describe a make or a name, not one device: many visitors share them.
constexpr std::array shared_by_many{
    "apple:", "md:", "sd:", "ad:", "name:", "msft:", "exp:", "smarttag:"};

/// What an id stands for. Nothing set: the address in `mac` is all there is.
struct Identity {
    AdBytes beacon;
    std::optional<ble::Address> address;
    std::string named;
};

bool begins(std::string_view text, std::string_view with)
{
    return text.substr(0, with.size()) == with;
}

std::optional<unsigned> number_of(std::string_view text)
{
    unsigned value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end || value > 0xffff) return std::nullopt;
    return value;
}

/// "<uuid>-<major>-<minor>": the uuid has dashes of its own.
struct BeaconName {
    std::string_view uuid;
    unsigned major{};
    unsigned minor{};
};
std::optional<BeaconName> beacon_name(std::string_view text)
{
    const auto last = text.rfind('-');
    if (last == std::string_view::npos || last == 0) return std::nullopt;
    const auto before = text.rfind('-', last - 1);
    if (before == std::string_view::npos) return std::nullopt;
    const auto major = number_of(text.substr(before + 1, last - before - 1));
    const auto minor = number_of(text.substr(last + 1));
    if (!major || !minor) return std::nullopt;
    return BeaconName{text.substr(0, before), *major, *minor};
}

/// "<namespace>-<instance>", 20 and 12 hex digits. Firmware up to 2023 writes the fifth byte of
/// the namespace twice, which is undone.
std::optional<AdBytes> eddystone(std::string_view text)
{
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    std::string name_space{text.substr(0, dash)};
    if (name_space.size() == 22 && name_space.substr(8, 2) == name_space.substr(10, 2))
        name_space.erase(8, 2);
    return eddystone_uid_data(name_space, text.substr(dash + 1));
}

/// Its twenty bytes are written as an iBeacon's.
std::string altbeacon_token(const BeaconName& name)
{
    std::string id;
    for (const char c : name.uuid)
        if (c != '-') id.push_back(c);
    const auto bytes = from_hex(id);
    if (!bytes || bytes->size() != 16) return {};
    auto all = *bytes;
    for (const unsigned part :
         {name.major >> 8U, name.major & 0xffU, name.minor >> 8U, name.minor & 0xffU})
        all.push_back(static_cast<std::byte>(part));
    return "altbeacon:" + to_hex(all);
}

Identity beacon_identity(std::string_view id)
{
    Identity found;
    const auto body = id.substr(id.find(':') + 1);
    if (begins(id, "iBeacon:")) {
        if (const auto name = beacon_name(body))
            found.beacon = ibeacon_data(name->uuid, name->major, name->minor).value_or(AdBytes{});
    } else if (begins(id, "eddy:")) {
        found.beacon = eddystone(body).value_or(AdBytes{});
    } else if (const auto name = beacon_name(body)) {
        found.named = altbeacon_token(*name);
    }
    return found;
}

Identity identity_of(std::string_view id, int type)
{
    constexpr std::array beacons{"iBeacon:", "eddy:", "altBeacon:"};
    const auto is_like = [&](const char* beginning) { return begins(id, beginning); };
    if (std::any_of(beacons.begin(), beacons.end(), is_like)) return beacon_identity(id);
    if (const auto address = address_of(id)) return {{}, address, {}};
    if (std::any_of(shared_by_many.begin(), shared_by_many.end(), is_like)
        && type < id_type::known_irk)
        return {};
    const auto colon = id.rfind(':');
    if (colon != std::string_view::npos)  // "known:…", "tile:…", "itag:…"
        if (const auto address = address_of(id.substr(colon + 1))) return {{}, address, {}};
    if (id.back() == ':') return {};  // a kind without a name
    return {{}, std::nullopt, "app:" + std::string{id}};
}

std::optional<ble::AddressType> type_of(int type)
{
    switch (type) {
        case id_type::random_mac:
        case id_type::random_static_mac:
        case id_type::misc_apple:
        case id_type::find_my:
        case id_type::microsoft:
        case id_type::exposure:
        case id_type::smart_tag:
        case id_type::apple_nearby:
            return ble::AddressType::random;
        case id_type::public_mac:
        case id_type::known_mac:
            return ble::AddressType::public_;
        default:
            return std::nullopt;
    }
}

int id_type_in(const json& told)
{
    const auto type = number_in(told, "idType");
    return type && *type >= -1'000 && *type <= 1'000 ? static_cast<int>(*type) : 0;
}

/// "espresense/devices/ID/ROOM"; the prefix may be another.
bool is_about_a_device(std::string_view topic)
{
    return topic.empty() || level(topic, -3) == "devices";
}

void understand_device(const Message& message, const Air& air, const Tell& tell)
{
    const json& told = *message.json;
    const int type = id_type_in(told);
    auto id = text_in(told, "id");
    if (id.empty()) id = level(message.topic, -2);
    if (id.empty() || id.size() > id_bytes_max || !is_plain_text(id))
        return tell(Garbled{"a message that names no device", 0});

    Report report;
    report.rssi_dbm = rssi_in(told, "rssi");
    report.heard_by = gateway_id(level(message.topic, -1));
    report.told_at = message.told_at;
    Identity identity = identity_of(id, type);
    if (!identity.named.empty() && air.hear_named(std::move(identity.named), report, tell)) return;
    report.data = std::move(identity.beacon);
    report.address = identity.address ? identity.address : address_of(text_in(told, "mac"));
    report.address_type = type_of(type);
    if (!report.address && report.data.empty())
        return tell(Garbled{"an id that tells nobody apart", 0});
    air.hear(report, tell);
}

void understand(const Message& message, const Air& air, const Tell& tell)
{
    if (!message.json) {
        if (!is_sign_of_life(message.text))
            tell(Garbled{"a message that is no JSON", message.text.size()});
    } else if (!message.json->is_object()) {
        tell(Garbled{"a message that names no device", 0});
    } else if (is_about_a_device(message.topic)) {
        understand_device(message, air, tell);
    }
}

}  // namespace
}  // namespace gateway

std::unique_ptr<Translator> make_espresense(const Options& options)
{
    return gateway::make_ear(&gateway::understand, options);
}

}  // namespace raiten::drivers
