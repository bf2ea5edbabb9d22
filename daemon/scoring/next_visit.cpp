#include "daemon/scoring/next_visit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raiten::scoring {
namespace {

constexpr double half_day = 0.5;
constexpr double year_days = 365;
constexpr std::size_t slots_of_hour = slots_of_day / 24;
constexpr double open_share = 0.01;  ///< a weekday with less of the store's visits is closed

WallTime start_of(WallDay day)
{
    return WallTime{std::chrono::days{day}};
}

/// Clocks that are far off are taken as 1970 or 2328.
WallDay today_of(WallTime now)
{
    return std::clamp(day_of(now), WallDay{0}, 2 * wall_days_max);
}

/// The member as of `now`.
struct Outlook {
    WallDay today{};
    std::size_t hour{};  ///< of today
    WallDay silent{};    ///< days since the last visit day
    double gone{};       ///< 0 to 1: how much of today's visiting is over
    Gauge gauge;
    const GapCurve* curve{};
    double from{};  ///< days of silence so far, as the curves count them: a gap of n days is n ± ½

    double p_before(double days) const
    {
        const double since = curve->hazard(gauge.z_of(days)) - curve->hazard(gauge.z_of(from));
        return -std::expm1(-std::max(0.0, since));
    }
};

double share_before(const DayProfile& day, std::size_t hour)
{
    return std::accumulate(day.begin(),
                           day.begin() + static_cast<std::ptrdiff_t>(hour * slots_of_hour), 0.0);
}

Outlook outlook(const RhythmModel& model, const Rhythm& member, WallTime now,
                const DayProfile& day_of_now)
{
    Outlook out;
    out.today = today_of(now);
    out.hour = static_cast<std::size_t>(minute_of_day(now) / std::chrono::hours{1});
    out.silent = member.visit_days() == 0 ? 0 : std::max(0, out.today - member.last_day());
    out.gone = share_before(day_of_now, out.hour);
    out.gauge = gauge_of(model, habit_of(member.gaps(), model.memory), member.gaps().size());
    out.curve = &model.silence[out.gauge.group];
    out.from = std::max(half_day, out.silent - half_day + out.gone);
    return out;
}

/// A week from the hour of now.
double week_ahead(const Outlook& out)
{
    return out.silent - half_day + out.gone + 7;
}

/// The whole day nearest to the expected one on which the store has visits at all.
WallDay open_day(const RhythmModel& model, WallDay expected, WallDay earliest)
{
    for (const WallDay away : {0, 1, -1, 2, -2, 3, -3}) {
        const auto day = expected + away;
        if (day >= earliest && model.hours.weekday_share[weekday_of(day)] >= open_share) return day;
    }
    return expected;
}

}  // namespace

NextVisit next_visit(const RhythmModel& model, const Rhythm& member, WallTime now)
{
    const auto day_of_now = day_profile(model.hours, member, weekday_of(today_of(now)));
    const auto out = outlook(model, member, now, day_of_now);
    const auto gap = forecast_gap(model, out.gauge, out.silent);
    const auto last = out.today - out.silent;

    NextVisit next;
    next.gap_days = gap.days;
    next.gap_least = gap.least;
    next.gap_most = gap.most;
    next.p_within_7d = out.p_before(week_ahead(out));
    next.p_coming = out.p_before(out.silent + half_day + year_days);
    next.gaps = member.visit_days() == 0 ? 0 : member.visit_days() - 1;
    next.typical_gap = out.gauge.days_at(0);
    next.own_weight = out.gauge.own_weight;
    next.silent_days = out.silent;

    const auto expected = last + static_cast<WallDay>(std::lround(gap.days));
    const auto day = open_day(model, expected, std::max(last + 1, out.today));
    next.window = best_window(weekday_of(day) == weekday_of(out.today)
                                  ? day_of_now
                                  : day_profile(model.hours, member, weekday_of(day)));
    const auto hour = start_of(out.today) + std::chrono::hours{out.hour};
    next.at = std::max(hour, start_of(day) + (next.window.from + next.window.to) / 2);
    next.least = std::max(hour, start_of(last + gap.least));
    next.most = std::max(next.at, start_of(last + gap.most + 1));
    return next;
}

std::array<double, hours_ahead> visit_hours(const RhythmModel& model, const Rhythm& member,
                                            WallTime now)
{
    std::array<DayProfile, 7> days;
    for (unsigned weekday = 0; weekday < 7; ++weekday)
        days[weekday] = day_profile(model.hours, member, weekday);
    const auto out = outlook(model, member, now, days[weekday_of(today_of(now))]);
    const auto weekdays = weekday_profile(model.hours, member);

    // By the curve the days' own shares, by the weekdays how they are bent; the week's sum stays.
    std::array<double, hours_ahead> hours{};
    double sum = 0;
    double before = 0;
    for (int ahead = 0; ahead <= 7; ++ahead) {
        const auto weekday = weekday_of(out.today + ahead);
        const double end = ahead == 7 ? week_ahead(out) : out.silent + ahead + half_day;
        const double until = std::max(before, out.p_before(std::max(end, out.from)));
        const std::size_t first = ahead == 0 ? out.hour : 0;
        const std::size_t last = ahead == 7 ? out.hour : 24;
        const double all = ahead == 0 ? 1 - out.gone : ahead == 7 ? out.gone : 1;
        const double share = (until - before) * weekdays[weekday] * 7;
        before = until;
        if (!(all > 0) || (out.silent == 0 && ahead == 0)) continue;
        for (std::size_t hour = first; hour < last; ++hour) {
            const auto slot =
                days[weekday].begin() + static_cast<std::ptrdiff_t>(hour * slots_of_hour);
            const auto index = static_cast<std::size_t>(ahead) * 24 + hour - out.hour;
            hours[index] = share / all * std::accumulate(slot, slot + slots_of_hour, 0.0);
            sum += hours[index];
        }
    }
    const double week = out.p_before(week_ahead(out));
    for (auto& hour : hours) hour = sum > 0 ? hour * week / sum : week / hours_ahead;
    return hours;
}

}  // namespace raiten::scoring
