#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/rules.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace raiten {

/// Where a moment lies in its business day, by the visits that the store is used to.
struct DayOutlook {
    std::chrono::sys_days day{};
    double left{1};    ///< expected share of the day's visits still to come, 1 to 0
    bool last_hour{};  ///< the last hour with visits has begun
    double known{};    ///< how much of this was learned here: 0 nothing, towards 1
};

/// When in a business day this store's visits come, learned from its own: decayed counts of each
/// weekday by the quarter hour that the wall shows, leaning on those of all weekdays as far as the
/// weekdays are alike (empirical Bayes for a Dirichlet-multinomial, its precision by moments:
/// Mosimann 1962, Biometrika 49). All of them lean on `first_guess` visits spread evenly over 9:00
/// to 21:00, a twentieth of them over the other hours too, which is all there is without a history.
/// Before some thirty visits are known, the last hour is that of the business day.
///
/// A function of the visits before the business day asked for, in whatever order they were noted
/// as far as sums do not round: noting those of the last eight weeks gives nearly the same curve
/// again (what is older weighs less than a half, and fades).
class DemandCurve {
 public:
    static constexpr std::size_t weekdays = 7;
    static constexpr std::size_t slots = 96;  ///< quarter hours since the start of the business day
    static constexpr double first_guess = 20;
    static constexpr double days_to_half = 35;

    DemandCurve() { learn(); }

    void note(Instant visit_opened, const StoreClock& clock);
    /// By what was noted of business days before the latest.
    DayOutlook outlook(Instant at, const StoreClock& clock) const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(day_, day_start_, counts_, squares_, today_);
        if constexpr (Archive::reading) {
            if (!sound()) a.fail();
            learn();
        }
    }

 private:
    using Slots = std::array<double, slots>;

    bool sound() const;
    void begin(std::chrono::sys_days day);
    void learn();
    void learn(std::size_t weekday, const Slots& pooled, double precision);

    std::chrono::sys_days day_{};               // the latest
    std::chrono::minutes day_start_{0};         // of what was counted
    std::array<Slots, weekdays> counts_{};      // decayed to day_, which is not among them
    double squares_{};                          // of the same visits' weights, summed
    std::array<std::uint32_t, slots> today_{};  // of day_

    // from what was counted
    std::array<std::array<double, slots + 1>, weekdays> left_{};  // share at the start of each slot
    std::array<std::size_t, weekdays> closing_{};                 // slot after the last with visits
    double known_{};
};

}  // namespace raiten
