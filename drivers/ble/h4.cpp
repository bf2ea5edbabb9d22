#include "drivers/ble/h4.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

enum class Verdict : std::uint8_t { no, perhaps, yes };

constexpr unsigned reset_opcode = 0x0c03;

/// A byte that is not there yet leaves the question open.
template <class Holds>
Verdict ask(Bytes start, std::size_t bytes, const Holds& holds)
{
    if (start.size() < bytes) return Verdict::perhaps;
    return holds() ? Verdict::yes : Verdict::no;
}

Verdict looks_like_reports(Bytes start)
{
    return ask(start, 5, [&] {
        const unsigned length = u8(start[2]);
        const unsigned reports = u8(start[4]);
        const std::size_t each =
            u8(start[3]) == subevent::advertising_report ? report_bytes : extended_report_bytes;
        return reports >= 1 && reports <= reports_per_event_max && length >= 2 + reports * each;
    });
}

Verdict looks_like_le_meta(Bytes start)
{
    if (start.size() < 4) return Verdict::perhaps;
    const unsigned code = u8(start[3]);
    if (u8(start[2]) < 2 || code == 0 || code > 0x3f) return Verdict::no;
    if (code == subevent::advertising_report || code == subevent::extended_advertising_report)
        return looks_like_reports(start);
    return Verdict::yes;
}

Verdict looks_like_event(Bytes start)
{
    if (u8(start[0]) != 4) return Verdict::no;
    if (start.size() < 3) return Verdict::perhaps;
    const unsigned length = u8(start[2]);
    switch (u8(start[1])) {
        case event_code::hardware_error:
            return length == 1 ? Verdict::yes : Verdict::no;
        case event_code::command_status:
            return length == 4 ? Verdict::yes : Verdict::no;
        case event_code::command_complete:
            if (length < 3) return Verdict::no;
            return ask(start, 6, [&] {
                const unsigned group = le16(start, 4) >> 10U;
                return group <= 8 || group == 0x3f;
            });
        case event_code::le_meta:
            return looks_like_le_meta(start);
        default:
            return Verdict::no;
    }
}

Verdict looks_like_reset_answer(Bytes start)
{
    if (u8(start[0]) != 4) return Verdict::no;
    if (start.size() < 3) return Verdict::perhaps;
    const unsigned length = u8(start[2]);
    switch (u8(start[1])) {
        case event_code::command_complete:
            if (length < 3) return Verdict::no;
            return ask(start, 6, [&] { return le16(start, 4) == reset_opcode; });
        case event_code::command_status:
            if (length != 4) return Verdict::no;
            return ask(start, 7, [&] { return le16(start, 5) == reset_opcode; });
        default:
            return Verdict::no;
    }
}

/// The size of the packet that lies whole at the start, its type byte included; 0 if none does.
std::size_t whole_packet(Bytes start)
{
    if (!known_packet_type(u8(start[0]))) return 0;
    const auto type = static_cast<PacketType>(start[0]);
    const std::size_t header = header_bytes(type);
    if (start.size() < 1 + header) return 0;
    const std::size_t size = 1 + header + body_bytes(type, start.subspan(1));
    return size <= start.size() && size <= H4::packet_bytes_max + 1 ? size : 0;
}

}  // namespace

void H4::feed(Bytes bytes, const Take& take, const Refuse& refuse)
{
    while (!bytes.empty()) {
        if (lost_) {
            hunt(bytes.front(), refuse);
            bytes = bytes.subspan(1);
            if (!lost_) settle(take, refuse);
        } else if (const std::size_t size = packet_.empty() ? whole_packet(bytes) : 0; size > 0) {
            take(static_cast<PacketType>(bytes[0]), bytes.subspan(1, size - 1));
            bytes = bytes.subspan(size);
        } else {
            const std::size_t taken = std::min(wanted() - packet_.size(), bytes.size());
            packet_.insert(packet_.end(), bytes.begin(),
                           bytes.begin() + static_cast<std::ptrdiff_t>(taken));
            bytes = bytes.subspan(taken);
            settle(take, refuse);
        }
    }
}

/// Hands over the packet if it is whole, and notices if it can be none.
void H4::settle(const Take& take, const Refuse& refuse)
{
    if (!known_packet_type(u8(packet_.front())))
        return lose_within_packet("unknown packet type", take, refuse);
    if (wanted() > packet_bytes_max + 1)
        return lose_within_packet("packet longer than any that is expected", take, refuse);
    if (packet_.size() < wanted()) return;
    take(static_cast<PacketType>(packet_.front()), Bytes{packet_}.subspan(1));
    packet_.clear();
}

/// The size that the packet must reach for the next decision.
std::size_t H4::wanted() const
{
    if (packet_.empty()) return 1;
    const auto type = static_cast<PacketType>(packet_.front());
    const std::size_t header = header_bytes(type);
    if (packet_.size() < 1 + header) return 1 + header;
    return 1 + header + body_bytes(type, Bytes{packet_}.subspan(1));
}

void H4::finish(const Refuse& refuse)
{
    if (lost_) {
        skipped_ += packet_.size();
        report_skipped(refuse);
    } else if (!packet_.empty()) {
        refuse(Garbled{"the stream ended within a packet", packet_.size()});
    }
    packet_.clear();
    lost_ = false;
}

void H4::lose(std::string_view why)
{
    lost_ = true;
    ++losses_;
    why_lost_ = why;
    skipped_ += packet_.size();
    packet_.clear();
}

/// The few bytes behind the misread one may begin the next packet already.
void H4::lose_within_packet(std::string_view why, const Take& take, const Refuse& refuse)
{
    const std::vector<std::byte> behind(packet_.begin() + 1, packet_.end());
    packet_.clear();
    lose(why);
    ++skipped_;
    feed(behind, take, refuse);
}

void H4::hunt(std::byte byte, const Refuse& refuse)
{
    packet_.push_back(byte);
    while (!packet_.empty()) {
        const Verdict verdict =
            hunt_ == Hunt::any_event ? looks_like_event(packet_) : looks_like_reset_answer(packet_);
        if (verdict == Verdict::perhaps) return;
        if (verdict == Verdict::yes) {
            lost_ = false;
            return report_skipped(refuse);
        }
        packet_.erase(packet_.begin());
        if (++skipped_ == skipped_bytes_max) report_skipped(refuse);
    }
}

void H4::report_skipped(const Refuse& refuse)
{
    if (skipped_ > 0) refuse(Garbled{why_lost_, skipped_});
    skipped_ = 0;
}

}  // namespace raiten::drivers::ble
