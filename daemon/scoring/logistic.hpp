#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// How likely something is, given numbers known beforehand: logistic regression with a ridge,
/// learned from all cases at once. Cox (1958), JRSS B 20(2); the ridge: Le Cessie & van Houwelingen
/// (1992), "Ridge Estimators in Logistic Regression", Applied Statistics 41(1); Newton's steps:
/// McCullagh & Nelder (1989), "Generalized Linear Models", section 2.5.
///
///     log p / (1 − p) = intercept + Σ slope_j · z_j,   z_j = (value_j − mean_j) / scale_j
///     maximised: Σ weight · log-likelihood − ½ Σ ridge_j · slope_j²
///
/// Features are standardised inside, so units and offsets of the caller's do not matter; the
/// intercept is not penalised. The ridge keeps slopes finite where the cases are separable, and
/// shares a slope among features that say the same.
namespace raiten::scoring {

inline constexpr std::size_t logistic_features_max = 64;
inline constexpr std::size_t logistic_each_min = 5;  ///< cases that came, and that did not
inline constexpr std::size_t logistic_cases_max = 1'000'000;

/// What was known of each case, and whether it came. The spans are only looked at.
struct LogisticCases {
    std::size_t features{};              ///< how many numbers are known of a case; 0 to 64
    std::span<const double> values;      ///< cases × features, case by case; finite
    std::span<const std::uint8_t> came;  ///< of each case, 1 or 0
    std::span<const double> weights{};   ///< of each case, finite and not negative; empty: all 1
};

struct LogisticModel {
    double intercept{};          ///< the log odds where every feature is at its mean
    std::vector<double> slopes;  ///< of log odds, by one standard deviation of the feature
    std::vector<double> means;   ///< of the features, over the weighted cases
    std::vector<double> scales;  ///< their standard deviations (by n); 0: constant, left out
    /// Of intercept and slopes: lower triangle row by row, (features + 1)(features + 2) / 2
    /// numbers. The inverse of the penalised information at the optimum: the usual covariance where
    /// there is no ridge, and that of the normal posterior where the ridge is a prior of variance 1
    /// / ridge. 0 for features that are left out.
    std::vector<double> covariance;

    std::size_t features() const { return slopes.size(); }

    template <class Archive>
    void archive(Archive& a)
    {
        a(intercept, slopes, means, scales, covariance);
    }
};

/// That a model can be used, such as one that was read from outside: at most 64 features, all
/// sizes alike, finite numbers, no negative scale or variance.
Result<void> check(const LogisticModel& model);

struct LogisticRules {
    /// Of every slope, in the log odds of one standard deviation: 1 is a prior of variance 1. At
    /// least 0; with 0, cases that are separable or features that say the same are refused.
    double ridge{1};
    /// Where given, one for each feature: multiplies `ridge` for its slope. At least 0.
    std::vector<double> ridge_by_feature{};
    unsigned steps_max{60};  ///< Newton's; 4 to 10 are usual
};

struct LogisticFit {
    LogisticModel model;
    double log_likelihood{};  ///< weighted, without the penalty
    double penalty{};         ///< ½ Σ ridge · slope²
    double log_evidence{};    ///< of Laplace, up to a constant: log_likelihood − penalty
                            ///< − ½ log det information + ½ Σ log ridge, over penalised slopes
    double freedom{};  ///< effective number of slopes: tr of information without ridge by
                       ///< inverse of that with (Le Cessie & van Houwelingen)
    double weight{};   ///< sum over the cases
    unsigned steps{};
};

/// The most likely model. `warm` is where to begin, such as last night's model of the same
/// features; it changes how many steps are taken, not where they end. A Problem where the cases
/// cannot carry it: sizes that do not fit, a number that is not finite, fewer than 5 cases of a
/// kind (of those with weight), or no finite optimum. Deterministic; time grows as cases ×
/// features².
Result<LogisticFit> fit_logistic(const LogisticCases& cases, const LogisticRules& rules = {},
                                 const LogisticModel* warm = nullptr);

/// The log odds of a case with `features` as many as the model has. Infinite values are the
/// caller's.
double log_odds(const LogisticModel& model, std::span<const double> features);
/// 0 to 1: 1 / (1 + exp(−log odds)).
double probability(const LogisticModel& model, std::span<const double> features);
/// The probability that belongs to log odds, without overflow.
double probability_of(double log_odds);

/// The standard error of the log odds of a case.
double log_odds_error(const LogisticModel& model, std::span<const double> features);

struct ProbabilityInterval {
    double low{}, high{};
};
/// Log odds ± `errors` standard errors, as probabilities; 1.959964 is 95 %.
ProbabilityInterval probability_interval(const LogisticModel& model,
                                         std::span<const double> features,
                                         double errors = 1.959964);

/// What feature `feature` of a case adds to its log odds, beside a case at the means.
double contribution(const LogisticModel& model, std::span<const double> features,
                    std::size_t feature);

/// The change of log odds by one unit of the feature as it comes, and its standard error; 0 where
/// it was constant.
double coefficient(const LogisticModel& model, std::size_t feature);
double coefficient_error(const LogisticModel& model, std::size_t feature);
/// The log odds where every feature is 0.
double intercept_at_zero(const LogisticModel& model);

}  // namespace raiten::scoring
