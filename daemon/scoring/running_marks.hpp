#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace raiten::scoring {

/// How good probabilities are, in running sums: each is told before its outcome is learned
/// (progressive validation: Blum, Kalai & Langford 1999, COLT). Probabilities fall into classes of
/// a tenth in log odds, from which everything but the log losses is computed.
class RunningMarks {
 public:
    struct Share {
        double weight{};
        double expected{};  ///< mean of the probabilities
        double came{};      ///< share that came
    };

    void add(double probability, double base_rate, bool came, double weight);
    /// All sums become that part of themselves: old marks fade.
    void fade(double kept);

    double weight() const;  ///< of all cases so far; everything below is 0 or nothing without
    double log_loss() const;
    double base_log_loss() const;
    std::optional<double> auc() const;  ///< where there are both outcomes; ties count half
    /// Expected calibration error: mean of |expected − came| over ten shares of equal weight.
    double calibration_error() const;
    /// Up to ten of equal weight as far as classes allow, rising.
    std::vector<Share> deciles() const;
    /// log odds of what came = intercept + slope · log odds of what was said (Cox 1958, Biometrika
    /// 45); 0 and 1 are perfect. Nothing where no such line can be found.
    struct Line {
        double intercept{}, slope{};
    };
    std::optional<Line> line() const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(classes_, loss_, base_loss_);
        if constexpr (Archive::reading) {
            if (!sound()) a.fail();
        }
    }

 private:
    struct Class {
        double weight{}, expected{}, came{};

        template <class Archive>
        void archive(Archive& a)
        {
            a(weight, expected, came);
        }
    };
    bool sound() const;

    std::array<Class, 140> classes_{};
    double loss_{}, base_loss_{};
};

}  // namespace raiten::scoring
