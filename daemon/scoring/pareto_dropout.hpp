#pragma once

#include "daemon/scoring/buying_history.hpp"

#include <span>
#include <vector>

/// Pareto/NBD: a member buys at a steady rate, and may be gone at any moment. Schmittlein,
/// Morrison & Colombo (1987), Management Science 33(1); Fader & Hardie (2005), "A Note on Deriving
/// the Pareto/NBD Model": likelihood eq. 18–20, P(alive) eq. 36–37, expected purchases eq. 41.
///
/// The two hypergeometric functions of the textbooks are one integral over the moment of leaving,
/// from the last purchase to now. It is computed as such: the integrand is positive and smooth,
/// and nothing cancels.
namespace raiten::scoring {

struct ParetoDropout {
    double r{}, alpha{};  ///< shape and rate of the gamma that the rates of buying come from
    double s{}, beta{};   ///< of the gamma that the rates of leaving come from
};

double log_likelihood(const ParetoDropout& model, const BuyingHistory& member);
double p_alive(const ParetoDropout& model, const BuyingHistory& member);
double expected_purchases(const ParetoDropout& model, const BuyingHistory& member, double span);
/// At least one purchase in the `span` to come: P(alive) times the integral over the moment of that
/// purchase, ∫ (r+x)/(α+T+u) · ((α+T)/(α+T+u))^(r+x) · ((β+T)/(β+T+u))^s du for u from 0 to span,
/// which is that the next purchase comes before the leaving. To ten digits.
double p_purchase(const ParetoDropout& model, const BuyingHistory& member, double span);

/// The log-likelihood of many members, made ready to be evaluated again and again.
class ParetoDropoutSample {
 public:
    explicit ParetoDropoutSample(std::span<const BuyingHistory> members);

    /// Their log-likelihood at (r, alpha, s, beta), and its derivatives by these.
    double at(std::span<const double> parameters, std::span<double> derivatives) const;

 private:
    struct Kind {
        BuyingHistory member;
        double members{};  ///< how many are alike
    };
    std::vector<Kind> kinds_;
    std::vector<double> more_than_;  ///< how many members have more than i repeats
};

}  // namespace raiten::scoring
