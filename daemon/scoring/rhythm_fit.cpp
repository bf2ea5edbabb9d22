#include "daemon/scoring/rhythm_fit.hpp"

#include <nlopt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr std::size_t level_cases_max = 12'000;
constexpr std::size_t hour_cases_max = 4'000;
constexpr std::size_t class_gaps_min = 200;
constexpr std::size_t middle_gaps_max = 6'000;
constexpr std::array memories{0.75, 0.8, 0.85, 0.9, 0.95, 1.0};
constexpr std::array spread_weights{1.0, 2.0, 4.0, 8.0, 16.0};
constexpr double spread_min = 0.1;

using Gaps = std::array<std::uint16_t, Rhythm::days_kept>;

/// One gap of a member, or the silence since her last visit.
struct GapCase {
    const std::vector<VisitDay>* member;
    std::uint32_t index;  ///< of the visit day with which it begins
    WallDay days;
    bool ended;

    std::size_t count() const { return std::min<std::size_t>(index, Rhythm::days_kept); }
    /// The gaps before, the latest first.
    std::span<const std::uint16_t> before(Gaps& gaps) const
    {
        for (std::size_t i = 0; i < count(); ++i)
            gaps[i] =
                static_cast<std::uint16_t>((*member)[index - i].day - (*member)[index - i - 1].day);
        return std::span{gaps}.first(count());
    }
    Habit habit(double memory) const
    {
        Gaps gaps;
        return habit_of(before(gaps), memory);
    }
};

/// Those that ended first.
struct GapCases {
    std::vector<GapCase> all;
    std::size_t ended_count{};

    std::span<const GapCase> ended() const { return std::span{all}.first(ended_count); }
};

GapCases cases_of(const RhythmSample& sample, WallDay today)
{
    GapCases cases;
    cases.all.reserve(sample.visit_days());
    for (const bool ended : {true, false}) {
        for (const auto& [hash, days] : sample.by_hash()) {
            for (std::size_t i = 0; i < days.size() && days[i].day < today; ++i) {
                const bool next = i + 1 < days.size() && days[i + 1].day < today;
                if (next != ended) continue;
                cases.all.push_back({&days, static_cast<std::uint32_t>(i),
                                     (next ? days[i + 1].day : today) - days[i].day, ended});
            }
        }
        if (ended) cases.ended_count = cases.all.size();
    }
    return cases;
}

/// Every n-th, so that at most `most` are left.
template <class T>
std::vector<T> thinned(std::span<const T> all, std::size_t most)
{
    const std::size_t step = all.size() / most + 1;
    std::vector<T> some;
    for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
    return some;
}

// ---- levels -----------------------------------------------------------------------------------

struct LevelCase {
    double weight, mean_log, towards_median, days;
};

struct LevelSearch {
    std::vector<LevelCase> cases;

    /// Mean error in days; log κ, m, b, c.
    double operator()(const double* x) const
    {
        const double prior = std::exp(x[0]);
        double sum = 0;
        for (const auto& one : cases) {
            const double own = one.weight / (prior + one.weight);
            const double level =
                (1 - own) * x[1] + own * (one.mean_log + x[2] * one.towards_median) + x[3];
            sum += std::abs(std::exp(std::min(level, 12.0)) - one.days);
        }
        return sum / static_cast<double>(cases.size());
    }
};

LevelSearch level_search(const std::vector<GapCase>& cases, double memory)
{
    LevelSearch search;
    for (const auto& one : cases) {
        const auto habit = one.habit(memory);
        search.cases.push_back({habit.weight, habit.mean_log,
                                std::log(habit.median) - habit.mean_log,
                                static_cast<double>(one.days)});
    }
    return search;
}

using Levels = std::array<double, 4>;

double least_error(const LevelSearch& search, Levels& levels, double step)
{
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> climber{
        nlopt_create(NLOPT_LN_NELDERMEAD, 4), nlopt_destroy};
    const Levels least{-3, -3, 0, -4}, most{4, 9, 1, 4}, steps{step, step, step / 2, step};
    for (std::size_t i = 0; i < 4; ++i) levels[i] = std::clamp(levels[i], least[i], most[i]);
    nlopt_set_lower_bounds(climber.get(), least.data());
    nlopt_set_upper_bounds(climber.get(), most.data());
    nlopt_set_initial_step(climber.get(), steps.data());
    nlopt_set_min_objective(
        climber.get(),
        [](unsigned, const double* x, double*, void* data) {
            return (*static_cast<const LevelSearch*>(data))(x);
        },
        const_cast<LevelSearch*>(&search));
    nlopt_set_ftol_rel(climber.get(), 1e-6);
    nlopt_set_xtol_rel(climber.get(), 1e-4);
    nlopt_set_maxeval(climber.get(), 400);
    double error{};
    const auto start = levels;
    if (nlopt_optimize(climber.get(), levels.data(), &error) < 0) levels = start;
    return search(levels.data());
}

double fit_levels(RhythmModel& model, std::span<const GapCase> ended,
                  const std::optional<RhythmModel>& warm)
{
    std::vector<double> logs;
    std::vector<GapCase> later;
    for (const auto& one : ended) {
        if (one.index == 0)
            logs.push_back(std::log(static_cast<double>(one.days)));
        else
            later.push_back(one);
    }
    const auto cases = thinned<GapCase>(later, level_cases_max);
    double centre = 0;
    for (const auto& one : cases) centre += std::log(static_cast<double>(one.days));
    centre /= static_cast<double>(cases.size());
    Levels start{0, centre, 0.3, 0};
    if (warm)
        start = {std::log(warm->prior_weight), warm->prior_level, warm->median_share, warm->shift};

    double best = -1;
    for (const double memory : memories) {
        if (warm && std::abs(memory - warm->memory) > 0.06) continue;
        auto levels = start;
        const double error = least_error(level_search(cases, memory), levels, warm ? 0.1 : 0.3);
        if (best >= 0 && error >= best) continue;
        best = error;
        model.memory = memory;
        model.prior_weight = std::exp(levels[0]);
        model.prior_level = levels[1];
        model.median_share = levels[2];
        model.shift = levels[3];
    }
    model.first_level = model.prior_level + model.shift;
    if (!logs.empty()) {
        const auto half = logs.begin() + static_cast<std::ptrdiff_t>(logs.size() / 2);
        std::nth_element(logs.begin(), half, logs.end());
        model.first_level = *half;
    }
    return best;
}

// ---- spreads and curves -----------------------------------------------------------------------

/// What is left over of a gap, in log days, with the habit it was foretold from.
struct Rest {
    Habit habit;
    double log_rest;
};

void fit_spread(RhythmModel& model, std::span<const GapCase> ended)
{
    std::vector<Rest> rests;
    double squares = 0;
    for (const auto& one : thinned(ended, 2 * level_cases_max)) {
        if (one.index == 0) continue;
        const auto habit = one.habit(model.memory);
        const double rest =
            std::log(static_cast<double>(one.days)) - gauge_of(model, habit, one.count()).level;
        rests.push_back({habit, rest});
        squares += rest * rest;
    }
    const auto count = static_cast<double>(rests.size());
    model.spread = std::max(spread_min, std::sqrt(squares / count));
    double best = 0;
    for (const double weight : spread_weights) {
        auto trial = model;
        trial.spread_weight = weight;
        double absolute = 0, logs = 0;
        for (const auto& one : rests) {
            const double spread = gauge_of(trial, one.habit, 1).spread;
            absolute += std::abs(one.log_rest) / spread;
            logs += std::log(spread);
        }
        // Of Laplace's law whose scale is the spread times a number that is the same for all.
        const double cost = logs + count * std::log(absolute / count + 1e-9);
        if (weight > spread_weights.front() && cost >= best) continue;
        best = cost;
        model.spread_weight = weight;
    }
}

/// A gap and where the model would have looked for it.
struct Measured {
    float level, spread;
    WallDay days;
    std::uint16_t end;  ///< day
    std::uint8_t group;
    bool ended;

    Gauge gauge() const { return {double{level}, double{spread}, 0, group}; }
    /// Of a silence that lasts, today is not over: nothing is known of it yet.
    double z() const { return gauge().z_of(ended ? days : days - 0.5); }
};

std::vector<Measured> measured(const RhythmModel& model, const std::vector<GapCase>& cases)
{
    std::vector<Measured> all;
    all.reserve(cases.size());
    for (const auto& one : cases) {
        const auto gauge = gauge_of(model, one.habit(model.memory), one.count());
        all.push_back({static_cast<float>(gauge.level), static_cast<float>(gauge.spread), one.days,
                       static_cast<std::uint16_t>((*one.member)[one.index].day + one.days),
                       static_cast<std::uint8_t>(gauge.group), one.ended});
    }
    return all;
}

template <class Is>
std::vector<Measured> those(std::span<const Measured> gaps, Is is)
{
    std::vector<Measured> some;
    std::copy_if(gaps.begin(), gaps.end(), std::back_inserter(some), is);
    return some;
}

/// Those that began in the later half of the time, where there are enough: the first gaps of a
/// young store ended because they were short, and what members do changes.
std::vector<Measured> later_half(std::vector<Measured> gaps)
{
    if (gaps.empty()) return gaps;
    WallDay first = gaps.front().end, last = first;
    for (const auto& one : gaps) {
        first = std::min(first, one.end - one.days);
        last = std::max(last, WallDay{one.end});
    }
    const auto later = those(
        gaps, [&](const Measured& one) { return one.end - one.days >= last - (last - first) / 2; });
    return later.size() < class_gaps_min ? gaps : later;
}

GapCurve curve_of(const std::vector<Measured>& gaps, bool falling)
{
    std::vector<Silence> silences;
    for (const auto& one : gaps) silences.push_back({one.z(), one.ended});
    return GapCurve::of(silences, falling);
}

bool holds(const GapForecast& forecast, WallDay days)
{
    return forecast.least <= days && days <= forecast.most;
}

/// The smallest middle share that held 80 %.
double middle_of(const RhythmModel& model, const std::vector<Measured>& all)
{
    const auto gaps = thinned<Measured>(all, middle_gaps_max);
    double low = 0, high = 0.999;
    for (int i = 0; i < 14; ++i) {
        const double middle = (low + high) / 2;
        const auto held = std::count_if(gaps.begin(), gaps.end(), [&](const Measured& one) {
            return holds(forecast_gap(model, one.gauge(), 0, middle), one.days);
        });
        (static_cast<double>(held) < 0.8 * static_cast<double>(gaps.size()) ? low : high) = middle;
    }
    return high;
}

void fit_curves(RhythmModel& model, std::span<const Measured> all, std::span<const Measured> ended)
{
    const auto any = [](const Measured&) { return true; };
    model.silence.fill(curve_of(those(all, any), true));
    model.returns.fill(curve_of(later_half(those(ended, any)), false));
    for (std::size_t group = 0; group < RhythmModel::classes; ++group) {
        const auto in_group = [&](const Measured& one) { return one.group == group; };
        const auto came = later_half(those(ended, in_group));
        if (came.size() < class_gaps_min) continue;
        model.silence[group] = curve_of(those(all, in_group), true);
        model.returns[group] = curve_of(came, false);
    }
}

void fit_intervals(RhythmModel& model, std::span<const Measured> ended)
{
    const auto any = [](const Measured&) { return true; };
    model.middle.fill(middle_of(model, later_half(those(ended, any))));
    for (std::size_t pace = 0; pace < RhythmModel::paces; ++pace) {
        const auto came = later_half(those(ended, [&](const Measured& one) {
            return RhythmModel::pace_of(double{one.level}) == pace;
        }));
        if (came.size() >= class_gaps_min) model.middle[pace] = middle_of(model, came);
    }
}

double coverage(const RhythmModel& model, std::span<const Measured> ended)
{
    const auto held = std::count_if(ended.begin(), ended.end(), [&](const Measured& one) {
        return holds(forecast_gap(model, one.gauge(), 0), one.days);
    });
    return static_cast<double>(held) / static_cast<double>(ended.size());
}

// ---- hours ------------------------------------------------------------------------------------

HourProfile hours_of(const RhythmSample& sample, WallDay today, std::span<const GapCase> ended)
{
    std::vector<VisitDay> visits;
    visits.reserve(sample.visit_days());
    for (const auto& [hash, days] : sample.by_hash())
        for (const auto& visit : days)
            if (visit.day < today) visits.push_back(visit);
    std::vector<HourCase> cases;
    for (const auto& one : thinned(ended, hour_cases_max))
        cases.push_back(
            {std::span{*one.member}.first(one.index + 1), (*one.member)[one.index + 1]});
    return fit_hours(visits, cases);
}

}  // namespace

Result<RhythmFit> fit_rhythm(const RhythmSample& sample, WallDay today,
                             const std::optional<RhythmModel>& warm, bool look_back)
{
    const auto cases = cases_of(sample, today);
    const auto ended = cases.ended();
    const auto members = static_cast<std::size_t>(std::count_if(
        ended.begin(), ended.end(), [](const GapCase& one) { return one.index == 0; }));
    if (members < rhythm_members_min || ended.size() < members + rhythm_gaps_min) {
        return Problem{"too few visits to fit a rhythm: " + std::to_string(members)
                           + " members came again, " + std::to_string(ended.size())
                           + " times altogether",
                       {},
                       "at least " + std::to_string(rhythm_members_min) + " members and "
                           + std::to_string(rhythm_gaps_min)
                           + " gaps after their first ones; until then prior_rhythm()"};
    }
    RhythmFit fit;
    fit.members = members;
    fit.gaps = ended.size();
    fit.mean_error = fit_levels(fit.model, ended, warm);
    fit_spread(fit.model, ended);
    const auto all = measured(fit.model, cases.all);
    const auto came = std::span{all}.first(ended.size());
    fit_curves(fit.model, all, came);
    fit_intervals(fit.model, came);
    fit.coverage = coverage(fit.model, came);
    fit.model.hours = hours_of(sample, today, ended);
    if (const auto good = check(fit.model); !good) return good.error();
    if (look_back) fit.look_back = look_back_on(sample, today);
    return fit;
}

}  // namespace raiten::scoring
