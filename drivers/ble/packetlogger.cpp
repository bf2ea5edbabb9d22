#include "drivers/ble/packetlogger.hpp"

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t header_bytes_all = 13;
constexpr std::size_t peek_bytes = 4;  ///< the longest HCI header
constexpr std::uint32_t micros_per_second = 1'000'000;

std::uint32_t number(Bytes bytes, std::size_t at, bool big_endian)
{
    if (big_endian) return be32(bytes, at);
    return le16(bytes, at) | std::uint32_t{le16(bytes, at + 2)} << 16U;
}

struct Kind {
    PacketType type;
    bool from_controller;
};

std::optional<Kind> kind_of(std::byte type)
{
    switch (u8(type)) {
        case 0x00:
            return Kind{PacketType::command, false};
        case 0x01:
            return Kind{PacketType::event, true};
        case 0x02:
            return Kind{PacketType::acl, false};
        case 0x03:
            return Kind{PacketType::acl, true};
        case 0x08:
            return Kind{PacketType::sco, false};
        case 0x09:
            return Kind{PacketType::sco, true};
        default:
            return std::nullopt;
    }
}

}  // namespace

Judgement PacketLogger::judge(Bytes start, bool doubtful)
{
    if (start.size() < header_bytes_all) return Judgement::more_bytes_needed();
    if (order_ == Order::unknown) {
        for (const Order order : {Order::little, Order::big})
            if (judge_header(order, start, true).empty()) order_ = order;
        if (order_ == Order::unknown)
            return Judgement{.refused = "not a PacketLogger file", .hopeless = true};
    }
    const std::string_view why = judge_header(order_, start, doubtful);
    return why.empty() ? judge_content(start, doubtful) : Judgement::refuse(why);
}

/// Why these bytes begin no record; empty if they may.
std::string_view PacketLogger::judge_header(Order order, Bytes start, bool doubtful) const
{
    const bool big = order == Order::big;
    const std::uint32_t length = number(start, 0, big);
    if (length < header_bytes_all - length_bytes || length > record_bytes_max - length_bytes)
        return "record with an impossible length";
    const std::uint32_t seconds = number(start, 4, big);
    if (number(start, 8, big) >= micros_per_second) return "record with an impossible time";
    if (doubtful && !likely(Instant{std::chrono::seconds{seconds}}, last_))
        return "unlikely record";
    return {};
}

Judgement PacketLogger::judge_content(Bytes start, bool doubtful) const
{
    const std::uint32_t length = number(start, 0, order_ == Order::big);
    const auto kind = kind_of(start[12]);
    const std::size_t packet_bytes = length + length_bytes - header_bytes_all;
    if (!kind) {
        if (doubtful && u8(start[12]) < 0xf0) return Judgement::refuse("record of an unknown kind");
        return Judgement::sound(length + length_bytes);
    }
    const bool exact = kind->type == PacketType::command || kind->type == PacketType::event;
    if (exact || doubtful) {
        const std::size_t head = header_bytes(kind->type);
        if (packet_bytes < head)
            return Judgement::refuse("record length disagrees with its packet");
        const std::size_t peek = packet_bytes < peek_bytes ? packet_bytes : peek_bytes;
        if (start.size() < header_bytes_all + peek) return Judgement::more_bytes_needed();
        const Bytes packet = start.subspan(header_bytes_all);
        if (packet_bytes != head + body_bytes(kind->type, packet))
            return Judgement::refuse("record length disagrees with its packet");
    }
    return Judgement::sound(length + length_bytes);
}

Opened PacketLogger::open(Bytes record)
{
    const bool big = order_ == Order::big;
    const auto since_1970 = std::chrono::seconds{number(record, 4, big)}
                            + std::chrono::microseconds{number(record, 8, big)};
    last_ = Instant{std::chrono::floor<Millis>(since_1970)};
    const auto kind = kind_of(record[12]);
    if (!kind) return {};
    CapturedPacket out;
    out.at = *last_;
    out.type = kind->type;
    out.from_controller = kind->from_controller;
    out.packet = record.subspan(header_bytes_all);
    return {.packet = out};
}

}  // namespace raiten::drivers::ble
