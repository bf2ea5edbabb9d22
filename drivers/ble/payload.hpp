#pragma once

#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/hci.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace raiten::drivers::ble {

/// One AD structure (Core 5.4, Vol 3, Part C, 11): LL TT dd..dd, LL counts TT.
struct AdStructure {
    unsigned type{};
    Bytes data;
};

/// Hands over every whole structure up to the first zero length. Returns what is wrong with the
/// rest, if anything; what was handed over before stands.
std::optional<Garbled> split(Bytes advertising_data,
                             const std::function<void(const AdStructure&)>& take);

/// FF: 4C 00 02 15 uuid[16] major[2] minor[2] power; 25 bytes, all big endian.
struct IBeacon {
    std::array<std::byte, 16> uuid{};
    std::uint16_t major{};
    std::uint16_t minor{};
    int power_dbm{};  ///< at 1 m
};

/// 16: AA FE 00 power namespace[10] instance[6] rfu[2]; the last two may be missing.
struct EddystoneUid {
    std::array<std::byte, 10> name_space{};
    std::array<std::byte, 6> instance{};
    int power_dbm{};  ///< at 0 m
};

/// FF: company[2] BE AC id[20] power reserved; some send no reserved byte.
struct AltBeacon {
    std::uint16_t company{};
    std::array<std::byte, 20> id{};
    int power_dbm{};  ///< at 1 m
};

/// What can be told from one AD structure. A further kind is one struct here, one row in the
/// table of payload.cpp, and one line in token_of.
using Frame = std::variant<IBeacon, EddystoneUid, AltBeacon>;

/// A frame; or the reason why what claims to be one is none; or neither, for anything else.
struct Recognised {
    std::optional<Frame> frame{};
    std::string_view refused{};
};
Recognised recognise(const AdStructure& structure);

/// `ibeacon:<uuid>/<major>/<minor>`, `eddystone-uid:<32 hex>` (namespace and instance),
/// `altbeacon:<40 hex>`.
std::string token_of(const Frame& frame);

/// What an advertisement stands for: the first beacon frame in it; without one the sender's
/// address, `ble:<mac>`, marked as rotating where it changes by itself. Nothing if the sender is
/// anonymous. What is malformed is refused; the structures before it count.
std::optional<TokenSeen> sighting(const Advertisement& heard, const Refuse& refuse);

}  // namespace raiten::drivers::ble
