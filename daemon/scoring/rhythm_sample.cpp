#include "daemon/scoring/rhythm_sample.hpp"

#include <algorithm>
#include <utility>

namespace raiten::scoring {
namespace {

/// Steele, Lea & Flood (2014), OOPSLA: the finalizer of SplitMix64, which is a bijection.
std::uint64_t hash_of(std::uint64_t number)
{
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ number >> 30U) * 0xbf58476d1ce4e5b9U;
    number = (number ^ number >> 27U) * 0x94d049bb133111ebU;
    return number ^ number >> 31U;
}

}  // namespace

void RhythmSample::note(std::uint64_t member_number, std::span<const WallTime> visits)
{
    const auto hash = hash_of(member_number);
    if (least_dropped_ && hash >= *least_dropped_) return;
    std::vector<VisitDay> days;
    for (const auto at : visits) {
        Rhythm one;  // which knows days and quarters of an hour
        if (!one.note(at)) continue;
        const VisitDay visit{one.last_day(), one.slots().front()};
        if (days.empty() || days.back().day < visit.day)
            days.push_back(visit);
        else if (days.back().day == visit.day)
            days.back().slot = std::min(days.back().slot, visit.slot);
    }
    if (days.size() > member_visit_days_max)
        days.erase(days.begin(), days.end() - member_visit_days_max);
    if (!days.empty()) keep(hash, std::move(days));
}

void RhythmSample::keep(std::uint64_t hash, std::vector<VisitDay> days)
{
    days.shrink_to_fit();
    visit_days_ += days.size();
    auto& place = by_hash_[hash];
    visit_days_ -= place.size();
    place = std::move(days);
    while (by_hash_.size() > members_max || visit_days_ > visit_days_max) {
        const auto last = std::prev(by_hash_.end());
        visit_days_ -= last->second.size();
        least_dropped_ = last->first;
        by_hash_.erase(last);
    }
}

}  // namespace raiten::scoring
