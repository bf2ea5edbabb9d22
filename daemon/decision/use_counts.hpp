#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/rules.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace raiten {

/// The first of the limits that one more use at that moment would break, or nothing. `uses`
/// ascend. A span is broken where any window of its length would hold more than its count, also
/// one that reaches past `at`: what is noted late breaks no limit either. A use exactly one span
/// ago is out of it.
const UseLimit* broken_limit(std::span<const UseLimit> limits, std::span<const Instant> uses,
                             Instant at, const StoreClock& clock);

/// When something was used, as far back as a limit may ask: rolling spans and business days are
/// counted from the same list, exactly.
class UseCounts {
 public:
    static constexpr Millis period_max{std::chrono::hours{24 * 31}};
    /// So many are kept at least; a limit that allows more allows this many.
    static constexpr std::size_t uses_max = 100'000;

    /// In any order. What is older than the longest span before the latest is not kept.
    void note(Instant at);
    /// It counts for nothing. One that is not known is none.
    void take_back(Instant at);

    const UseLimit* broken(std::span<const UseLimit> limits, Instant at,
                           const StoreClock& clock) const
    {
        return limits.empty() ? nullptr : broken_limit(limits, uses_, at, clock);
    }
    /// Of the business day in which `at` lies.
    std::size_t on_day_of(Instant at, const StoreClock& clock) const;
    std::size_t size() const { return uses_.size(); }

    template <class Archive>
    void archive(Archive& a)
    {
        a(uses_);
        if constexpr (Archive::reading) {
            if (uses_.size() > uses_held_max || !std::is_sorted(uses_.begin(), uses_.end()))
                a.fail();
        }
    }

 private:
    /// Old ones go in lots, so that forgetting costs little.
    static constexpr std::size_t uses_held_max = uses_max + uses_max / 4;

    void forget();

    std::vector<Instant> uses_;  // ascending
};

}  // namespace raiten
