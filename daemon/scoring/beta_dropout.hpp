#pragma once

#include "daemon/scoring/buying_history.hpp"

#include <array>
#include <span>
#include <vector>

/// The models in which a member buys at a steady rate, and after a purchase may be gone for good:
///
/// - BG/NBD: Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science
///   24(2): likelihood in section 7, expected purchases eq. 10; P(alive) in their note 021
/// - MBG/NBD: Batislam, Denizel & Filiztekin (2007), IJRM 24(3); Hoppe & Wagner (2007):
///   one may be gone after the first purchase already
/// - MBG/CNBD-k: Platzer & Reutterer (2016), "Ticking Away the Moments", Marketing Science 35(5);
///   Reutterer, Platzer & Schröder (2021), IJRM 38(1): gaps are Erlang-k, so more regular
namespace raiten::scoring {

struct BetaDropout {
    double r{}, alpha{};  ///< shape and rate of the gamma that the rates of buying come from
    double a{}, b{};      ///< of the beta that the chances to leave come from
    unsigned k{1};        ///< stages that make one purchase, 1 to stages_max
    bool first_counts{};  ///< the first purchase may be the last one: MBG
};

inline constexpr unsigned stages_max = 12;

double log_likelihood(const BetaDropout& model, const BuyingHistory& member);
/// That the member has not left. BG/NBD gives 1 to everybody who bought once.
double p_alive(const BetaDropout& model, const BuyingHistory& member);
/// In the `span` of time to come, exactly; P(alive) is in it.
double expected_purchases(const BetaDropout& model, const BuyingHistory& member, double span);
/// That there is at least one of them: the negative binomial's chance of fewer stages than a
/// purchase still wants, taken from P(alive).
double p_purchase(const BetaDropout& model, const BuyingHistory& member, double span);

/// The log-likelihood of many members, made ready to be evaluated again and again.
class BetaDropoutSample {
 public:
    BetaDropoutSample(std::span<const BuyingHistory> members, unsigned k, bool first_counts);

    /// Their log-likelihood at (r, alpha, a, b), and its derivatives by these.
    double at(std::span<const double> parameters, std::span<double> derivatives) const;

 private:
    struct Kind {
        double repeats{}, last{}, observed{};
        double members{};  ///< how many are alike
    };
    double of_rates(double r, double& by_r) const;
    double of_survivals(double a, double b, double& by_a, double& by_b) const;

    unsigned k_;
    bool first_counts_;
    std::vector<Kind> kinds_;
    std::vector<double> more_than_;  ///< how many members have more than i repeats
    double members_{};
    double constant_{};
};

}  // namespace raiten::scoring
