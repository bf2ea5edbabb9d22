#pragma once

#include "tests/drivers/ble/told.hpp"

#include <cstdint>
#include <string_view>

/// HCI events as a controller sends them, made for tests.
namespace raiten::test {

inline std::byte byte_of(std::size_t number)
{
    return static_cast<std::byte>(number & 0xffU);
}

/// Empty, with room: GCC 12 at -O2 takes the growth of a small filled vector for an overflow.
inline Octets room()
{
    Octets out;
    out.reserve(512);
    return out;
}

/// One report of the legacy kind; the address in hex as people write it, without colons.
inline Octets legacy_report(std::string_view address, unsigned address_type, const Octets& data,
                            int rssi, unsigned event_type = 0)
{
    Octets out = room();
    out.push_back(byte_of(event_type));
    out.push_back(byte_of(address_type));
    const Octets written = hex(address);
    out.insert(out.end(), written.rbegin(), written.rend());
    out.push_back(byte_of(data.size()));
    out.insert(out.end(), data.begin(), data.end());
    out.push_back(static_cast<std::byte>(static_cast<std::int8_t>(rssi)));
    return out;
}

inline Octets extended_report(std::string_view address, unsigned address_type, const Octets& data,
                              int rssi, unsigned event_type = 0x0013, unsigned set = 0xff)
{
    Octets out = room();
    out.push_back(byte_of(event_type));
    out.push_back(byte_of(event_type >> 8U));
    out.push_back(byte_of(address_type));
    const Octets written = hex(address);
    out.insert(out.end(), written.rbegin(), written.rend());
    out.insert(out.end(), {byte_of(1), byte_of(0), byte_of(set), byte_of(127),
                           static_cast<std::byte>(static_cast<std::int8_t>(rssi))});
    out.insert(out.end(), 9, byte_of(0));
    out.push_back(byte_of(data.size()));
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

/// The LE Meta event around reports, without the H4 type byte.
inline Octets le_event(unsigned subevent, std::initializer_list<Octets> reports)
{
    Octets body = room();
    body.push_back(byte_of(subevent));
    body.push_back(byte_of(reports.size()));
    for (const Octets& report : reports) body.insert(body.end(), report.begin(), report.end());
    Octets out = room();
    out.push_back(byte_of(0x3e));
    out.push_back(byte_of(body.size()));
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

inline Octets h4_event(const Octets& event)
{
    return joined({{byte_of(4)}, event});
}

inline const Octets an_ibeacon =
    hex("020106 1aff4c000215 f7826da64fa24e988024bc5b71e0893e 0001 0007 c5");

}  // namespace raiten::test
