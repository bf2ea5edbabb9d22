#include "drivers/ble/pcapng.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t frame_bytes = 12;  ///< type and both sizes
constexpr std::uint32_t mark_big = 0x1a2b3c4d;
constexpr std::uint32_t mark_little = 0x4d3c2b1a;

enum Type : std::uint32_t {
    section = 0x0a0d0d0a,
    interface_description = 1,
    old_packet = 2,
    simple_packet = 3,
    name_resolution = 4,
    interface_statistics = 5,
    enhanced_packet = 6,
    secrets = 10
};

/// Smallest body that can be read.
std::size_t body_bytes_min(std::uint32_t type)
{
    switch (type) {
        case section:
            return 16;
        case interface_description:
            return 8;
        case simple_packet:
            return 4;
        case enhanced_packet:
        case old_packet:
            return 20;
        default:
            return 0;
    }
}

bool of_interest(std::uint32_t type)
{
    return body_bytes_min(type) > 0;
}

bool well_known(std::uint32_t type)
{
    return type == section || (type >= interface_description && type <= enhanced_packet)
           || type == secrets;
}

/// As milliseconds since 1970; nothing beyond the year 9999.
std::optional<Instant> instant_of(std::uint64_t time, unsigned ticks, std::int64_t seconds_to_add)
{
    constexpr std::int64_t seconds_max = 253'402'300'799;
    const unsigned power = ticks & 0x7fU;
    std::uint64_t seconds = 0;
    std::uint64_t millis = 0;
    if ((ticks & 0x80U) != 0) {
        if (power < 64) seconds = time >> power;
        std::uint64_t fraction = power < 64 ? time & ((std::uint64_t{1} << power) - 1) : time;
        unsigned bits = power;
        for (; bits > 50; --bits) fraction >>= 1U;
        millis = fraction * 1000 >> bits;
    } else {
        std::uint64_t per_second = 1;
        for (unsigned i = 0; i < power; ++i) {
            if (per_second > UINT64_MAX / 10) return std::nullopt;
            per_second *= 10;
        }
        seconds = time / per_second;
        const std::uint64_t fraction = time % per_second;
        millis = per_second >= 1000 ? fraction / (per_second / 1000) : fraction * 1000 / per_second;
    }
    if (seconds > static_cast<std::uint64_t>(seconds_max)) return std::nullopt;
    if (seconds_to_add > seconds_max || seconds_to_add < -seconds_max) return std::nullopt;
    const std::int64_t sum = static_cast<std::int64_t>(seconds) + seconds_to_add;
    if (sum < 0 || sum > seconds_max) return std::nullopt;
    return Instant{std::chrono::seconds{sum}} + Millis{static_cast<std::int64_t>(millis)};
}

}  // namespace

struct PcapngBlocks::Packet {
    std::size_t interface {
    };
    std::optional<std::uint64_t> time;
    std::size_t included{};
    std::size_t original{};
    std::size_t at{};  ///< of the frame in the block
};

std::uint16_t PcapngBlocks::number16(Bytes bytes, std::size_t at) const
{
    return big_endian_ ? be16(bytes, at) : le16(bytes, at);
}

std::uint32_t PcapngBlocks::number(Bytes bytes, std::size_t at) const
{
    if (big_endian_) return be32(bytes, at);
    return le16(bytes, at) | std::uint32_t{le16(bytes, at + 2)} << 16U;
}

std::uint64_t PcapngBlocks::number64(Bytes bytes, std::size_t at) const
{
    const std::uint64_t first = number(bytes, at);
    const std::uint64_t second = number(bytes, at + 4);
    return big_endian_ ? first << 32U | second : second << 32U | first;
}

Judgement PcapngBlocks::judge(Bytes start, bool doubtful) const
{
    if (start.size() < frame_bytes) return Judgement::more_bytes_needed();
    if (be32(start, 0) == section) return judge_section(start);
    if (!in_section_) return Judgement::refuse("block outside of any section");

    const std::uint32_t type = number(start, 0);
    const std::size_t size = number(start, 4);
    if (size < frame_bytes + body_bytes_min(type) || size % 4 != 0)
        return Judgement::refuse("block of an impossible size");
    if (doubtful && !well_known(type)) return Judgement::refuse("unlikely block");
    if (size > CaptureReader::record_bytes_max) {
        if (doubtful || of_interest(type) || size > passed_over_max)
            return Judgement::refuse("block longer than any Bluetooth packet");
        return Judgement{.record_bytes = size, .no_interest = true};
    }
    if (start.size() < size)
        return doubtful ? Judgement::more_bytes_needed() : Judgement::sound(size);
    const Bytes block = start.first(size);
    if (number(block, size - 4) != size) return Judgement::refuse("block whose sizes disagree");
    const std::string_view why = judge_body(type, block, doubtful);
    return why.empty() ? Judgement::sound(size) : Judgement::refuse(why);
}

Judgement PcapngBlocks::judge_section(Bytes start) const
{
    const std::uint32_t mark = be32(start, 8);
    if (mark != mark_big && mark != mark_little)
        return Judgement{.refused = "pcapng section of an unknown byte order",
                         .hopeless = !in_section_};
    PcapngBlocks other{links_};
    other.big_endian_ = mark == mark_big;
    const std::size_t size = other.number(start, 4);
    if (size < frame_bytes + body_bytes_min(section) || size % 4 != 0
        || size > CaptureReader::record_bytes_max)
        return Judgement::refuse("block of an impossible size");
    if (start.size() < size)
        return in_section_ ? Judgement::more_bytes_needed() : Judgement::sound(size);
    if (other.number(start, size - 4) != size)
        return Judgement::refuse("block whose sizes disagree");
    if (other.number16(start, 12) != 1) return Judgement::refuse("pcapng of an unknown version");
    return Judgement::sound(size);
}

std::string_view PcapngBlocks::judge_body(std::uint32_t type, Bytes block, bool doubtful) const
{
    const auto packet = packet_of(type, block);
    if (!packet) return {};
    const std::size_t room = block.size() - packet->at - 4;
    if (packet->included > room) return "packet longer than its block";
    if (packet->included > packet->original) return "record longer than its packet";
    if (packet->interface >= interfaces_.size())
        return "packet of an interface that was not described";
    if (!packet->time) return {};
    const Interface& from = interfaces_[packet->interface];
    const auto at = instant_of(*packet->time, from.ticks, from.seconds_to_add);
    if (!at) return "record with an impossible time";
    return doubtful && !likely(*at, last_) ? "unlikely block" : std::string_view{};
}

std::optional<PcapngBlocks::Packet> PcapngBlocks::packet_of(std::uint32_t type, Bytes block) const
{
    Packet out;
    switch (type) {
        case enhanced_packet:
        case old_packet:
            out.interface = type == old_packet ? number16(block, 8) : number(block, 8);
            out.time = std::uint64_t{number(block, 12)} << 32U | number(block, 16);
            out.included = number(block, 20);
            out.original = number(block, 24);
            out.at = 28;
            return out;
        case simple_packet: {
            out.original = number(block, 8);
            out.at = 12;
            out.included = out.original;
            const std::size_t largest = interfaces_.empty() ? 0 : interfaces_.front().largest;
            if (largest > 0) out.included = std::min(out.included, largest);
            return out;
        }
        default:
            return std::nullopt;
    }
}

Opened PcapngBlocks::open(Bytes block)
{
    if (be32(block, 0) == section) {
        in_section_ = true;
        big_endian_ = be32(block, 8) == mark_big;
        interfaces_.clear();
        return {};
    }
    const std::uint32_t type = number(block, 0);
    if (type == interface_description) {
        if (interfaces_.size() == interfaces_max) return {.refused = "too many interfaces"};
        interfaces_.push_back(interface_of(block));
        return {};
    }
    const auto packet = packet_of(type, block);
    if (!packet) return {};
    const Interface& from = interfaces_[packet->interface];
    if (packet->time) last_ = instant_of(*packet->time, from.ticks, from.seconds_to_add);
    if (!from.link) return {.refused = "packet of a link type that is not Bluetooth"};
    Opened opened = links_.open(*from.link, block.subspan(packet->at, packet->included),
                                packet->included == packet->original);
    if (opened.packet && packet->time) opened.packet->at = last_;
    return opened;
}

PcapngBlocks::Interface PcapngBlocks::interface_of(Bytes block) const
{
    constexpr unsigned option_ticks = 9;
    constexpr unsigned option_seconds_to_add = 14;
    Interface out;
    out.link = link_type_of(number16(block, 8));
    out.largest = number(block, 12);
    Bytes options = block.subspan(16, block.size() - 20);
    while (options.size() >= 4) {
        const unsigned code = number16(options, 0);
        const std::size_t size = number16(options, 2);
        if (code == 0 || size > options.size() - 4) break;
        if (code == option_ticks && size >= 1) out.ticks = u8(options[4]);
        if (code == option_seconds_to_add && size >= 8)
            out.seconds_to_add = static_cast<std::int64_t>(number64(options, 4));
        const std::size_t filled = 4 + (size + 3) / 4 * 4;
        options = options.subspan(std::min(filled, options.size()));
    }
    return out;
}

}  // namespace raiten::drivers::ble
