#include "daemon/decision/use_counts.hpp"

namespace raiten {
namespace {

using Uses = std::span<const Instant>;

std::size_t first_at_or_after(Uses uses, Instant at)
{
    return static_cast<std::size_t>(std::lower_bound(uses.begin(), uses.end(), at) - uses.begin());
}

std::size_t on_day(Uses uses, Instant at, const StoreClock& clock)
{
    if (uses.empty()) return 0;
    const auto day = clock.day_of(at);
    const Instant start = clock.start_of(day);
    if (uses.back() < start) return 0;
    return first_at_or_after(uses, clock.start_of(day + std::chrono::days{1}))
           - first_at_or_after(uses, start);
}

/// Whether one more at `at` would be in some window of that length with `count` others. Such a
/// window holds a run of `count` neighbours, of which 0, 1, 2 … lie after `at`.
bool crowded(Uses uses, Instant at, std::size_t count, Millis period)
{
    if (count == 0) return true;
    const auto here =
        static_cast<std::size_t>(std::upper_bound(uses.begin(), uses.end(), at) - uses.begin());
    for (std::size_t after = 0; after <= count; ++after) {
        if (after > 0) {
            const bool near = here + after <= uses.size() && uses[here + after - 1] - at < period;
            if (!near) return false;
        }
        const auto before = count - after;
        if (before > here) continue;
        const Instant last = after == 0 ? at : uses[here + after - 1];
        const Instant first = before == 0 ? at : uses[here - before];
        if (last - first < period) return true;
    }
    return false;
}

}  // namespace

const UseLimit* broken_limit(std::span<const UseLimit> limits, Uses uses, Instant at,
                             const StoreClock& clock)
{
    for (const auto& limit : limits) {
        const auto count = std::min<std::size_t>(limit.count, UseCounts::uses_max);
        const bool full = limit.period ? crowded(uses, at, count, *limit.period)
                                       : on_day(uses, at, clock) >= count;
        if (full) return &limit;
    }
    return nullptr;
}

std::size_t UseCounts::on_day_of(Instant at, const StoreClock& clock) const
{
    return on_day(uses_, at, clock);
}

void UseCounts::note(Instant at)
{
    if (uses_.empty() || at >= uses_.back()) {
        uses_.push_back(at);
    } else if (uses_.back() - at < period_max + std::chrono::hours{25}) {
        uses_.insert(std::upper_bound(uses_.begin(), uses_.end(), at), at);
    }
    forget();
}

void UseCounts::take_back(Instant at)
{
    const auto place = std::lower_bound(uses_.begin(), uses_.end(), at);
    if (place != uses_.end() && *place == at) uses_.erase(place);
}

void UseCounts::forget()
{
    // A business day may have begun 25 hours before its end.
    const Instant since = uses_.back() - period_max - std::chrono::hours{25};
    auto old = first_at_or_after(uses_, since);
    if (old < uses_.size() / 4 + 1) old = 0;
    if (uses_.size() > uses_held_max) old = std::max(old, uses_.size() - uses_max);
    uses_.erase(uses_.begin(), uses_.begin() + static_cast<std::ptrdiff_t>(old));
}

}  // namespace raiten
