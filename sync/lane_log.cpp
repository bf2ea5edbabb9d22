#include "sync/lane_log.hpp"

#include <algorithm>
#include <utility>

namespace raiten::sync {

std::size_t LaneLog::add(std::vector<OutboxRow> rows)
{
    std::size_t taken = 0;
    for (auto& row : rows) {
        if (row.sequence <= cursor_) continue;
        cursor_ = row.sequence;
        ready_.push_back(std::move(row));
        ++taken;
    }
    return taken;
}

OutboxRow LaneLog::take()
{
    auto row = std::move(ready_.front());
    ready_.pop_front();
    return row;
}

bool LaneLog::sent(std::uint64_t sequence)
{
    const bool again = sequence <= sent_max_;
    sent_max_ = std::max(sent_max_, sequence);
    sent_.push_back({sequence, false});
    return again;
}

std::deque<LaneLog::Sent>::iterator LaneLog::find(std::uint64_t sequence)
{
    const auto at = std::lower_bound(
        sent_.begin(), sent_.end(), sequence,
        [](const Sent& entry, std::uint64_t wanted) { return entry.sequence < wanted; });
    return at != sent_.end() && at->sequence == sequence ? at : sent_.end();
}

void LaneLog::confirmed(std::uint64_t sequence)
{
    if (const auto at = find(sequence); at != sent_.end()) at->confirmed = true;
}

void LaneLog::forget(std::uint64_t sequence)
{
    if (const auto at = find(sequence); at != sent_.end()) sent_.erase(at);
}

std::optional<std::uint64_t> LaneLog::settle_confirmed()
{
    std::optional<std::uint64_t> through;
    while (!sent_.empty() && sent_.front().confirmed) {
        through = sent_.front().sequence;
        sent_.pop_front();
    }
    if (through) settled_ = *through;
    return through;
}

LaneLog::Ack LaneLog::judge(std::uint64_t through, std::uint64_t head) const
{
    if (through <= settled_) return Ack::stale;
    return through > std::max(head, sent_max_) ? Ack::ahead : Ack::advanced;
}

LaneLog::Ack LaneLog::acknowledged(std::uint64_t through, std::uint64_t head)
{
    const auto verdict = judge(through, head);
    if (verdict != Ack::advanced) return verdict;
    settled_ = through;
    cursor_ = std::max(cursor_, through);
    while (!sent_.empty() && sent_.front().sequence <= through) sent_.pop_front();
    while (!ready_.empty() && ready_.front().sequence <= through) ready_.pop_front();
    return verdict;
}

void LaneLog::rewind()
{
    ready_.clear();
    sent_.clear();
    cursor_ = settled_;
}

}  // namespace raiten::sync
