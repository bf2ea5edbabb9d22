#pragma once

#include "tests/drivers/ble/air.hpp"

#include <cstdint>
#include <optional>

/// pcap and pcapng files, made for tests.
namespace raiten::test {

constexpr std::uint64_t pcap_second_zero = 1'700'000'000;  // 2023-11-14T22:13:20Z

enum class Order { little, big };

struct PcapKind {
    bool blocks{};  ///< pcapng
    Order order{Order::little};
    bool nanoseconds{};
    unsigned link{187};
};

inline void put(Octets& to, std::uint64_t number, int bytes, Order order)
{
    for (int i = 0; i < bytes; ++i)
        to.push_back(byte_of(number >> 8 * (order == Order::big ? bytes - 1 - i : i)));
}

inline Octets block(Order order, std::uint32_t type, Octets body)
{
    while (body.size() % 4 != 0) body.push_back({});
    Octets out = room();
    put(out, type, 4, order);
    put(out, body.size() + 12, 4, order);
    out.insert(out.end(), body.begin(), body.end());
    put(out, body.size() + 12, 4, order);
    return out;
}

inline Octets section_block(Order order)
{
    Octets body = room();
    put(body, 0x1a2b3c4d, 4, order);
    put(body, 1, 2, order);
    put(body, 0, 2, order);
    put(body, ~std::uint64_t{}, 8, order);
    return block(order, 0x0a0d0d0a, body);
}

/// `ticks`: if_tsresol; `add`: if_tsoffset; neither is written where it is not given.
inline Octets interface_block(Order order, unsigned link, std::optional<unsigned> ticks = {},
                              std::optional<std::int64_t> add = {}, std::uint32_t largest = 0)
{
    Octets body = room();
    put(body, link, 2, order);
    put(body, 0, 2, order);
    put(body, largest, 4, order);
    put(body, 2, 2, order);  // if_name, of three letters
    put(body, 3, 2, order);
    body = joined({body, hex("62746c00")});
    if (ticks) {
        put(body, 9, 2, order);
        put(body, 1, 2, order);
        body.push_back(byte_of(*ticks));
        put(body, 0, 3, order);
    }
    if (add) {
        put(body, 14, 2, order);
        put(body, 8, 2, order);
        put(body, static_cast<std::uint64_t>(*add), 8, order);
    }
    put(body, 0, 4, order);
    return block(order, 1, body);
}

inline Octets packet_block(Order order, unsigned interface, std::uint64_t time, const Octets& frame,
                           std::size_t cut_by = 0)
{
    Octets body = room();
    put(body, interface, 4, order);
    put(body, time >> 32U, 4, order);
    put(body, time & 0xffffffffU, 4, order);
    put(body, frame.size() - cut_by, 4, order);
    put(body, frame.size(), 4, order);
    body.insert(body.end(), frame.begin(), frame.end() - static_cast<std::ptrdiff_t>(cut_by));
    return block(order, 6, body);
}

inline Octets file_header(const PcapKind& kind)
{
    if (kind.blocks)
        return joined({section_block(kind.order),
                       interface_block(kind.order, kind.link,
                                       kind.nanoseconds ? std::optional{9U} : std::nullopt)});
    Octets out = room();
    put(out, kind.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4, kind.order);
    put(out, 2, 2, kind.order);
    put(out, 4, 2, kind.order);
    put(out, 0, 8, kind.order);
    put(out, 0xffff, 4, kind.order);
    put(out, kind.link, 4, kind.order);
    return out;
}

/// So many milliseconds, and 999 microseconds, after second zero.
inline Octets record(const PcapKind& kind, const Octets& frame, std::uint64_t millis,
                     std::size_t cut_by = 0)
{
    const std::uint64_t unit = kind.nanoseconds ? 1'000 : 1;
    const std::uint64_t micros = millis * 1000 + 999;
    if (kind.blocks)
        return packet_block(kind.order, 0, (pcap_second_zero * 1'000'000 + micros) * unit, frame,
                            cut_by);
    Octets out = room();
    put(out, pcap_second_zero + micros / 1'000'000, 4, kind.order);
    put(out, micros % 1'000'000 * unit, 4, kind.order);
    put(out, frame.size() - cut_by, 4, kind.order);
    put(out, frame.size(), 4, kind.order);
    out.insert(out.end(), frame.begin(), frame.end() - static_cast<std::ptrdiff_t>(cut_by));
    return out;
}

/// An advertisement as frames of this link type hold it, at -61 dBm where they can tell.
inline Octets frame_of(unsigned link, std::string_view address, const Octets& data)
{
    const Octets air = joined({access_address, advertising_pdu(address, data)});
    const Octets event = le_event(2, {legacy_report(address, 1, data, -61)});
    Octets out = room();
    switch (link) {
        case 187:
            return h4_event(event);
        case 201:
            return joined({hex("00000001"), h4_event(event)});
        case 254:
            return joined({hex("00000003"), event});
        case 256:
            return joined({hex("27c38000 d6be898e 130c"), air});
        case 192:
            return joined({hex("00001800 93000000 36750c00 00 2500 00 00000000 c4c0c301"), air});
        case 272:
        case 157:
            out = hex("0b");
            put(out, 10 + air.size(), 2, Order::little);
            return joined({out, hex("02 2a00 06 0a 01 25 3d 0000 00000000"), air});
        default:
            return air;
    }
}

}  // namespace raiten::test
