#pragma once

#include "daemon/decision/arm_chances.hpp"

namespace raiten {

/// P(second > first), exactly: Σ_{i<α₂} B(α₁+i, β₁+β₂) / ((β₂+i) B(1+i, β₂) B(α₁, β₁)) (Miller,
/// "Formulas for Bayesian A/B testing", 2014; Cook, "Exact calculation of beta inequalities",
/// 2005), each term from the one before, so that no gamma function is needed. All terms are > 0.
inline double second_is_better(ArmCount first, ArmCount second)
{
    const auto a1 = 1 + static_cast<long double>(first.answered);
    const auto b1 = 1 + static_cast<long double>(first.given - first.answered);
    const auto b2 = 1 + static_cast<long double>(second.given - second.answered);
    long double term = 1;  // B(α₁, β₁+β₂) / B(α₁, β₁), by the shorter of two products
    if (a1 < b2) {
        for (long double k = 0; k < a1; ++k) term *= (b1 + k) / (b1 + b2 + k);
    } else {
        for (long double k = 0; k < b2; ++k) term *= (b1 + k) / (a1 + b1 + k);
    }
    long double sum = 0;
    for (long double i = 0; i <= second.answered; ++i) {
        sum += term;
        term *= (a1 + i) / (a1 + i + b1 + b2) * (b2 + i) / (1 + i);
    }
    return static_cast<double>(sum);
}

}  // namespace raiten
