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

/// A rule of Gauss and Legendre, and how wide a panel and how deep a fall it follows to ten digits:
/// by the nearest singularity, at ±iπ, and by the remainder of e^−falls (Abramowitz & Stegun
/// 25.4.30).
struct Nodes {
    std::size_t count{};
    std::array<double, 20> at{};
    std::array<double, 20> weights{};
    double width{};
    double falls{};
};

template <unsigned Count>
Nodes nodes_of(double width, double falls)
{
    using Legendre = boost::math::quadrature::gauss<double, Count>;
    Nodes nodes;
    nodes.width = width;
    nodes.falls = falls;
    for (std::size_t i = 0; i < Legendre::abscissa().size(); ++i)
        for (const double side : {-1.0, 1.0}) {
            if (side < 0 && Legendre::abscissa()[i] == 0) continue;
            nodes.at[nodes.count] = side * Legendre::abscissa()[i];
            nodes.weights[nodes.count++] = Legendre::weights()[i];
        }
    return nodes;
}

const Nodes seven_nodes = nodes_of<7>(2.5, 4);
const Nodes ten_nodes = nodes_of<10>(3.2, 10);
const Nodes twenty_nodes = nodes_of<20>(8, 32);

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

    /// log(J), to the last digits.
    double log_odds() const
    {
        if (!(silent() > 0)) return -INFINITY;
        constexpr double panels_max = 128;
        constexpr double width_max = 1.6;
        constexpr double falls_a_panel = 4;  // ten nodes follow e^−4 to the last digits
        constexpr double negligible = 46;    // e^−46 of the largest value
        const double reach = reach_of(negligible);
        const double panels =
            std::clamp(std::ceil(std::max(reach / width_max, falls_within(reach) / falls_a_panel)),
                       1.0, panels_max);
        const double half = reach / panels / 2;
        double sum = 0;
        for (double n = 0; n < panels; ++n) {
            const double middle = (2 * n + 1) * half;
            for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
                const double offset = half * Rule::abscissa()[i];
                sum += half * Rule::weights()[i] * (at(middle - offset) + at(middle + offset));
            }
        }
        return std::log(sum) + shape_ * alpha_rise_ + m_.s * beta_rise_;
    }

    /// The same with its slopes to ten digits, which is all that a climb needs, at a tenth of the
    /// time: as many nodes as the fall asks for, and one logarithm and one exponential at each.
    Leaving rough() const
    {
        Leaving leaving;
        if (!(silent() > 0)) return leaving;
        constexpr double negligible = 30;
        const double reach = reach_of(negligible);
        const double falls = falls_within(reach);
        if (reach <= seven_nodes.width && falls <= seven_nodes.falls)
            add_panels(seven_nodes, reach, 1, leaving);
        else if (reach <= ten_nodes.width && falls <= ten_nodes.falls)
            add_panels(ten_nodes, reach, 1, leaving);
        else
            add_panels(twenty_nodes, reach,
                       std::max(reach / twenty_nodes.width, falls / twenty_nodes.falls), leaving);
        return leaving;
    }

 private:
    double silent() const { return h_.observed - h_.last; }

    /// How far after the last purchase the integrand is above e^−negligible of its largest value.
    double reach_of(double negligible) const
    {
        const double by_alpha = negligible / std::max(shape_ - 1, 1e-3);
        const double by_beta = negligible / std::max(m_.s, 1e-3);
        const double since = std::min(
            {silent(), alpha_then_ * std::expm1(by_alpha), beta_then_ * std::expm1(by_beta)});
        return std::log1p(since / least_then_);
    }

    /// By how many powers of e the integrand falls at most.
    double falls_within(double reach) const
    {
        const double end = least_then_ * std::exp(reach);
        return reach * (shape_ * end / (end + alpha_then_ - least_then_) + m_.s + 1);
    }

    double at(double u) const
    {
        const double since = least_then_ * std::expm1(u);
        const double beta_y = beta_then_ + since;
        const double alpha_rise = alpha_then_ <= beta_then_ ? u : std::log1p(since / alpha_then_);
        const double beta_rise = alpha_then_ <= beta_then_ ? std::log1p(since / beta_then_) : u;
        return m_.s * std::exp(-shape_ * alpha_rise - m_.s * beta_rise) * (least_then_ + since)
               / beta_y;
    }

    void add_panels(const Nodes& nodes, double reach, double wished, Leaving& leaving) const
    {
        constexpr double panels_max = 32;
        const double panels = std::clamp(std::ceil(wished), 1.0, panels_max);
        const double half = reach / panels / 2;
        const bool alpha_least = alpha_then_ <= beta_then_;
        const double other_then = alpha_least ? beta_then_ : alpha_then_;
        const double other_power = alpha_least ? m_.s : shape_;
        const double least_power = alpha_least ? shape_ : m_.s;
        const double apart = other_then - least_then_;
        double sum = 0, least_rises = 0, other_rises = 0, least_inverses = 0, other_inverses = 0;
        for (double n = 0; n < panels; ++n)
            for (std::size_t i = 0; i < nodes.count; ++i) {
                const double u = half * (2 * n + 1 + nodes.at[i]);
                const double least_y = least_then_ * std::exp(u);
                const double other_y = least_y + apart;
                const double other_rise = std::log(other_y / other_then);
                const double steady = alpha_least ? least_y / other_y : 1.0;
                const double value = half * nodes.weights[i] * steady
                                     * std::exp(-least_power * u - other_power * other_rise);
                sum += value;
                least_rises += value * u;
                other_rises += value * other_rise;
                least_inverses += value / least_y;
                other_inverses += value / other_y;
            }
        const double alpha_rises = (alpha_least ? least_rises : other_rises) / sum;
        const double beta_rises = (alpha_least ? other_rises : least_rises) / sum;
        const double alpha_inverse = (alpha_least ? least_inverses : other_inverses) / sum;
        const double beta_inverse = (alpha_least ? other_inverses : least_inverses) / sum;
        leaving.log_odds = std::log(m_.s * sum) + shape_ * alpha_rise_ + m_.s * beta_rise_;
        leaving.slope[0] = alpha_rise_ - alpha_rises;
        leaving.slope[1] = shape_ * (1 / (m_.alpha + h_.observed) - alpha_inverse);
        leaving.slope[2] = 1 / m_.s + beta_rise_ - beta_rises;
        leaving.slope[3] = m_.s / (m_.beta + h_.observed) - (m_.s + 1) * beta_inverse;
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
    const double leaving = LeavingIntegral{model, member}.log_odds();
    return log_rising(model.r, member.repeats) - model.r * std::log1p(member.observed / model.alpha)
           - member.repeats * std::log(model.alpha + member.observed)
           - model.s * std::log1p(member.observed / model.beta) + log1p_exp(leaving);
}

double p_alive(const ParetoDropout& model, const BuyingHistory& member)
{
    return 1 / (1 + std::exp(LeavingIntegral{model, member}.log_odds()));
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

double p_purchase(const ParetoDropout& model, const BuyingHistory& member, double span)
{
    if (!(span > 0)) return 0;
    constexpr double panels_max = 64;
    constexpr double negligible = 46;
    const double alpha = model.alpha + member.observed;
    const double beta = model.beta + member.observed;
    const double shape = model.r + member.repeats;
    // Over w = log(1 + u/γ), γ the smaller of both, where the integrand is smooth as above, as far
    // as it is not negligible.
    const double least = std::min(alpha, beta);
    const double until = std::min(
        {span, alpha * std::expm1(negligible / shape), beta * std::expm1(negligible / model.s)});
    const double reach = std::log1p(until / least);
    const double end = least + until;
    const double falls = reach * (shape * end / (end + alpha - least) + model.s + 1);
    const double panels = std::clamp(
        std::ceil(std::max(reach / ten_nodes.width, falls / ten_nodes.falls)), 1.0, panels_max);
    const double half = reach / panels / 2;
    double sum = 0;
    for (double n = 0; n < panels; ++n)
        for (std::size_t i = 0; i < ten_nodes.count; ++i) {
            const double w = half * (2 * n + 1 + ten_nodes.at[i]);
            const double u = least * std::expm1(w);
            const double fall = shape * std::log1p(u / alpha) + model.s * std::log1p(u / beta);
            sum +=
                half * ten_nodes.weights[i] * shape * std::exp(-fall) * (least + u) / (alpha + u);
        }
    return p_alive(model, member) * std::min(sum, 1.0);
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
        const auto leaving = LeavingIntegral{model, member}.rough();
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
