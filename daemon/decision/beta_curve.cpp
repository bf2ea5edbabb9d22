#include "daemon/decision/beta_curve.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace raiten {
namespace {

/// c[0] + x (c[1] + x (c[2] + … without a loop, so that loops around it become vectors.
template <std::size_t from = 0, std::size_t size>
[[gnu::always_inline]] inline double polynomial(const std::array<double, size>& c, double x)
{
    if constexpr (from + 1 == size)
        return c[from];
    else
        return c[from] + x * polynomial<from + 1>(c, x);
}

constexpr double log_2_head = 0x1.62e42fefa38p-1;  // its last bits are 0: times k it is exact
constexpr double log_2_tail = 0x1.ef35793c7673p-45;

/// Between these the series below has all digits.
constexpr double series_low = -0.29;
constexpr double series_high = 0.41;

/// t − log(1 + t), which is ≥ 0, to the last digits also where it is tiny: with r = t / (2 + t),
/// log(1 + t) = 2 (r + r³/3 + r⁵/5 + …) (Abramowitz & Stegun 4.1.27).
[[gnu::always_inline]] inline double above_log_near(double t)
{
    static constexpr auto odd_parts = [] {
        std::array<double, 11> out{};
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = 1.0 / static_cast<double>(2 * i + 3);
        return out;
    }();
    const double r = t / (2 + t);
    const double r2 = r * r;
    return r * (t - 2 * r2 * polynomial(odd_parts, r2));
}

/// The same for any u > −1: 1 + u = 2^k (1 + t), √½ ≤ 1 + t < √2.
double above_log(double u)
{
    constexpr auto root_half_bits = 0x3fe6'a09e'667f'3bcdU;  // √½
    if (u >= series_low && u <= series_high) return above_log_near(u);
    const double whole = 1 + u;
    if (whole <= 0) return std::numeric_limits<double>::infinity();
    const auto bits = std::bit_cast<std::uint64_t>(whole);
    const auto power = static_cast<std::int64_t>(bits - root_half_bits) >> 52U;
    const auto k = static_cast<double>(power);
    const double t = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(power) << 52U)) - 1;
    return (u - t) - k * log_2_head - k * log_2_tail + above_log_near(t);
}

/// e^−fallen for 0 ≤ fallen < nothing_left
constexpr double nothing_left = 700;
[[gnu::always_inline]] inline double left_after(double fallen)
{
    static constexpr auto factorials = [] {
        std::array<double, 14> out{1};
        for (std::size_t i = 1; i < out.size(); ++i) out[i] = out[i - 1] / static_cast<double>(i);
        return out;
    }();
    constexpr double halvings_each = 1.442695040888963407;  // 1 / log 2
    constexpr double to_whole = 0x1.8p52;                   // adding it rounds; the number is below
    const double shifted = fallen * halvings_each + to_whole;
    const double k = shifted - to_whole;
    const double rest = (k * log_2_head - fallen) + k * log_2_tail;
    const auto scale = (1023 - std::bit_cast<std::uint64_t>(shifted)) << 52U;  // 2^−k
    return polynomial(factorials, rest) * std::bit_cast<double>(scale);
}

}  // namespace

BetaCurve::BetaCurve(double answered, double unanswered)
    : answered_{answered}, unanswered_{unanswered}
{
    const double given = answered + unanswered;
    if (given > 0) {
        top_from_0_ = answered / given;
        top_from_1_ = unanswered / given;
    }
    const double a = 1 + answered;
    const double b = 1 + unanswered;
    deviation_ = std::sqrt(a / (a + b) * (b / (a + b)) / (a + b + 1));
    begin_ = where_it_has_fallen(false);
    end_ = where_it_has_fallen(true);
}

double BetaCurve::fallen(const Place& at) const
{
    const double given = answered_ + unanswered_;
    if (given == 0) return 0;
    const double beyond = above_top(at);
    // answered · log(x / top) + unanswered · log((1−x) / (1−top)): their linear parts cancel, so
    // they are never taken, except where one of the two is absent.
    const double of_answers =
        answered_ > 0 ? answered_ * above_log(beyond / top_from_0_) : given * beyond;
    const double of_silence =
        unanswered_ > 0 ? unanswered_ * above_log(-beyond / top_from_1_) : -given * beyond;
    return of_answers + of_silence;
}

double BetaCurve::above_top(const Place& at) const
{
    return at.low() ? at.from_0 - top_from_0_ : top_from_1_ - at.from_1;
}

double BetaCurve::height(const Place& at) const
{
    const double down = fallen(at);
    return down < nothing_left ? left_after(down) / deviation_ : 0;
}

BetaCurve::Many BetaCurve::heights(const Place& middle, const Many& above) const
{
    Many out;
    const double upwards = 1 / middle.from_0;
    const double downwards = -1 / middle.from_1;
    bool near = true;  // above_log is of the middle, and never far from 0
    for (const double each : {above.front(), above.back()}) {
        near = near && each * upwards > series_low && each * upwards < series_high
               && each * downwards > series_low && each * downwards < series_high;
    }
    if (!near) {
        for (std::size_t i = 0; i < many; ++i) {
            const Place at = middle.low() ? Place::after_0(middle.from_0 + above[i])
                                          : Place::before_1(middle.from_1 - above[i]);
            out[i] = height(at);
        }
        return out;
    }
    const double at_middle = fallen(middle);
    const double slope = -(answered_ + unanswered_) * above_top(middle) * upwards * downwards;
    const double scale = 1 / deviation_;
    const double answered = answered_;
    const double unanswered = unanswered_;
    const double* steps = above.data();
    double* heights = out.data();
    for (std::size_t i = 0; i < many; ++i) {
        const double step = steps[i];
        const double curved = answered * above_log_near(step * upwards)
                              + unanswered * above_log_near(step * downwards);
        heights[i] = scale * left_after(at_middle + (slope * step + curved));
    }
    return out;
}

Place BetaCurve::where_it_has_fallen(bool upwards) const
{
    constexpr double normal_step = 7.75;  // √(2 · fall): where a normal curve has fallen
    constexpr double further = 1.25;
    const Place last = upwards ? Place::before_1(0) : Place::after_0(0);
    if ((upwards ? unanswered_ : answered_) == 0) return last;
    for (double step = normal_step * deviation_;; step *= further) {
        const double from_0 = upwards ? top_from_0_ + step : top_from_0_ - step;
        const double from_1 = upwards ? top_from_1_ - step : top_from_1_ + step;
        if (from_0 <= 0 || from_1 <= 0) return last;
        const Place at = from_0 <= from_1 ? Place::after_0(from_0) : Place::before_1(from_1);
        if (fallen(at) >= fall) return at;
    }
}

}  // namespace raiten
