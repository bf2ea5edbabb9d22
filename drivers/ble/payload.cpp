#include "drivers/ble/payload.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/base/overloaded.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr unsigned service_data_16 = 0x16;
constexpr unsigned manufacturer_data = 0xff;
constexpr unsigned apple = 0x004c;
constexpr unsigned eddystone = 0xfeaa;
constexpr int rssi_dbm_max = 20;  ///< Core 5.4, Vol 4, Part E, 7.7.65.2: -127 to 20

template <std::size_t N>
std::array<std::byte, N> cut(Bytes bytes, std::size_t at)
{
    std::array<std::byte, N> out{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), N, out.begin());
    return out;
}

Recognised ibeacon(Bytes data)
{
    if (data.size() < 4 || le16(data, 0) != apple || be16(data, 2) != 0x0215) return {};
    if (data.size() != 25) return {.refused = "iBeacon of the wrong length"};
    return {.frame = IBeacon{cut<16>(data, 4), be16(data, 20), be16(data, 22), i8(data[24])}};
}

Recognised altbeacon(Bytes data)
{
    if (data.size() < 4 || be16(data, 2) != 0xbeac) return {};
    if (data.size() != 26 && data.size() != 25) return {.refused = "AltBeacon of the wrong length"};
    return {.frame = AltBeacon{le16(data, 0), cut<20>(data, 4), i8(data[24])}};
}

Recognised eddystone_uid(Bytes data)
{
    if (data.size() < 3 || le16(data, 0) != eddystone || u8(data[2]) != 0x00) return {};
    if (data.size() != 22 && data.size() != 20)
        return {.refused = "Eddystone UID of the wrong length"};
    return {.frame = EddystoneUid{cut<10>(data, 4), cut<6>(data, 14), i8(data[3])}};
}

/// Who may read what. The first that recognises or refuses a structure decides.
struct Kind {
    unsigned ad_type;
    Recognised (*read)(Bytes data);
};
constexpr std::array kinds{
    Kind{manufacturer_data, &ibeacon},
    Kind{manufacturer_data, &altbeacon},
    Kind{service_data_16, &eddystone_uid},
};

std::string with_dashes(const std::array<std::byte, 16>& uuid)
{
    std::string out = to_hex(uuid);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) out.insert(at, 1, '-');
    return out;
}

std::optional<TokenSeen> address_sighting(const Advertisement& heard)
{
    if (heard.address_type == AddressType::anonymous) return std::nullopt;
    return TokenSeen{"ble:" + text(heard.address), std::nullopt, rotates(heard)};
}

/// An RSSI that no radio can measure would make a visitor stand at the antenna.
std::optional<int> believable(std::optional<int> rssi_dbm)
{
    return rssi_dbm && *rssi_dbm <= rssi_dbm_max ? rssi_dbm : std::nullopt;
}

}  // namespace

std::optional<Garbled> split(Bytes advertising_data,
                             const std::function<void(const AdStructure&)>& take)
{
    while (!advertising_data.empty()) {
        const std::size_t length = u8(advertising_data[0]);
        if (length == 0) return std::nullopt;
        if (length >= advertising_data.size())
            return Garbled{"AD structure longer than its advertisement", advertising_data.size()};
        take(AdStructure{u8(advertising_data[1]), advertising_data.subspan(2, length - 1)});
        advertising_data = advertising_data.subspan(1 + length);
    }
    return std::nullopt;
}

Recognised recognise(const AdStructure& structure)
{
    for (const Kind& kind : kinds) {
        if (kind.ad_type != structure.type) continue;
        const Recognised recognised = kind.read(structure.data);
        if (recognised.frame || !recognised.refused.empty()) return recognised;
    }
    return {};
}

std::string token_of(const Frame& frame)
{
    return std::visit(
        overloaded{
            [](const IBeacon& beacon) {
                return "ibeacon:" + with_dashes(beacon.uuid) + "/" + std::to_string(beacon.major)
                       + "/" + std::to_string(beacon.minor);
            },
            [](const EddystoneUid& beacon) {
                return "eddystone-uid:" + to_hex(beacon.name_space) + to_hex(beacon.instance);
            },
            [](const AltBeacon& beacon) { return "altbeacon:" + to_hex(beacon.id); },
        },
        frame);
}

std::optional<TokenSeen> sighting(const Advertisement& heard, const Refuse& refuse)
{
    std::optional<Frame> frame;
    const auto damage = split(heard.data, [&](const AdStructure& structure) {
        if (frame) return;
        const Recognised recognised = recognise(structure);
        frame = recognised.frame;
        if (!recognised.refused.empty()) refuse(Garbled{recognised.refused, structure.data.size()});
    });
    if (damage && !heard.truncated) refuse(*damage);

    std::optional<TokenSeen> seen = address_sighting(heard);
    if (frame) seen = TokenSeen{token_of(*frame), std::nullopt, false};
    if (!seen) {
        refuse(Garbled{"anonymous and no beacon", heard.data.size()});
        return seen;
    }
    seen->rssi_dbm = believable(heard.rssi_dbm);
    return seen;
}

}  // namespace raiten::drivers::ble
