#pragma once

#include <cstdint>

/// Differences of log-gammas and sums that keep their digits where the textbook forms lose them.
namespace raiten::scoring {

/// log Γ(z+n)/Γ(z) for z > 0: the logarithm of z(z+1)…(z+n−1).
double log_rising(double z, std::uint32_t n);

/// log [ Γ(b+n)/Γ(b) · Γ(a+b)/Γ(a+b+n) ] for a, b > 0: the logarithm of the n-th moment of
/// a Beta(b, a), exact to the last digits also for tiny a and huge b.
double log_beta_moment(double b, double a, std::uint32_t n);

/// log Γ(z+d)/Γ(z) for z, d > 0, by Stirling's series where both are large enough
/// (Abramowitz & Stegun 6.1.40).
double log_gamma_step(double z, double d);

/// log(1 + e^v) without overflow.
double log1p_exp(double v);

/// Expected number of purchases of a member who is alive, whose stages of buying come at a
/// gamma-distributed rate and who leaves after each purchase with a beta-distributed probability:
///
///     Σₙ P(N = n) · S(⌊(n + done) / k⌋),   S(m) = Σ_{i<m} (b)ᵢ / (a+b)ᵢ,   N ~ NBD(shape, odds)
///
/// For k = 1 it equals the textbooks' (a+b−1)/(a−1) · [1 − (1+odds)^−shape · ₂F₁(shape, b; a+b−1;
/// odds/(1+odds))] (Fader, Hardie & Lee 2005, eq. 10), but every term is positive: nothing
/// cancels, and a = 1 is a number like any other.
struct StageCount {
    double shape{};   ///< of the NBD, > 0: r + all stages seen
    double odds{};    ///< horizon / (α + observed), ≥ 0
    double a{}, b{};  ///< of the probability to leave, after what was seen
    unsigned k{1};    ///< stages that make one purchase
    unsigned done{};  ///< of them, since the last purchase; below k
};
double expected_survivals(const StageCount& count);

}  // namespace raiten::scoring
