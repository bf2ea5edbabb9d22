#include "drivers/ble/capture.hpp"

#include <algorithm>
#include <string>

namespace raiten::drivers::ble {

void CaptureReader::feed(Bytes bytes, const TakePacket& take, const TellDamage& damaged)
{
    while (!bytes.empty() && !hopeless_) {
        const Bytes slice = bytes.first(std::min(bytes.size(), record_bytes_max));
        bytes = bytes.subspan(slice.size());
        pending_.insert(pending_.end(), slice.begin(), slice.end());
        const std::size_t used = consume(pending_, take, damaged);
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
    }
}

/// Hands over all whole records; returns how many bytes are done with.
std::size_t CaptureReader::consume(Bytes bytes, const TakePacket& take, const TellDamage& damaged)
{
    std::size_t used = 0;
    while (used < bytes.size()) {
        if (passing_over_ > 0) {
            const std::size_t passed = std::min(passing_over_, bytes.size() - used);
            passing_over_ -= passed;
            used += passed;
            offset_ += passed;
            continue;
        }
        const Bytes start = bytes.subspan(used);
        const Judgement judgement = judge(start, skipped_ > 0);
        if (!judgement.refused.empty()) {
            if (judgement.hopeless) {
                hopeless_ = true;
                damaged(Problem{.what = std::string{judgement.refused},
                                .where = "byte " + std::to_string(offset_)});
                return bytes.size();
            }
            if (skipped_ == 0) why_skipping_ = judgement.refused;
            ++skipped_;
            ++used;
            ++offset_;
            continue;
        }
        if (judgement.record_bytes == 0) return used;
        if (judgement.no_interest) {
            tell_skipped(damaged);
            passing_over_ = judgement.record_bytes;
            continue;
        }
        // Until a guessed record is whole it stays a guess, and is judged as one.
        if (judgement.record_bytes > start.size()) return used;
        tell_skipped(damaged);

        Opened opened = open(start.first(judgement.record_bytes));
        if (opened.packet) {
            opened.packet->offset = offset_;
            take(*opened.packet);
        }
        if (!opened.refused.empty())
            damaged(Problem{.what = std::string{opened.refused},
                            .where = "byte " + std::to_string(offset_)});
        used += judgement.record_bytes;
        offset_ += judgement.record_bytes;
    }
    return used;
}

void CaptureReader::finish(const TakePacket& take, const TellDamage& damaged)
{
    ended_ = true;
    Bytes left = pending_;
    if (!hopeless_) left = left.subspan(consume(left, take, damaged));
    while (!left.empty() && !hopeless_) {
        if (skipped_ == 0) why_skipping_ = "the file ends within a record";
        ++skipped_;
        ++offset_;
        left = left.subspan(1);
        left = left.subspan(consume(left, take, damaged));
    }
    pending_.clear();
    tell_skipped(damaged);
    if (passing_over_ > 0)
        damaged(Problem{.what = "the file ends within a record",
                        .where = "byte " + std::to_string(offset_)});
    passing_over_ = 0;
}

void CaptureReader::tell_skipped(const TellDamage& damaged)
{
    if (skipped_ == 0) return;
    damaged(Problem{
        .what = std::string{why_skipping_} + "; skipped " + std::to_string(skipped_) + " bytes",
        .where = "byte " + std::to_string(offset_ - skipped_)});
    skipped_ = 0;
}

bool likely(Instant at, const std::optional<Instant>& last)
{
    using std::chrono::years;
    if (last) return at >= *last - years{10} && at <= *last + years{10};
    return at >= std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}
           && at < std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};
}

std::optional<PacketType> monitor_packet_type(unsigned opcode)
{
    switch (opcode) {
        case 2:
            return PacketType::command;
        case 3:
            return PacketType::event;
        case 4:
        case 5:
            return PacketType::acl;
        case 6:
        case 7:
            return PacketType::sco;
        case 18:
        case 19:
            return PacketType::iso;
        default:
            return std::nullopt;
    }
}

bool length_agrees(PacketType type, Bytes packet)
{
    const std::size_t header = header_bytes(type);
    return packet.size() >= header && packet.size() == header + body_bytes(type, packet);
}

}  // namespace raiten::drivers::ble
