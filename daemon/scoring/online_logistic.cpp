#include "daemon/scoring/online_logistic.hpp"

#include "daemon/scoring/logistic.hpp"

#include <algorithm>
#include <numbers>
#include <utility>

namespace raiten::scoring {
namespace {

constexpr double probability_min = 1e-6;

double dot(std::span<const Term> terms, const std::vector<double>& values)
{
    double sum = 0;
    for (const auto& term : terms) sum += term.value * values[term.place];
    return sum;
}

/// The log odds at the top of N(log_odds | guess) · likelihood^weight: the root of
/// f(t) = t - m - v·weight·(came - p(t)), which rises and lies within v·weight of m.
double mode(const OnlineLogistic::Guess& guess, bool came, double weight)
{
    const double reach = guess.variance * weight;
    double low = came ? guess.log_odds : guess.log_odds - reach;
    double high = came ? guess.log_odds + reach : guess.log_odds;
    double t = guess.log_odds;
    for (int i = 0; i < 50; ++i) {
        const double p = probability_of(t);
        const double f = t - guess.log_odds - reach * ((came ? 1.0 : 0.0) - p);
        (f > 0 ? high : low) = t;
        double next = t - f / (1 + reach * p * (1 - p));
        if (!(next >= low && next <= high)) next = (low + high) / 2;
        if (std::abs(next - t) <= 1e-12 * (1 + std::abs(t))) return next;
        t = next;
    }
    return t;
}

}  // namespace

double log_odds_of(double probability)
{
    const double p = std::clamp(probability, probability_min, 1 - probability_min);
    return std::log(p / (1 - p));
}

double OnlineLogistic::Guess::probability() const
{
    return probability_of(log_odds / std::sqrt(1 + std::numbers::pi / 8 * variance));
}

OnlineLogistic::OnlineLogistic(std::vector<Prior> prior, double half_life_days)
    : prior_{std::move(prior)},
      half_life_days_{half_life_days},
      covariance_(prior_.size() * prior_.size())
{
    for (std::size_t i = 0; i < inputs(); ++i) {
        mean_.push_back(prior_[i].mean);
        covariance_[i * inputs() + i] = prior_[i].sd * prior_[i].sd;
    }
}

std::vector<double> OnlineLogistic::along(std::span<const Term> terms) const
{
    std::vector<double> out(inputs());
    for (const auto& term : terms) {
        const double* row = &covariance_[term.place * inputs()];
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += term.value * row[i];
    }
    return out;
}

OnlineLogistic::Guess OnlineLogistic::guess(std::span<const Term> terms) const
{
    double variance = 0;
    for (const auto& one : terms) {
        const double* row = &covariance_[one.place * inputs()];
        double sum = 0;
        for (const auto& other : terms) sum += row[other.place] * other.value;
        variance += one.value * sum;
    }
    return {dot(terms, mean_), std::max(variance, 0.0)};
}

void OnlineLogistic::learn(std::span<const Term> terms, bool came, double weight)
{
    if (!(weight > 0)) return;
    auto step = along(terms);
    const Guess before{dot(terms, mean_), std::max(dot(terms, step), 0.0)};
    const double p = probability_of(mode(before, came, weight));
    const double pull = weight * ((came ? 1.0 : 0.0) - p);
    const double curvature = weight * p * (1 - p);
    for (std::size_t i = 0; i < inputs(); ++i) mean_[i] += pull * step[i];
    const double shrink = std::sqrt(curvature / (1 + curvature * before.variance));
    for (auto& each : step) each *= shrink;
    for (std::size_t i = 0; i < inputs(); ++i) {
        double* row = &covariance_[i * inputs()];
        for (std::size_t j = 0; j < inputs(); ++j) row[j] -= step[i] * step[j];
    }
}

void OnlineLogistic::correct(std::span<const Term> terms, bool came, double weight)
{
    const auto step = along(terms);
    for (std::size_t i = 0; i < inputs(); ++i) mean_[i] += (came ? weight : -weight) * step[i];
}

void OnlineLogistic::pass(double days)
{
    if (!(days > 0)) return;
    const double kept = std::exp2(-days / half_life_days_);
    for (auto& each : covariance_) each *= kept * kept;
    for (std::size_t i = 0; i < inputs(); ++i) {
        mean_[i] = prior_[i].mean + kept * (mean_[i] - prior_[i].mean);
        covariance_[i * inputs() + i] += (1 - kept * kept) * prior_[i].sd * prior_[i].sd;
    }
}

void OnlineLogistic::mirror()
{
    for (std::size_t i = 0; i < inputs(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            covariance_[j * inputs() + i] = covariance_[i * inputs() + j];
}

bool OnlineLogistic::sound() const
{
    for (std::size_t i = 0; i < inputs(); ++i) {
        const double own = covariance_[i * inputs() + i];
        if (!std::isfinite(mean_[i]) || std::abs(mean_[i]) > 1e6) return false;
        if (!(own >= 0 && own <= prior_[i].sd * prior_[i].sd * (1 + 1e-9))) return false;
        for (std::size_t j = 0; j < i; ++j) {
            const double both = covariance_[i * inputs() + j];
            const double most = own * covariance_[j * inputs() + j] * (1 + 1e-9);
            if (!(both * both <= most + 1e-24)) return false;
        }
    }
    return true;
}

}  // namespace raiten::scoring
