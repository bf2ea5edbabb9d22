#include "daemon/scoring/calibration.hpp"
#include "daemon/scoring/next_visit.hpp"
#include "daemon/scoring/rhythm_fit.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr std::size_t gaps_min = 3;         ///< before a member is asked about
constexpr std::size_t weeks_max = 100'000;  ///< members × weeks; 24 bytes each

/// The day before which 60 % of the time lies.
WallDay begin_of_rest(const RhythmSample& sample, WallDay today)
{
    WallDay first = today;
    for (const auto& [hash, days] : sample.by_hash()) first = std::min(first, days.front().day);
    return first + (today - first) * 3 / 5;
}

struct LookBack {
    const RhythmModel& model;
    WallDay today;
    RhythmLookBack found{};
    std::vector<Foretold> weeks{};

    void ask_gap(const Rhythm& member, WallDay next)
    {
        const auto gauge =
            gauge_of(model, habit_of(member.gaps(), model.memory), member.gaps().size());
        const auto forecast = forecast_gap(model, gauge, 0);
        const auto days = next - member.last_day();
        found.mean_error += std::abs(forecast.days - days);
        found.coverage += forecast.least <= days && days <= forecast.most ? 1 : 0;
        ++found.gaps;
    }
    void ask_week(const Rhythm& member, WallDay week, bool came)
    {
        if (weeks.size() == weeks_max) return;
        const double p = next_visit(model, member, WallTime{std::chrono::days{week}}).p_within_7d;
        weeks.push_back({p, p, came ? 1.0 : 0.0});
        constexpr double sure = 1e-6;
        found.log_loss -= std::log(std::max(sure, came ? p : 1 - p));
    }
    void follow(const std::vector<VisitDay>& days)
    {
        Rhythm member;
        auto week = found.from;
        for (std::size_t i = 0; i < days.size() && days[i].day < today; ++i) {
            member.note(days[i]);
            const bool ended = i + 1 < days.size() && days[i + 1].day < today;
            const auto until = ended ? days[i + 1].day : today;
            if (member.gaps().size() < gaps_min) continue;
            if (ended && days[i].day >= found.from) ask_gap(member, until);
            while (week <= days[i].day) week += 7;
            for (; week <= until && week + 7 <= today; week += 7)
                ask_week(member, week, ended && until < week + 7);
        }
    }
    void finish()
    {
        const auto gaps = static_cast<double>(std::max<std::size_t>(found.gaps, 1));
        found.mean_error /= gaps;
        found.coverage /= gaps;
        const auto asked = calibrate(weeks);
        const auto count = static_cast<double>(std::max<std::size_t>(weeks.size(), 1));
        found.weeks = weeks.size();
        found.expected = asked.expected / count;
        found.came = asked.came / count;
        found.log_loss /= count;
        found.auc = asked.auc.value_or(0.5);
    }
};

}  // namespace

std::optional<RhythmLookBack> look_back_on(const RhythmSample& sample, WallDay today)
{
    const auto from = begin_of_rest(sample, today);
    const auto fit = fit_rhythm(sample, from, {}, false);
    if (!fit) return std::nullopt;
    LookBack back{fit->model, today};
    back.found.from = from;
    for (const auto& [hash, days] : sample.by_hash()) back.follow(days);
    back.finish();
    return back.found;
}

}  // namespace raiten::scoring
