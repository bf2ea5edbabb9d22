#include "daemon/scoring/pareto_dropout.hpp"

#include "daemon/scoring/special.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace raiten::scoring {
namespace {

using Rule = boost::math::quadrature::gauss<double, 10>;

/// The chance to have left by now against the chance to be alive, as log(J), and the derivatives
/// of log(J) by r, alpha, s and beta. J = ∫ s ((α+T)/(α+y))^(r+x) ((β+T)/(β+y))^s dy/(β+y) for y
/// from t_x to T.
struct Leaving {
    double log_odds{-INFINITY};
    std::array<double, 4> slope{};
};

/// The integral over u = log((γ+y)/(γ+t_x)), where γ is the smaller of α and β: there the
/// integrand is smooth on the scale of 1, or of its own fall.
class LeavingIntegral {
 public:
    LeavingIntegral(const ParetoDropout& model, const BuyingHistory& member)
        : m_{model},
          h_{member},
          shape_{model.r + member.repeats},
          alpha_then_{model.alpha + member.last},
          beta_then_{model.beta + member.last},
          least_then_{std::min(alpha_then_, beta_then_)},
          alpha_rise_{std::log1p((member.observed - member.last) / alpha_then_)},
          beta_rise_{std::log1p((member.observed - member.last) / beta_then_)}
    {
    }

    Leaving taken(bool with_slope) const
    {
        Leaving leaving;
        const double silent = h_.observed - h_.last;
        if (!(silent > 0)) return leaving;
        constexpr double panels_max = 128;
        constexpr double width_max = 1.6;
        constexpr double falls_a_panel = 4;  // ten nodes follow e^−4 to the last digits
        const double reach = std::log1p(reach_of(silent) / least_then_);
        const double end = least_then_ * std::exp(reach);
        const double falls = shape_ * end / (end + alpha_then_ - least_then_) + m_.s + 1;
        const double panels = std::clamp(
            std::ceil(std::max(reach / width_max, reach * falls / falls_a_panel)), 1.0, panels_max);
        const double half = reach / panels / 2;
        double sum = 0;
        for (double n = 0; n < panels; ++n) {
            const double middle = (2 * n + 1) * half;
            for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
                const double offset = half * Rule::abscissa()[i];
                const double weight = half * Rule::weights()[i];
                add(middle - offset, weight, with_slope, sum, leaving.slope);
                add(middle + offset, weight, with_slope, sum, leaving.slope);
            }
        }
        leaving.log_odds = std::log(sum) + shape_ * alpha_rise_ + m_.s * beta_rise_;
        for (double& slope : leaving.slope) slope /= sum;
        return leaving;
    }

 private:
    /// How far after the last purchase the integrand is not negligible.
    double reach_of(double silent) const
    {
        constexpr double negligible = 46;  // e^−46 of the largest value
        const double by_alpha = negligible / std::max(shape_ - 1, 1e-3);
        const double by_beta = negligible / std::max(m_.s, 1e-3);
        return std::min(
            {silent, alpha_then_ * std::expm1(by_alpha), beta_then_ * std::expm1(by_beta)});
    }

    void add(double u, double weight, bool with_slope, double& sum,
             std::array<double, 4>& slope) const
    {
        const double since = least_then_ * std::expm1(u);
        const double alpha_y = alpha_then_ + since;
        const double beta_y = beta_then_ + since;
        const double alpha_rise = alpha_then_ <= beta_then_ ? u : std::log1p(since / alpha_then_);
        const double beta_rise = alpha_then_ <= beta_then_ ? std::log1p(since / beta_then_) : u;
        const double value = weight * m_.s * std::exp(-shape_ * alpha_rise - m_.s * beta_rise)
                             * (least_then_ + since) / beta_y;
        sum += value;
        if (!with_slope) return;
        const double alpha_now = m_.alpha + h_.observed;
        const double beta_now = m_.beta + h_.observed;
        slope[0] += value * (alpha_rise_ - alpha_rise);
        slope[1] += value * shape_ * (1 / alpha_now - 1 / alpha_y);
        slope[2] += value * (1 / m_.s + beta_rise_ - beta_rise);
        slope[3] += value * (m_.s / beta_now - (m_.s + 1) / beta_y);
    }

    const ParetoDropout& m_;
    const BuyingHistory& h_;
    double shape_;
    double alpha_then_, beta_then_, least_then_;
    double alpha_rise_, beta_rise_;  ///< log of how much α+y and β+y grow from then to now
};

}  // namespace

double log_likelihood(const ParetoDropout& model, const BuyingHistory& member)
{
    const auto leaving = LeavingIntegral{model, member}.taken(false);
    return log_rising(model.r, member.repeats) - model.r * std::log1p(member.observed / model.alpha)
           - member.repeats * std::log(model.alpha + member.observed)
           - model.s * std::log1p(member.observed / model.beta) + log1p_exp(leaving.log_odds);
}

double p_alive(const ParetoDropout& model, const BuyingHistory& member)
{
    return 1 / (1 + std::exp(LeavingIntegral{model, member}.taken(false).log_odds));
}

double expected_purchases(const ParetoDropout& model, const BuyingHistory& member, double span)
{
    if (!(span > 0)) return 0;
    // (β+T) · [1 − (1 + t/(β+T))^−(s−1)] / (s−1), which has its limit at s = 1
    const double grown = std::log1p(span / (model.beta + member.observed));
    const double over = model.s - 1;
    const double stay = std::abs(over * grown) < 1e-300 ? grown : -std::expm1(-over * grown) / over;
    return p_alive(model, member) * (model.r + member.repeats) / (model.alpha + member.observed)
           * (model.beta + member.observed) * stay;
}

ParetoDropoutSample::ParetoDropoutSample(std::span<const BuyingHistory> members)
{
    std::vector<BuyingHistory> sorted{members.begin(), members.end()};
    const auto key = [](const BuyingHistory& m) {
        return std::array{static_cast<double>(m.repeats), m.last, m.observed};
    };
    std::sort(sorted.begin(), sorted.end(),
              [&](const auto& one, const auto& other) { return key(one) < key(other); });
    for (const auto& member : sorted) {
        if (!kinds_.empty() && key(kinds_.back().member) == key(member))
            kinds_.back().members += 1;
        else
            kinds_.push_back({member, 1});
        if (member.repeats == 0) continue;
        if (more_than_.size() < member.repeats) more_than_.resize(member.repeats);
        ++more_than_[member.repeats - 1];
    }
    for (std::size_t i = more_than_.size(); i-- > 1;) more_than_[i - 1] += more_than_[i];
}

double ParetoDropoutSample::at(std::span<const double> parameters,
                               std::span<double> derivatives) const
{
    const ParetoDropout model{parameters[0], parameters[1], parameters[2], parameters[3]};
    std::array<double, 4> by{};
    double sum = 0;
    for (std::size_t i = 0; i < more_than_.size(); ++i) {
        sum += more_than_[i] * std::log(model.r + static_cast<double>(i));
        by[0] += more_than_[i] / (model.r + static_cast<double>(i));
    }
    for (const auto& [member, members] : kinds_) {
        const double alpha_now = model.alpha + member.observed;
        const double beta_now = model.beta + member.observed;
        const double shape = model.r + member.repeats;
        const double rate = std::log1p(member.observed / model.alpha);
        const double left = std::log1p(member.observed / model.beta);
        const auto leaving = LeavingIntegral{model, member}.taken(true);
        const double gone = 1 / (1 + std::exp(-leaving.log_odds));
        sum += members
               * (-model.r * rate - member.repeats * std::log(alpha_now) - model.s * left
                  + log1p_exp(leaving.log_odds));
        by[0] += members * (-rate + gone * leaving.slope[0]);
        by[1] += members * (model.r / model.alpha - shape / alpha_now + gone * leaving.slope[1]);
        by[2] += members * (-left + gone * leaving.slope[2]);
        by[3] += members * (model.s / model.beta - model.s / beta_now + gone * leaving.slope[3]);
    }
    std::copy(by.begin(), by.end(), derivatives.begin());
    return sum;
}

}  // namespace raiten::scoring
