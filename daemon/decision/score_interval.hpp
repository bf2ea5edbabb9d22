#pragma once

#include "daemon/decision/experiment.hpp"

#include <cstdint>

/// The interval of a difference of two means, from a test that is right where purchases are few.
namespace raiten::decision {

/// How the variance of a mean follows the mean μ.
enum class Spread : std::uint8_t {
    share,   ///< μ (1 − μ): decisions that were followed by a purchase
    amount,  ///< μ: how often is chance, how much a time is alike in both (compound Poisson)
};

struct Mean {
    double value{};   ///< ≥ 0; of a share ≤ 1
    double factor{};  ///< variance of the mean = factor × μ (1 − μ), or factor × μ; > 0
};

/// Two independent means and the quasi-score test of their difference: Miettinen & Nurminen (1985),
/// Statistics in Medicine 4, 213–226: their differences of proportions for shares, of rates per
/// person-time for amounts, with variance factors in place of 1/n (quasi-likelihood: McCullagh &
/// Nelder 1989, chapter 9; for clustered shares Rao & Scott 1992, Biometrics 48, 577–585).
class TwoMeans {
 public:
    TwoMeans(Spread spread, const Mean& given, const Mean& withheld);

    double difference() const { return given_.value - withheld_.value; }

    /// Of the difference, by the means as they were found.
    double variance() const;

    /// How many standard deviations the difference found lies above this one, −1 < difference < 1
    /// of shares: the variance is that of the most likely two means that lie so far apart.
    double deviations_above(double difference) const;

    /// All differences from which ours lies at most so many deviations away; critical > 0.
    Interval interval(double critical) const;

 private:
    double variance_at(double mean) const;
    double restricted_withheld(double difference) const;
    double bound(double toward, double critical) const;

    Spread spread_;
    Mean given_, withheld_;
};

}  // namespace raiten::decision
