#include "drivers/ble/btsnoop.hpp"

#include "daemon/base/hex.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t file_header_bytes = 16;
constexpr std::size_t record_header_bytes = 24;
constexpr std::size_t peek_bytes = 5;  ///< type byte and the longest HCI header
constexpr std::string_view magic{"btsnoop\0", 8};
constexpr std::uint64_t micros_to_1970 = 0x00dcddb30f2f8000;
constexpr std::uint64_t micros_1970_to_10000 = 253'402'300'800'000'000;
constexpr unsigned monitor_opcode_max = 19;

struct Header {
    std::uint32_t original;
    std::uint32_t included;
    std::uint32_t flags;
    std::uint64_t time;

    bool whole() const { return original == included; }
};

Header header_of(Bytes record)
{
    return Header{be32(record, 0), be32(record, 4), be32(record, 8),
                  std::uint64_t{be32(record, 16)} << 32U | be32(record, 20)};
}

Instant instant_of(std::uint64_t time)
{
    // Of damaged records any time may come: unsigned numbers wrap, and are then just unlikely.
    const auto micros = static_cast<std::int64_t>(time - micros_to_1970);
    return Instant{std::chrono::floor<Millis>(std::chrono::microseconds{micros})};
}

PacketType h1_type(std::uint32_t flags)
{
    if ((flags & 2U) == 0) return PacketType::acl;
    return (flags & 1U) != 0 ? PacketType::event : PacketType::command;
}

/// Commands and events always have their exact length; logs shorten the others at will.
bool exact(PacketType type)
{
    return type == PacketType::command || type == PacketType::event;
}

}  // namespace

Judgement Btsnoop::judge(Bytes start, bool doubtful)
{
    if (datalink_ == Datalink::none) return judge_file(start);
    if (start.size() < record_header_bytes) return Judgement::more_bytes_needed();

    const Header header = header_of(start);
    if (header.included > record_bytes_max - record_header_bytes)
        return Judgement::refuse("record longer than any HCI packet");
    if (header.included > header.original)
        return Judgement::refuse("record longer than its packet");
    if (header.time >= micros_to_1970 + micros_1970_to_10000)
        return Judgement::refuse("record with an impossible time");
    if (doubtful) {
        const std::uint32_t flags_max = datalink_ == Datalink::monitor ? 0xffffffff : 3;
        if (header.flags > flags_max || header.included == 0
            || !likely(instant_of(header.time), last_))
            return Judgement::refuse("unlikely record");
    }
    const std::size_t peek = std::min<std::size_t>(header.included, peek_bytes);
    if (start.size() < record_header_bytes + peek) return Judgement::more_bytes_needed();
    const Judgement content = judge_content(start, doubtful);
    const bool waits = content.record_bytes == 0 || start.size() < content.record_bytes;
    if (doubtful || waits || certain(start.first(content.record_bytes))) return content;

    // Logs shorten packets at will, and damage does too. The next record tells.
    const Bytes next = start.subspan(content.record_bytes);
    if (next.size() < record_header_bytes)
        return ended() ? content : Judgement::more_bytes_needed();
    const Header following = header_of(next);
    const bool sound = following.included <= record_bytes_max - record_header_bytes
                       && following.included <= following.original
                       && likely(instant_of(following.time), instant_of(header.time));
    return sound ? content : Judgement::refuse("record length disagrees with its packet");
}

/// Whether the lengths in a whole record agree, so that its end is its end.
bool Btsnoop::certain(Bytes record) const
{
    const Header header = header_of(record);
    Bytes packet = record.subspan(record_header_bytes);
    if (!header.whole() || packet.empty()) return false;
    std::optional<PacketType> type = h1_type(header.flags);
    if (datalink_ == Datalink::monitor) type = monitor_packet_type(header.flags & 0xffffU);
    if (datalink_ == Datalink::h4) {
        type = static_cast<PacketType>(packet[0]);
        packet = packet.subspan(1);
    }
    return type && length_agrees(*type, packet);
}

Judgement Btsnoop::judge_file(Bytes start) const
{
    if (start.size() < file_header_bytes) return Judgement::more_bytes_needed();
    const auto hopeless = [](std::string_view why) {
        return Judgement{.refused = why, .hopeless = true};
    };
    const Bytes expected = bytes_of(magic);
    if (!std::equal(expected.begin(), expected.end(), start.begin()))
        return hopeless("not a btsnoop file");
    if (be32(start, 8) != 1) return hopeless("btsnoop of an unknown version");
    switch (static_cast<Datalink>(be32(start, 12))) {
        case Datalink::h1:
        case Datalink::h4:
        case Datalink::monitor:
            return Judgement::sound(file_header_bytes);
        case Datalink::none:
            break;
    }
    return hopeless("btsnoop of a datalink other than H1, H4 or monitor");
}

Judgement Btsnoop::judge_content(Bytes record_start, bool doubtful) const
{
    const Header header = header_of(record_start);
    const std::size_t size = record_header_bytes + header.included;
    Bytes packet = record_start.subspan(record_header_bytes);
    std::size_t packet_bytes = header.included;

    std::optional<PacketType> type;
    if (datalink_ == Datalink::monitor) {
        const unsigned opcode = header.flags & 0xffffU;
        if (opcode > (doubtful ? monitor_opcode_max : 0xffU))
            return Judgement::refuse("record of an unknown kind");
        type = monitor_packet_type(opcode);
    } else if (datalink_ == Datalink::h1) {
        type = h1_type(header.flags);
    } else {
        if (packet_bytes == 0 || !known_packet_type(u8(packet[0])))
            return Judgement::refuse("record of an unknown packet type");
        type = static_cast<PacketType>(packet[0]);
        packet = packet.subspan(1);
        --packet_bytes;
    }

    const std::size_t head = type ? header_bytes(*type) : 0;
    if (type && packet_bytes >= head && packet_bytes > head + body_bytes(*type, packet))
        return Judgement::refuse("record length disagrees with its packet");
    if (type && header.whole() && (exact(*type) || doubtful)) {
        if (packet_bytes < head || packet_bytes != head + body_bytes(*type, packet))
            return Judgement::refuse("record length disagrees with its packet");
    }
    return Judgement::sound(size);
}

Opened Btsnoop::open(Bytes record)
{
    if (datalink_ == Datalink::none) {
        datalink_ = static_cast<Datalink>(be32(record, 12));
        return {};
    }
    const Header header = header_of(record);
    last_ = instant_of(header.time);

    CapturedPacket out;
    out.at = *last_;
    out.packet = record.subspan(record_header_bytes);
    out.from_controller = (header.flags & 1U) != 0;
    switch (datalink_) {
        case Datalink::h4:
            out.type = static_cast<PacketType>(out.packet[0]);
            out.packet = out.packet.subspan(1);
            break;
        case Datalink::monitor: {
            const auto type = monitor_packet_type(header.flags & 0xffffU);
            if (!type) return {};
            out.type = *type;
            break;
        }
        case Datalink::h1:
        case Datalink::none:
            out.type = h1_type(header.flags);
            break;
    }
    return {.packet = out};
}

}  // namespace raiten::drivers::ble
