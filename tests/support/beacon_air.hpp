#pragma once

#include "daemon/base/instant.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raiten::stage {

/// A place on the floor plan, in metres.
struct Place {
    double x{};
    double y{};
};

/// Where somebody is at which moment; in between they walk in a straight line.
struct Step {
    Millis at;
    Place place;
};

struct Ibeacon {
    std::string uuid;  ///< 32 hex digits with dashes
    std::uint16_t major{};
    std::uint16_t minor{};
};
struct EddystoneUid {
    std::array<std::byte, 10> name_space{};
    std::array<std::byte, 6> instance{};
};
struct AltBeacon {
    std::uint16_t company{};
    std::array<std::byte, 20> id{};
};
enum class PhoneKind : std::uint8_t { apple_nearby, find_my, microsoft, exposure_notification };
/// A phone or gadget of nobody: its address and its payload change every `rotation`.
struct Phone {
    PhoneKind kind{};
    Millis rotation{std::chrono::minutes{15}};
};
using Payload = std::variant<Ibeacon, EddystoneUid, AltBeacon, Phone>;

/// Something that sends while somebody carries it from the first step to the last.
struct Advertiser {
    Payload payload;
    std::vector<Step> path;
    Millis interval{500};
    double wall_db{};  ///< what stands between it and the shop
};

/// How a radio in the shop hears: log-distance path loss, slow fading (people who turn and
/// others who pass), fast noise, and losses.
struct Radio {
    Place place;
    double power_at_1m_dbm{-59};
    double exponent{2.0};
    double fading_db{2.5};        ///< standard deviation of the slow part
    double noise_db{1.5};         ///< and of the fast part
    double loss{0.2};             ///< share of advertisements that collide
    double sensitivity_dbm{-98};  ///< nothing weaker is heard
};

/// The token of what a payload says, as the readers name it; empty for a phone.
std::string token_of(const Payload& payload);

/// The advertising data (AD structures) of a payload; what is random in it comes from `salt`.
std::vector<std::byte> advertising_data(const Payload& payload, std::uint64_t salt);

/// What one radio hears of them in [0, `length`), as a btsnoop capture (H4) of legacy LE
/// Advertising Report events. Its first record is the host's scan enable command at `base`, scene
/// time 0. The same seed gives the same bytes.
std::vector<std::byte> capture_of(const std::vector<Advertiser>& advertisers, const Radio& radio,
                                  Instant base, Millis length, std::uint64_t seed);

}  // namespace raiten::stage
