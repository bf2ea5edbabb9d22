#pragma once

#include "daemon/base/result.hpp"

#include <functional>
#include <span>
#include <vector>

namespace raiten::scoring {

/// A function of positive parameters that is to be made as large as possible.
struct Likelihood {
    /// The value at `parameters`, and there its derivatives by each parameter.
    std::function<double(std::span<const double> parameters, std::span<double> derivatives)> at;
    std::vector<double> start;  ///< positive
    std::vector<double> least;  ///< positive, below `most`
    std::vector<double> most;
    double scale{1};  ///< about how large a difference of values matters nothing
};

struct Maximum {
    std::vector<double> parameters;
    double value{};
    unsigned evaluations{};
    bool on_boundary{};  ///< a parameter lies at its least or most
};

/// Climbs over the logarithms of the parameters, which keeps them positive (NLopt's
/// low-storage BFGS within bounds: Nocedal 1980, Liu & Nocedal 1989). It is deterministic, and
/// ends after at most 1,000 evaluations. A Problem where the function is not a number at the
/// start or the climb ends in nothing finite.
Result<Maximum> maximise(const Likelihood& likelihood);

}  // namespace raiten::scoring
