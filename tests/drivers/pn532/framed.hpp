#pragma once

#include "tests/drivers/checkin.hpp"

/// What a PN532 sends, written by hand from its manual.
namespace raiten::test {

inline std::byte sum_to_zero(std::span<const std::byte> bytes)
{
    unsigned sum = 0;
    for (const std::byte byte : bytes) sum += std::to_integer<unsigned>(byte);
    return static_cast<std::byte>(0x100U - (sum & 0xFFU));
}

inline Octets framed(const Octets& data)
{
    const Octets size{static_cast<std::byte>(data.size())};
    return joined({hex("0000ff"), size, {sum_to_zero(size)}, data, {sum_to_zero(data)}, hex("00")});
}

inline Octets extended(const Octets& data)
{
    const Octets size{static_cast<std::byte>(data.size() / 256),
                      static_cast<std::byte>(data.size() % 256)};
    return joined(
        {hex("0000ffffff"), size, {sum_to_zero(size)}, data, {sum_to_zero(data)}, hex("00")});
}

inline Octets ack()
{
    return hex("0000ff00ff00");
}

}  // namespace raiten::test
