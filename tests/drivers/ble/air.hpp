#pragma once

#include "drivers/ble/air.hpp"
#include "tests/drivers/ble/reports.hpp"

/// Frames as an air sniffer records them, made for tests.
namespace raiten::test {

/// A PDU with its header, and the checksum behind it.
inline Octets pdu(unsigned type, const Octets& payload, bool random = true)
{
    Octets out = room();
    out.push_back(byte_of(type | (random ? 0x40U : 0U)));
    out.push_back(byte_of(payload.size()));
    out.insert(out.end(), payload.begin(), payload.end());
    const std::uint32_t crc = drivers::ble::advertising_crc(out);
    out.insert(out.end(), {byte_of(crc), byte_of(crc >> 8U), byte_of(crc >> 16U)});
    return out;
}

inline const Octets access_address = hex("d6be898e");

/// The address in hex as people write it; sent the other way round.
inline Octets sent(std::string_view address)
{
    const Octets written = hex(address);
    return Octets(written.rbegin(), written.rend());
}

inline Octets advertising_pdu(std::string_view address, const Octets& data, unsigned type = 0)
{
    return pdu(type, joined({sent(address), data}));
}

}  // namespace raiten::test
