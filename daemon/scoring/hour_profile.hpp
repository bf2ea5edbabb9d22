#pragma once

#include "daemon/scoring/rhythm.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace raiten::scoring {

/// A day's visits over its quarters of an hour; the sum is 1.
using DayProfile = std::array<double, slots_of_day>;

/// When in the week the store's members come. A member's own hours are drawn over it: her latest
/// visit days, the older the lighter, those of the same weekday the heaviest, each widened to a
/// triangle of ± 90 minutes; the store's profile weighs as much as `store_visits` of them
/// of them (Dirichlet prior; triangular kernel: Silverman 1986, chapter 2). Where the store never
/// saw anybody within half an hour, nobody is expected: that is how closed hours are known.
struct HourProfile {
    std::array<DayProfile, 7> store{};      ///< by weekday
    std::array<double, 7> weekday_share{};  ///< of the store's visit days; the sum is 1
    double store_visits{4};
    double memory{0.9};        ///< weight of a visit day beside the next later one
    double other_type{0.5};    ///< weight of a weekend's visit for a working day, and vice versa
    double same_weekday{2};    ///< the weight of any other visit of the same type is 1
    double weekday_visits{8};  ///< as store_visits, for the share of weekdays
    double reach{6};           ///< of a visit's triangle to either side, slots
    static constexpr double reach_max = 16;

    /// Every hour of every day alike.
    HourProfile();

    bool sound() const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(store, weekday_share, store_visits, memory, other_type, same_weekday, weekday_visits,
          reach);
    }
};

/// When the member comes on such a weekday, if she comes.
DayProfile day_profile(const HourProfile& hours, const Rhythm& member, unsigned weekday);

/// On which weekdays she comes; the sum is 1.
std::array<double, 7> weekday_profile(const HourProfile& hours, const Rhythm& member);

/// The three hours of a day that hold most of it. They begin at a quarter of an hour and end by
/// midnight.
struct HourWindow {
    static constexpr std::size_t slots = 12;
    std::chrono::minutes from{};
    std::chrono::minutes to{};
    double share{};  ///< of the day
};
HourWindow best_window(const DayProfile& day);

/// One visit day as seen by the fit: the ones before it, and when it came.
struct HourCase {
    std::span<const VisitDay> before;  ///< ascending, at least one
    VisitDay came;
};

/// The store's profile from its visit days, and by the likelihood of `cases` how far back members'
/// own hours count and how much the store's weigh (a coordinate search over a few values).
HourProfile fit_hours(std::span<const VisitDay> visit_days, std::span<const HourCase> cases);

}  // namespace raiten::scoring
