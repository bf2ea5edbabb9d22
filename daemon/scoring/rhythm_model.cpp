#include "daemon/scoring/rhythm_model.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {
namespace {

/// Half a day: a gap of n days is anything from n − ½ to n + ½.
constexpr double half_day = 0.5;
constexpr double z_max = 60, log_days_max = 11;  // 164 years

double median_of(std::span<const std::uint16_t> gaps)
{
    std::array<std::uint16_t, Rhythm::days_kept> sorted{};
    const auto end = std::copy(gaps.begin(), gaps.end(), sorted.begin());
    const auto half = sorted.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(sorted.begin(), half, end);
    if (gaps.size() % 2 == 1) return *half;
    return (*half + *std::max_element(sorted.begin(), half)) / 2.0;
}

}  // namespace

Habit habit_of(std::span<const std::uint16_t> gaps, double memory)
{
    Habit habit;
    if (gaps.empty()) return habit;
    gaps = gaps.first(std::min(gaps.size(), Rhythm::days_kept));
    double weight = 1, sum = 0, squares = 0;
    for (const auto gap : gaps) {
        const double log_days = std::log(static_cast<double>(gap));
        habit.weight += weight;
        sum += weight * log_days;
        squares += weight * log_days * log_days;
        weight *= memory;
    }
    habit.mean_log = sum / habit.weight;
    habit.variance = std::max(0.0, squares / habit.weight - habit.mean_log * habit.mean_log);
    habit.median = median_of(gaps);
    return habit;
}

std::size_t RhythmModel::class_of(std::size_t gaps)
{
    return gaps == 0 ? 0 : gaps < 3 ? 1 : gaps < 8 ? 2 : gaps < 20 ? 3 : 4;
}

std::size_t RhythmModel::pace_of(double level)
{
    const double doublings = std::floor(level / std::log(2.0));
    return static_cast<std::size_t>(std::clamp(doublings, 0.0, paces - 1.0));
}

Result<void> check(const RhythmModel& model)
{
    const auto within = [](double value, double least, double most) {
        return value >= least && value <= most;  // false for what is not a number
    };
    const bool parameters = within(model.memory, 0.1, 1) && within(model.prior_weight, 1e-3, 1e3)
                            && within(model.prior_level, -20, 20)
                            && within(model.median_share, 0, 1) && within(model.shift, -20, 20)
                            && within(model.first_level, -20, 20) && within(model.spread, 1e-3, 1e2)
                            && within(model.spread_weight, 1e-3, 1e3);
    const auto sound = [](const GapCurve& curve) { return curve.sound(); };
    const bool curves = std::all_of(model.silence.begin(), model.silence.end(), sound)
                        && std::all_of(model.returns.begin(), model.returns.end(), sound)
                        && std::all_of(model.middle.begin(), model.middle.end(),
                                       [&](double share) { return within(share, 0, 1); });
    if (parameters && curves && model.hours.sound()) return {};
    return Problem{"a rhythm model that cannot be used", {}, "fit it again from the visits"};
}

RhythmModel prior_rhythm()
{
    RhythmModel model;
    model.prior_level = model.first_level = std::log(14.0);
    model.silence.fill(GapCurve::normal(0.05));
    model.returns.fill(GapCurve::normal(1e-6));
    model.middle.fill(0.8);
    return model;
}

double Gauge::z_of(double days) const
{
    return std::clamp((std::log(std::max(days, half_day)) - level) / spread, -z_max, z_max);
}

double Gauge::days_at(double z) const
{
    return std::exp(std::min(level + spread * z, log_days_max));
}

Gauge gauge_of(const RhythmModel& model, const Habit& habit, std::size_t gaps)
{
    Gauge gauge;
    gauge.group = RhythmModel::class_of(gaps);
    const double variance = model.spread * model.spread;
    gauge.spread = std::sqrt((model.spread_weight * variance + habit.weight * habit.variance)
                             / (model.spread_weight + habit.weight));
    gauge.own_weight = habit.weight / (model.prior_weight + habit.weight);
    gauge.level = gaps == 0 ? model.first_level
                            : (1 - gauge.own_weight) * model.prior_level
                                  + gauge.own_weight * habit.mean_log
                                  + model.median_share * gauge.own_weight
                                        * (std::log(habit.median) - habit.mean_log)
                                  + model.shift;
    return gauge;
}

GapForecast forecast_gap(const RhythmModel& model, const Gauge& gauge, WallDay silent)
{
    return forecast_gap(model, gauge, silent, model.middle[RhythmModel::pace_of(gauge.level)]);
}

GapForecast forecast_gap(const RhythmModel& model, const Gauge& gauge, WallDay silent,
                         double middle)
{
    const auto& curve = model.returns[gauge.group];
    const double shortest = std::max<double>(silent, 1);
    // What has gone by since the day of the last visit, in hazard.
    const double gone = std::max(
        0.0, curve.hazard(gauge.z_of(shortest - half_day)) - curve.hazard(gauge.z_of(half_day)));
    const auto days_at = [&](double share) {
        return gauge.days_at(curve.reaches(gone - std::log1p(-share)));
    };
    constexpr double share_max = 1 - 1e-9;
    GapForecast forecast;
    forecast.days = std::max(shortest, gauge.days_at(curve.reaches(gone + curve.hazard(0))));
    // To the nearest day: outwards would hold more the shorter the gaps are.
    forecast.least = static_cast<WallDay>(
        std::max(shortest, std::round(days_at(std::max(0.0, (1 - middle) / 2)))));
    forecast.most = static_cast<WallDay>(std::max<double>(
        forecast.least, std::round(days_at(std::min(share_max, (1 + middle) / 2)))));
    return forecast;
}

}  // namespace raiten::scoring
