#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace raiten::scoring {

/// What was foretold of one member, and what came.
struct Foretold {
    double expected{};  ///< purchases
    double rank_by{};   ///< the more, the likelier to buy again: such as P(alive)
    double came{};      ///< purchases
};

struct Calibration {
    std::size_t members{};
    double expected{};                     ///< sum
    double came{};                         ///< sum
    double mean_error{};                   ///< mean of |expected − came|
    std::optional<double> relative_error;  ///< Σ|expected − came| / Σ came, where anything came
    std::optional<double> correlation;     ///< Pearson's, where both vary
    std::optional<double> auc;  ///< that somebody who came ranks above somebody who did not;
                                ///< ties count half (Mann & Whitney 1947)
};

Calibration calibrate(std::span<const Foretold> members);

}  // namespace raiten::scoring
