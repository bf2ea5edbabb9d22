#pragma once

#include "daemon/base/instant.hpp"
#include "drivers/ble/hci.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace raiten::drivers::ble {

/// One AD structure (Core 5.4, Vol 3, Part C, 11): LL TT dd..dd, LL counts TT.
struct AdStructure {
    unsigned type{};
    Bytes data;
};

/// FF: 4C 00 02 15 uuid[16] major[2] minor[2] power; 25 bytes, all big endian.
struct IBeacon {
    std::array<std::byte, 16> uuid{};
    std::uint16_t major{};
    std::uint16_t minor{};
    int power_dbm{};  ///< at 1 m
};

/// FF: company[2] BE AC id[20] power reserved; some send no reserved byte.
struct AltBeacon {
    std::uint16_t company{};
    std::array<std::byte, 20> id{};
    int power_dbm{};  ///< at 1 m
};

/// 16: AA FE 00 power namespace[10] instance[6] rfu[2]; the last two may be missing.
struct EddystoneUid {
    std::array<std::byte, 10> name_space{};
    std::array<std::byte, 6> instance{};
    int power_dbm{};  ///< at 0 m
};

/// 16: AA FE 10 power scheme text[0-17]; the text is valid as long as the structure's bytes.
struct EddystoneUrl {
    int power_dbm{};  ///< at 0 m
    unsigned scheme{};
    Bytes text;  ///< still shortened, see url_of
};

/// 16: AA FE 20 00 battery[2] temperature[2] advertisements[4] time[4], all big endian.
struct EddystoneTlm {
    std::optional<unsigned> battery_mv;   ///< nothing where the beacon says 0, "not supported"
    std::optional<double> temperature_c;  ///< 8.8 fixed point; nothing for 8000
    std::uint32_t advertisements{};       ///< since power-on
    Millis running{};                     ///< since power-on, in steps of 0.1 s
};

/// 16: AA FE 20 01 data[12] salt[2] check[2]: telemetry that only the key's owner can read.
struct EddystoneEncryptedTlm {
    std::array<std::byte, 12> data{};
    std::uint16_t salt{};
    std::uint16_t check{};
};

/// 16: AA FE 30 power eid[8]: an identity that changes, see eid.hpp.
struct EddystoneEid {
    std::array<std::byte, 8> eid{};
    int power_dbm{};  ///< at 0 m
};

/// 16: 6F FD ..: a phone with contact tracing. Its address changes together with its contents.
struct ExposureNotification {};

/// What can be told from one AD structure. A further kind is one struct here, one line in
/// `recognise`, and, where it is somebody's identity, one in `write_token` (token.hpp).
using Frame = std::variant<IBeacon, AltBeacon, EddystoneUid, EddystoneEid, EddystoneUrl,
                           EddystoneTlm, EddystoneEncryptedTlm, ExposureNotification>;

/// A frame; or the reason why what claims to be one is none; or neither, for anything else.
struct Recognised {
    std::optional<Frame> frame{};
    std::string_view refused{};
};
Recognised recognise(const AdStructure& structure);

template <std::size_t N>
std::array<std::byte, N> cut(Bytes bytes, std::size_t at)
{
    std::array<std::byte, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = bytes[at + i];
    return out;
}

}  // namespace raiten::drivers::ble
