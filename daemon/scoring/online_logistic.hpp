#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace raiten::scoring {

double log_odds_of(double probability);  ///< of one in [1e-6, 1 - 1e-6]; others are drawn to it

/// An input of a logistic model that is not 0.
struct Term {
    std::uint16_t place{};
    double value{};
};

/// Logistic regression of one pass: each case is learned once and forgotten, and what was learned
/// stands as a mean and a covariance of the weights, so that no rate of learning is set by hand.
/// Learning is the Laplace approximation, case by case (Spiegelhalter & Lauritzen 1990, Networks
/// 20(5); the mode is exact, as one equation in one unknown); guessing takes the doubt about the
/// weights into account (MacKay 1992, Neural Computation 4(5)).
///
/// Weights wander: each is an Ornstein-Uhlenbeck process about its prior, so what is not seen again
/// returns to the prior with that half-life, and the covariance never exceeds it (West, Harrison &
/// Migon 1985, JASA 80; McCormick et al. 2012, Biometrics 68(1) forget without that bound).
///
/// The approximation wants a prior standard deviation of the log odds below some 20; beyond, doubt
/// shrinks too slowly where cases only ever come, and guesses stay near one half.
///
/// n inputs cost n² numbers; learning costs n² products, guessing n for each term.
class OnlineLogistic {
 public:
    struct Prior {
        double mean{};
        double sd{1};
    };
    struct Guess {
        double log_odds{};
        double variance{};  ///< of the log odds, by what is not known of the weights
        double probability() const;
    };

    OnlineLogistic(std::vector<Prior> prior, double half_life_days);

    std::size_t inputs() const { return prior_.size(); }
    const std::vector<double>& weights() const { return mean_; }

    /// Places are below inputs() and come once; values are finite.
    Guess guess(std::span<const Term> terms) const;
    void learn(std::span<const Term> terms, bool came, double weight = 1);
    /// A case was learned with the other outcome. Its likelihood differs by a factor that is
    /// exponential in the weights, which shifts their mean and leaves the covariance: exact but
    /// for what was forgotten in between.
    void correct(std::span<const Term> terms, bool came, double weight = 1);
    void pass(double days);

    /// A reader needs one that was made with the same prior.
    template <class Archive>
    void archive(Archive& a)
    {
        for (auto& mean : mean_) a(mean);
        for (std::size_t i = 0; i < inputs(); ++i)
            for (std::size_t j = 0; j <= i; ++j) a(covariance_[i * inputs() + j]);
        if constexpr (Archive::reading) {
            mirror();
            if (!sound()) a.fail();
        }
    }

 private:
    std::vector<double> along(std::span<const Term> terms) const;  ///< covariance · x
    void mirror();
    bool sound() const;

    std::vector<Prior> prior_;
    double half_life_days_;
    std::vector<double> mean_;
    std::vector<double> covariance_;  ///< rows one after the other, symmetric
};

}  // namespace raiten::scoring
