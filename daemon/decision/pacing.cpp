#include "daemon/decision/pacing.hpp"

#include <algorithm>
#include <numeric>

namespace raiten {
namespace {

constexpr double days_to_half = 35;
constexpr double spread_first = 0.25;  // variance of a day's level in relation to it, at first
constexpr double spread_first_weight = 4;
constexpr double spread_most = 4;  // of one day: a promotion is not the rule
constexpr double shape_min = 1.5, shape_max = 10;
constexpr double shape_unknown = 1;     // of a day of which nothing is known
constexpr double shape_today_max = 40;  // a level is never known better: profiles differ by the day
constexpr double lean_min = 0.3, lean_max = 20;  // days of all weekdays, beside a weekday's own
constexpr double caution = 0.5;                  // standard deviations below the mean
constexpr std::uint64_t stock_to_keep_from = 4;  // smaller ones keep no last piece
constexpr double count_max = 1e12;
constexpr std::chrono::days day_max{4'000'000};  // some 11,000 years

double sum(const std::array<double, DemandCurve::weekdays>& all)
{
    return std::accumulate(all.begin(), all.end(), 0.0);
}

}  // namespace

bool Pacing::gives(const DayOutlook& now, std::uint64_t stock_left, double draw)
{
    // What comes late from a day that is over is decided as if it were today's.
    if (now.day > day_ || expected_ <= 0) begin(now.day, stock_left);
    stock_ = std::max(stock_, stock_left);
    const double share = chance(now, stock_left);
    ++seen_;
    return draw < share;
}

double Pacing::chance(const DayOutlook& now, std::uint64_t stock_left) const
{
    if (stock_left == 0) return 0;
    if (stock_left == 1 && stock_ >= stock_to_keep_from && !now.last_hour) return 0;
    // Of the level: gamma(shape, shape / expected), then n seen in the share of the day that is
    // over. Both count only as far as that share is known.
    const double over = now.known * (1 - now.left);
    const double n = now.known * static_cast<double>(seen_);
    const double shape = shape_ + n;
    const double level = shape / (shape_ / expected_ + over);
    const double mean = level * now.left;
    const double deviation = std::sqrt(mean + mean * mean / std::min(shape, shape_today_max));
    const double to_come = std::max(0.0, mean - caution * deviation);
    return static_cast<double>(stock_left) / (1 + to_come);
}

void Pacing::begin(std::chrono::sys_days day, std::uint64_t stock)
{
    if (seen_ > 0) learn_from_day();
    const double kept = std::exp2(-static_cast<double>((day - day_).count()) / days_to_half);
    for (auto& level : levels_) level *= kept;
    for (auto& weight : weights_) weight *= kept;
    spread_ *= kept;
    spread_weight_ *= kept;
    day_ = day;
    seen_ = 0;
    stock_ = stock;
    expect(day);
}

void Pacing::learn_from_day()
{
    const auto weekday = std::chrono::weekday{day_}.c_encoding();
    const auto count = static_cast<double>(seen_);
    if (sum(weights_) > 0) {
        const double off = count / expected_ - 1;
        spread_ += std::clamp(off * off - 1 / expected_, 0.0, spread_most);
        spread_weight_ += 1;
    }
    levels_[weekday] += count;
    weights_[weekday] += 1;
}

/// Weekdays lean on the mean of all as far as they differ no more than days do (empirical Bayes).
void Pacing::expect(std::chrono::sys_days day)
{
    const double days = sum(weights_);
    if (days < 0.01) {
        expected_ = static_cast<double>(std::max<std::uint64_t>(stock_, 1));
        shape_ = shape_unknown;
        return;
    }
    const double mean = sum(levels_) / days;
    const double spread =
        (spread_ + spread_first * spread_first_weight) / (spread_weight_ + spread_first_weight);
    const double day_variance = spread * mean * mean + mean;
    double between = 0, by_chance = 0;
    for (std::size_t i = 0; i < weekdays; ++i) {
        if (weights_[i] <= 0) continue;
        const double off = levels_[i] / weights_[i] - mean;
        between += weights_[i] * off * off / days;
        by_chance += day_variance / days;
    }
    const double lean = between > by_chance
                            ? std::clamp(day_variance / (between - by_chance), lean_min, lean_max)
                            : lean_max;
    const auto weekday = std::chrono::weekday{day}.c_encoding();
    expected_ = std::max((levels_[weekday] + lean * mean) / (weights_[weekday] + lean), 0.1);
    shape_ = std::clamp(1 / spread, shape_min, shape_max);
}

bool Pacing::sound() const
{
    const auto fine = [](double value) { return value >= 0 && value <= count_max; };
    return std::all_of(levels_.begin(), levels_.end(), fine)
           && std::all_of(weights_.begin(), weights_.end(), fine) && fine(spread_)
           && fine(spread_weight_) && fine(expected_) && fine(shape_)
           && std::chrono::abs(day_.time_since_epoch()) < day_max
           && (seen_ == 0 || (expected_ > 0 && shape_ > 0));
}

}  // namespace raiten
