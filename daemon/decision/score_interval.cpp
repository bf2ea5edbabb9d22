#include "daemon/decision/score_interval.hpp"

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace raiten::decision {
namespace {

constexpr double nearly = 1e-12;  // of the range that is searched

/// Where the function falls through 0 between two places, or the end that is nearer to it.
template <class Function>
double root(const Function& function, double low, double high)
{
    const double scale = high - low;
    const double at_low = function(low), at_high = function(high);
    if (at_low <= 0) return low;
    if (at_high >= 0) return high;
    const auto close = [scale](double a, double b) { return b - a <= nearly * scale; };
    std::uintmax_t rounds = 100;
    const auto [left, right] =
        boost::math::tools::toms748_solve(function, low, high, at_low, at_high, close, rounds);
    return (left + right) / 2;
}

}  // namespace

TwoMeans::TwoMeans(Spread spread, const Mean& given, const Mean& withheld)
    : spread_{spread}, given_{given}, withheld_{withheld}
{
}

double TwoMeans::variance_at(double mean) const
{
    return spread_ == Spread::share ? mean * (1 - mean) : mean;
}

double TwoMeans::variance() const
{
    return given_.factor * variance_at(given_.value)
           + withheld_.factor * variance_at(withheld_.value);
}

/// Where the quasi-score of both is 0; multiplied by both variances it has no poles.
double TwoMeans::restricted_withheld(double difference) const
{
    double low = std::max(0.0, -difference);
    double high = spread_ == Spread::share
                      ? std::min(1.0, 1 - difference)
                      : low + std::max(given_.value, withheld_.value) + std::abs(difference);
    const double edge = nearly * (high - low);
    const auto score = [&](double mean) {
        const double other = mean + difference;
        return (withheld_.value - mean) * given_.factor * variance_at(other)
               + (given_.value - other) * withheld_.factor * variance_at(mean);
    };
    return root(score, low + edge, high - edge);
}

double TwoMeans::deviations_above(double difference) const
{
    const double mean = restricted_withheld(difference);
    const double variance =
        given_.factor * variance_at(mean + difference) + withheld_.factor * variance_at(mean);
    const double above = this->difference() - difference;
    if (variance > 0) return above / std::sqrt(variance);
    return above == 0 ? 0 : std::copysign(std::numeric_limits<double>::max(), above);
}

double TwoMeans::bound(double toward, double critical) const
{
    const double from = difference();
    const double sign = toward > from ? 1 : -1;
    const auto room_left = [&](double step) {
        return critical + sign * deviations_above(from + sign * step);
    };
    return from + sign * root(room_left, 0, std::abs(toward - from));
}

Interval TwoMeans::interval(double critical) const
{
    const double value = difference();
    double low = -1, high = 1;
    if (spread_ == Spread::amount) {
        // The variance grows by at most both factors times the step, so the bound is within this.
        const double factor = given_.factor + withheld_.factor;
        const double most = given_.value + withheld_.value;
        const double square = critical * critical * factor;
        const double far = 2 * (square + std::sqrt(square * most));
        low = value - far;
        high = value + far;
    }
    return {value, bound(low, critical), bound(high, critical)};
}

}  // namespace raiten::decision
