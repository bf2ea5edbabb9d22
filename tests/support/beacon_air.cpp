#include "tests/support/beacon_air.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/base/overloaded.hpp"
#include "tests/support/btsnoop_writer.hpp"
#include "tests/support/dice.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace raiten::stage {
namespace {

using Bytes = std::vector<std::byte>;

constexpr double advertising_delay_ms_max = 10;  // Bluetooth Core 5.3, Vol 6 Part B 4.4.2.2.1
constexpr double fading_memory_ms = 2'000;
constexpr std::uint8_t power_at_1m = 0xC5;  // -59 dBm
constexpr std::uint8_t power_at_0m = 0xEE;  // -18 dBm, 41 dB more than at 1 m
constexpr std::uint8_t adv_nonconn_ind = 3;

void put(Bytes& out, std::initializer_list<unsigned> values)
{
    for (const unsigned v : values) out.push_back(static_cast<std::byte>(v));
}
template <class Range>
void put_all(Bytes& out, const Range& more)
{
    out.insert(out.end(), std::begin(more), std::end(more));
}
void put_random(Bytes& out, std::size_t count, Dice& dice)
{
    for (std::size_t i = 0; i < count; ++i) put(out, {static_cast<unsigned>(dice.below(256))});
}

Bytes packet_of(std::span<const unsigned> values)
{
    Bytes out;
    for (const unsigned v : values) out.push_back(static_cast<std::byte>(v));
    return out;
}

Bytes uuid_bytes(std::string uuid)
{
    std::erase(uuid, '-');
    return from_hex(uuid).value_or(Bytes(16));
}

Bytes phone_data(PhoneKind kind, Dice& dice)
{
    Bytes out;
    switch (kind) {
        case PhoneKind::apple_nearby:
            put(out, {2, 1, 0x1A, 0x0A, 0xFF, 0x4C, 0x00, 0x10, 0x05});
            put_random(out, 5, dice);
            break;
        case PhoneKind::find_my:
            put(out, {0x1E, 0xFF, 0x4C, 0x00, 0x12, 0x19});
            put_random(out, 25, dice);
            break;
        case PhoneKind::microsoft:
            put(out, {0x1E, 0xFF, 0x06, 0x00, 0x01, 0x09, 0x20, 0x02});
            put_random(out, 23, dice);
            break;
        case PhoneKind::exposure_notification:
            put(out, {2, 1, 0x1A, 3, 3, 0x6F, 0xFD, 0x17, 0x16, 0x6F, 0xFD});
            put_random(out, 20, dice);
            break;
    }
    return out;
}

/// Resolvable (top bits 01) for phones, static (11) for beacons; least significant byte first.
std::array<std::byte, 6> random_address(bool rotates, Dice& dice)
{
    std::array<std::byte, 6> address{};
    for (auto& b : address) b = static_cast<std::byte>(dice.below(256));
    address[5] = (address[5] & std::byte{0x3F}) | (rotates ? std::byte{0x40} : std::byte{0xC0});
    return address;
}

/// Where they are, while they are anywhere.
std::optional<Place> place_at(const std::vector<Step>& path, double at_ms)
{
    const auto ms = [](const Step& step) { return static_cast<double>(step.at.count()); };
    if (path.empty() || at_ms < ms(path.front()) || at_ms >= ms(path.back())) return std::nullopt;
    const auto after =
        std::find_if(path.begin(), path.end(), [&](const Step& s) { return ms(s) > at_ms; });
    const auto& to = *after;
    const auto& from = *std::prev(after);
    const double share = (at_ms - ms(from)) / (ms(to) - ms(from));
    return Place{from.place.x + share * (to.place.x - from.place.x),
                 from.place.y + share * (to.place.y - from.place.y)};
}

struct Heard {
    std::int64_t at_us;
    std::size_t advertiser;
    Bytes packet;
};

Bytes report(const std::array<std::byte, 6>& address, const Bytes& data, int rssi_dbm)
{
    Bytes out;
    const auto size = static_cast<unsigned>(data.size());
    put(out, {0x04, 0x3E, 12 + size, 0x02, 1, adv_nonconn_ind, 1});
    put_all(out, address);
    put(out, {size});
    put_all(out, data);
    put(out, {static_cast<unsigned>(rssi_dbm) & 0xFFU});
    return out;
}

/// Everything that the radio hears of one advertiser, in time order.
void listen(const Advertiser& who, std::size_t index, const Radio& radio, Millis length,
            std::uint64_t seed, std::vector<Heard>& heard)
{
    Dice sender{seed ^ (index + 1) * 0xD6E8'FEB8'6659'FD93U};  // the same for every radio
    const auto place_salt = static_cast<std::uint64_t>(std::llround(radio.place.x * 1'000)) * 31U
                            + static_cast<std::uint64_t>(std::llround(radio.place.y * 1'000));
    Dice air{sender.word() ^ place_salt * 0x2545'F491'4F6C'DD1DU};
    const auto* phone = std::get_if<Phone>(&who.payload);
    auto address = random_address(phone != nullptr, sender);
    auto salt = sender.word();
    auto data = advertising_data(who.payload, salt);
    const double interval_ms = static_cast<double>(who.interval.count());
    const double rotation_ms = phone ? static_cast<double>(phone->rotation.count()) : 0;
    double rotates_at_ms = phone ? sender.between(0, rotation_ms) : 0;
    double fading_db = air.normal() * radio.fading_db;
    const double memory = std::exp(-interval_ms / fading_memory_ms);

    double at_ms = sender.between(0, interval_ms);
    while (at_ms < static_cast<double>(length.count())) {
        if (phone && at_ms >= rotates_at_ms) {
            rotates_at_ms += rotation_ms;
            address = random_address(true, sender);
            data = advertising_data(who.payload, sender.word());
        }
        fading_db =
            memory * fading_db + std::sqrt(1 - memory * memory) * radio.fading_db * air.normal();
        const double noise_db = radio.noise_db * air.normal();
        const bool lost = air.share() < radio.loss;
        const auto place = place_at(who.path, at_ms);
        if (place && !lost) {
            const double away_m =
                std::max(0.3, std::hypot(place->x - radio.place.x, place->y - radio.place.y));
            const double rssi = radio.power_at_1m_dbm - 10 * radio.exponent * std::log10(away_m)
                                - who.wall_db + fading_db + noise_db;
            const int rssi_dbm = static_cast<int>(std::lround(std::min(rssi, -20.0)));
            if (rssi >= radio.sensitivity_dbm)
                heard.push_back(
                    {std::llround(at_ms * 1'000), index, report(address, data, rssi_dbm)});
        }
        at_ms += interval_ms + sender.between(0, advertising_delay_ms_max);
    }
}

}  // namespace

std::string token_of(const Payload& payload)
{
    return std::visit(overloaded{
                          [](const Ibeacon& b) {
                              return "ibeacon:" + b.uuid + "/" + std::to_string(b.major) + "/"
                                     + std::to_string(b.minor);
                          },
                          [](const EddystoneUid& b) {
                              return "eddystone-uid:" + to_hex(b.name_space) + to_hex(b.instance);
                          },
                          [](const AltBeacon& b) { return "altbeacon:" + to_hex(b.id); },
                          [](const Phone&) { return std::string{}; },
                      },
                      payload);
}

std::vector<std::byte> advertising_data(const Payload& payload, std::uint64_t salt)
{
    Bytes out;
    const auto ibeacon = [&](const Ibeacon& b) {
        put(out, {2, 1, 6, 0x1A, 0xFF, 0x4C, 0x00, 0x02, 0x15});
        put_all(out, uuid_bytes(b.uuid));
        put(out, {b.major / 256U, b.major % 256U, b.minor / 256U, b.minor % 256U, power_at_1m});
    };
    const auto eddystone = [&](const EddystoneUid& b) {
        put(out, {2, 1, 6, 3, 3, 0xAA, 0xFE, 0x17, 0x16, 0xAA, 0xFE, 0x00, power_at_0m});
        put_all(out, b.name_space);
        put_all(out, b.instance);
        put(out, {0, 0});
    };
    const auto altbeacon = [&](const AltBeacon& b) {
        put(out, {2, 1, 6, 0x1B, 0xFF, b.company % 256U, b.company / 256U, 0xBE, 0xAC});
        put_all(out, b.id);
        put(out, {power_at_1m, 0});
    };
    const auto phone = [&](const Phone& p) {
        Dice dice{salt};
        out = phone_data(p.kind, dice);
    };
    std::visit(overloaded{ibeacon, eddystone, altbeacon, phone}, payload);
    return out;
}

std::vector<std::byte> capture_of(const std::vector<Advertiser>& advertisers, const Radio& radio,
                                  Instant base, Millis length, std::uint64_t seed)
{
    std::vector<Heard> heard;
    for (std::size_t i = 0; i < advertisers.size(); ++i)
        listen(advertisers[i], i, radio, length, seed, heard);
    std::stable_sort(heard.begin(), heard.end(),
                     [](const Heard& a, const Heard& b) { return a.at_us < b.at_us; });
    BtsnoopWriter out;
    // The scan begins: it marks the scene's start, however late the first advertisement is heard.
    const std::array<unsigned, 6> enable{0x01, 0x0C, 0x20, 0x02, 0x01, 0x00};
    const std::array<unsigned, 7> done{0x04, 0x0E, 0x04, 0x01, 0x0C, 0x20, 0x00};
    out.add(Micros{base}, false, packet_of(enable));
    out.add(Micros{base}, true, packet_of(done));
    for (const auto& one : heard)
        out.add(Micros{base} + std::chrono::microseconds{one.at_us}, true, one.packet);
    return out.bytes();
}

}  // namespace raiten::stage
