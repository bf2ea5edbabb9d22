#include "daemon/scoring/maximum.hpp"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace raiten::scoring {
namespace {

constexpr int evaluations_max = 1'000;

struct Climb {
    const Likelihood& likelihood;
    std::vector<double> parameters;
    std::vector<double> derivatives;
    std::vector<double> best;
    double best_value{-std::numeric_limits<double>::infinity()};
    unsigned evaluations{};
};

/// NLopt's face: the value at the logarithms of the parameters, in units of `scale`.
double value_at_logs(unsigned count, const double* logs, double* gradient, void* data)
{
    auto& climb = *static_cast<Climb*>(data);
    for (unsigned i = 0; i < count; ++i) climb.parameters[i] = std::exp(logs[i]);
    const double value = climb.likelihood.at(climb.parameters, climb.derivatives);
    ++climb.evaluations;
    if (std::isfinite(value) && value > climb.best_value) {
        climb.best_value = value;
        climb.best = climb.parameters;
    }
    if (gradient != nullptr)
        for (unsigned i = 0; i < count; ++i)
            gradient[i] = climb.derivatives[i] * climb.parameters[i] / climb.likelihood.scale;
    return value / climb.likelihood.scale;
}

std::vector<double> logs_of(const std::vector<double>& values)
{
    std::vector<double> logs(values.size());
    std::transform(values.begin(), values.end(), logs.begin(),
                   [](double v) { return std::log(v); });
    return logs;
}

bool on_boundary(const Likelihood& likelihood, const std::vector<double>& parameters)
{
    constexpr double near = 1.001;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (parameters[i] < likelihood.least[i] * near || parameters[i] * near > likelihood.most[i])
            return true;
    return false;
}

}  // namespace

Result<Maximum> maximise(const Likelihood& likelihood)
{
    const auto count = static_cast<unsigned>(likelihood.start.size());
    Climb climb{likelihood, likelihood.start, std::vector<double>(count), {}};
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> climber{
        nlopt_create(NLOPT_LD_LBFGS, count), nlopt_destroy};
    const auto least = logs_of(likelihood.least);
    const auto most = logs_of(likelihood.most);
    auto logs = logs_of(likelihood.start);
    for (unsigned i = 0; i < count; ++i) logs[i] = std::clamp(logs[i], least[i], most[i]);
    nlopt_set_lower_bounds(climber.get(), least.data());
    nlopt_set_upper_bounds(climber.get(), most.data());
    nlopt_set_max_objective(climber.get(), value_at_logs, &climb);
    nlopt_set_ftol_rel(climber.get(), 1e-15);
    nlopt_set_xtol_rel(climber.get(), 1e-9);
    nlopt_set_maxeval(climber.get(), evaluations_max);

    double value{};
    const auto how = nlopt_optimize(climber.get(), logs.data(), &value);
    // Rounding ends a climb that has arrived; any other failure leaves what was reached.
    if (climb.best.empty() || how == NLOPT_OUT_OF_MEMORY || how == NLOPT_INVALID_ARGS)
        return Problem{"no likelihood could be computed for these histories"};
    return Maximum{climb.best, climb.best_value, climb.evaluations,
                   on_boundary(likelihood, climb.best)};
}

}  // namespace raiten::scoring
