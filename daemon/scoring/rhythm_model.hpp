#pragma once

#include "daemon/base/result.hpp"
#include "daemon/scoring/gap_curve.hpp"
#include "daemon/scoring/hour_profile.hpp"
#include "daemon/scoring/rhythm.hpp"

#include <array>
#include <span>

namespace raiten::scoring {

/// What a member's gaps say, the older the lighter.
struct Habit {
    double weight{};    ///< of all gaps together; the latest weighs 1; 0 without gaps
    double mean_log{};  ///< weighted mean of log days
    double variance{};  ///< weighted, of log days
    double median{1};   ///< of the gaps as they are, days
};

/// `gaps` as of Rhythm::gaps(), the latest first; each weighs `memory` times the next later one.
Habit habit_of(std::span<const std::uint16_t> gaps, double memory);

/// How the store's members come: an accelerated failure time model of the days between visits
/// (Kalbfleisch & Prentice 2002, chapter 7). Logarithms of gaps have a level and a spread of the
/// member, and what is left over is of the store:
///
///     level  = (κ·m + a·ȳ) / (κ + a) + b · a/(κ+a) · (log median − ȳ) + c
///     spread² = (k·s² + a·v) / (k + a)          z = (log days − level) / spread
///
/// with a, ȳ, v the member's Habit: an empirical-Bayes mean (Efron & Morris 1975, JASA 70(350))
/// moved towards her median as far as that erred less before. How z is spread is not assumed but
/// counted (GapCurve), among members with about as many gaps.
struct RhythmModel {
    /// Members with 0, 1–2, 3–7, 8–19, 20 and more gaps.
    static constexpr std::size_t classes = 5;
    static std::size_t class_of(std::size_t gaps);
    /// Members with levels below 2, 4, 8, 16 days, and above.
    static constexpr std::size_t paces = 5;
    static std::size_t pace_of(double level);

    double memory{0.9};
    double prior_weight{2};                 ///< κ, in gaps
    double prior_level{};                   ///< m, log days
    double median_share{};                  ///< b, 0 to 1
    double shift{};                         ///< c
    double first_level{};                   ///< the level of members without a gap, log days
    double spread{1};                       ///< s
    double spread_weight{2};                ///< k, in gaps
    std::array<GapCurve, classes> silence;  ///< of all gaps, with those that still last
    std::array<GapCurve, classes> returns;  ///< of gaps that ended with a visit
    /// The middle share of `returns` that held 80 % of the gaps that came, by pace: whole days hold
    /// the more, the fewer of them a gap has.
    std::array<double, paces> middle{};
    HourProfile hours;

    template <class Archive>
    void archive(Archive& a)
    {
        a(memory, prior_weight, prior_level, median_share, shift, first_level, spread,
          spread_weight, silence, returns, middle, hours);
    }
};

/// Finite, and within what a fit can find.
Result<void> check(const RhythmModel& model);

/// What stands in where a store's visits cannot carry a fit: members come every two weeks, one in
/// twenty gaps never ends, logarithms of gaps have a normal spread of 1, and every hour is alike.
/// It is a convention, not a finding.
RhythmModel prior_rhythm();

/// Where a member's gaps lie under a model.
struct Gauge {
    double level{};
    double spread{1};
    double own_weight{};  ///< a / (κ + a): the share of her own gaps in the level
    std::size_t group{};  ///< RhythmModel::class_of

    double z_of(double days) const;
    double days_at(double z) const;
};
Gauge gauge_of(const RhythmModel& model, const Habit& habit, std::size_t gaps);

/// Days from one visit day to the next, if there is a next one.
struct GapForecast {
    double days{};            ///< half of the error is to either side: the median of `returns`
    WallDay least{}, most{};  ///< the 80 % interval, whole days, both within
};
/// Given that `silent` days went by without a visit (0: on the day of the last one).
GapForecast forecast_gap(const RhythmModel& model, const Gauge& gauge, WallDay silent);
/// The same with another middle share than the model's: the interval alone.
GapForecast forecast_gap(const RhythmModel& model, const Gauge& gauge, WallDay silent,
                         double middle);

}  // namespace raiten::scoring
