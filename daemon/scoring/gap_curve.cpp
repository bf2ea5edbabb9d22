#include "daemon/scoring/gap_curve.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr double step_min = 1e-6;    ///< between knots
constexpr double tail_share = 0.05;  ///< of the endings, by which the slope of the tail is known
constexpr double falling_share = 0.9;
constexpr double tail_min = 1e-3, tail_max = 1e3;

/// The slope behind z: endings there over the time that silences there lasted, with half an ending
/// more, so that nobody is ever quite lost (Jeffreys' rule for a rate).
double slope_behind(std::span<const Silence> sorted, double z)
{
    double ended = 0.5, time = 0;
    for (auto at = sorted.rbegin(); at != sorted.rend() && at->z > z; ++at) {
        time += at->z - z;
        if (at->ended) ended += 1;
    }
    return std::clamp(ended / std::max(time, step_min), tail_min, tail_max);
}

}  // namespace

GapCurve::GapCurve()
{
    for (std::size_t i = 0; i < knots; ++i) {
        sum_[i] = static_cast<double>(i) / 10;
        z_[i] = sum_[i] - 1;
    }
}

GapCurve GapCurve::of(std::span<Silence> silences, bool falling)
{
    // What ended comes before what only lasted as long: it was at risk then.
    std::sort(silences.begin(), silences.end(), [](const Silence& one, const Silence& other) {
        return one.z != other.z ? one.z < other.z : one.ended && !other.ended;
    });
    std::vector<double> at, sums;
    double sum = 0;
    for (std::size_t i = 0; i < silences.size(); ++i) {
        if (!silences[i].ended) continue;
        sum += 1 / static_cast<double>(silences.size() - i);
        at.push_back(silences[i].z);
        sums.push_back(sum);
    }
    GapCurve curve;
    const auto last = at.size() - 1;
    // The last twentieth is the tail's, at least one ending; knots lie evenly before.
    const auto tail_from = static_cast<std::size_t>(static_cast<double>(last) * (1 - tail_share));
    for (std::size_t k = 1; k < knots; ++k) {
        const auto from = tail_from * (k - 1) / (knots - 2);
        curve.z_[k] = std::max(at[from], k == 1 ? at[0] : curve.z_[k - 1] + step_min);
        curve.sum_[k] = std::max(sums[from], curve.sum_[k - 1]);
    }
    // Endings have a width of their own: the first one does not happen all at once.
    curve.z_[0] = curve.z_[1] - 0.1;
    curve.sum_[0] = 0;
    curve.tail_ = slope_behind(silences, curve.z_[knots - 1]);
    if (falling) {
        constexpr double share = falling_share / (1 - tail_share);
        curve.make_concave_from(static_cast<std::size_t>(share * (knots - 1)));
    }
    return curve;
}

GapCurve GapCurve::normal(double lost)
{
    GapCurve curve;
    const auto silent = [&](double z) {
        return lost + (1 - lost) * std::erfc(z / std::sqrt(2.0)) / 2;
    };
    for (std::size_t k = 0; k < knots; ++k) {
        curve.z_[k] = -3 + 5.5 * static_cast<double>(k) / (knots - 1);
        curve.sum_[k] = -std::log(silent(curve.z_[k]) / silent(-3));
    }
    curve.tail_ = 0.1;
    curve.make_concave_from(knots * 3 / 4);
    return curve;
}

void GapCurve::make_concave_from(std::size_t first)
{
    struct Piece {
        double width, rise;
        double slope() const { return rise / width; }
    };
    std::vector<Piece> pieces;
    const auto add = [&](Piece piece) {
        while (!pieces.empty() && pieces.back().slope() < piece.slope()) {
            piece.width += pieces.back().width;
            piece.rise += pieces.back().rise;
            pieces.pop_back();
        }
        pieces.push_back(piece);
    };
    for (std::size_t k = first + 1; k < knots; ++k) add({z_[k] - z_[k - 1], sum_[k] - sum_[k - 1]});
    std::size_t k = first + 1;
    for (const auto& piece : pieces) {
        const double end = z_[k - 1] + piece.width;
        for (; k < knots && z_[k] <= end + step_min / 2; ++k)
            sum_[k] = sum_[k - 1] + piece.slope() * (z_[k] - z_[k - 1]);
    }
    const double before = (sum_[knots - 1] - sum_[knots - 2]) / (z_[knots - 1] - z_[knots - 2]);
    tail_ = std::max(std::min(tail_, before), tail_min);
}

double GapCurve::hazard(double z) const
{
    if (z <= z_.front()) return 0;
    if (z >= z_.back()) return sum_.back() + tail_ * (z - z_.back());
    const auto above =
        static_cast<std::size_t>(std::upper_bound(z_.begin(), z_.end(), z) - z_.begin());
    const double part = (z - z_[above - 1]) / (z_[above] - z_[above - 1]);
    return sum_[above - 1] + part * (sum_[above] - sum_[above - 1]);
}

double GapCurve::reaches(double sum) const
{
    if (sum <= 0) return z_.front();
    if (sum >= sum_.back()) return z_.back() + (sum - sum_.back()) / tail_;
    const auto above =
        static_cast<std::size_t>(std::upper_bound(sum_.begin(), sum_.end(), sum) - sum_.begin());
    const double part = (sum - sum_[above - 1]) / (sum_[above] - sum_[above - 1]);
    return z_[above - 1] + part * (z_[above] - z_[above - 1]);
}

bool GapCurve::sound() const
{
    for (std::size_t k = 0; k < knots; ++k) {
        if (!std::isfinite(z_[k]) || !std::isfinite(sum_[k])) return false;
        if (k > 0 && (z_[k] <= z_[k - 1] || sum_[k] < sum_[k - 1])) return false;
    }
    return sum_.front() == 0 && std::isfinite(tail_) && tail_ > 0;
}

}  // namespace raiten::scoring
