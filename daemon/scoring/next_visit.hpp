#pragma once

#include "daemon/scoring/rhythm_model.hpp"

#include <array>

namespace raiten::scoring {

inline constexpr std::size_t hours_ahead = 7 * 24;

/// When a member is expected again, and what that rests on. Everything is finite whatever the
/// rhythm; without any visit it is what a member's first gap looks like, counted from now.
struct NextVisit {
    WallTime at;          ///< the middle of `window` on the expected day
    WallTime least;       ///< 80 % of members who come again come from here …
    WallTime most;        ///< … until here; never before the hour of `now`
    double gap_days{};    ///< from the last visit day to the next; with decimals
    WallDay gap_least{};  ///< its 80 % interval, whole days
    WallDay gap_most{};
    double p_within_7d{};  ///< that a visit comes within 168 hours from the hour of `now`
    double p_coming{};     ///< that she comes again within a year: is still a customer
    HourWindow window;     ///< the best three hours of the expected day, if it is that day

    // The inputs, for the score card's reasons.
    std::uint32_t gaps{};  ///< seen, also those that are not kept
    double typical_gap{};  ///< level, days
    double own_weight{};   ///< 0 to 1: the share of her own gaps in it, the rest is the store's
    std::int32_t silent_days{};  ///< since the last visit day
};

/// A member's next visit as seen at `now`, which is not before her last visit day (else it counts
/// as on it). Only days after the last visit day count: who was here today is next here tomorrow
/// at the earliest.
NextVisit next_visit(const RhythmModel& model, const Rhythm& member, WallTime now);

/// The probability that the next visit falls into each hour of the wall clock, from the hour of
/// `now` on. The sum is p_within_7d.
std::array<double, hours_ahead> visit_hours(const RhythmModel& model, const Rhythm& member,
                                            WallTime now);

}  // namespace raiten::scoring
