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
        tell_skipped(damaged);
        if (judgement.record_bytes > start.size()) return used;

        auto packet = open(start.first(judgement.record_bytes));
        if (packet) {
            packet->offset = offset_;
            take(*packet);
        }
        used += judgement.record_bytes;
        offset_ += judgement.record_bytes;
    }
    return used;
}

void CaptureReader::finish(const TakePacket& take, const TellDamage& damaged)
{
    for (Bytes left = pending_; !left.empty() && !hopeless_;) {
        if (skipped_ == 0) why_skipping_ = "the file ends within a record";
        ++skipped_;
        ++offset_;
        left = left.subspan(1);
        left = left.subspan(consume(left, take, damaged));
    }
    pending_.clear();
    tell_skipped(damaged);
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

bool length_agrees(PacketType type, Bytes packet)
{
    const std::size_t header = header_bytes(type);
    return packet.size() >= header && packet.size() == header + body_bytes(type, packet);
}

}  // namespace raiten::drivers::ble
