#include "daemon/scoring/spend.hpp"

#include "daemon/scoring/maximum.hpp"
#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/special.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace raiten::scoring {
namespace {

/// Sorted by purchases, so that the gamma functions are computed once for each number of them.
std::vector<Spending> usable(std::span<const Spending> members)
{
    std::vector<Spending> good;
    for (const auto& member : members)
        if (member.purchases > 0 && member.mean > 0 && std::isfinite(member.mean))
            good.push_back(member);
    std::stable_sort(good.begin(), good.end(), [](const auto& one, const auto& other) {
        return one.purchases < other.purchases;
    });
    return good;
}

double likelihood_at(const std::vector<Spending>& sorted, std::span<const double> parameters,
                     std::span<double> derivatives)
{
    using boost::math::digamma;
    const double p = parameters[0], q = parameters[1], v = parameters[2];
    const double log_gamma_q = boost::math::lgamma(q);
    const double digamma_q = digamma(q);
    double sum = 0, by_p = 0, by_q = 0, by_v = 0;
    double gammas = 0, gammas_by_p = 0, gammas_by_q = 0;
    std::uint32_t purchases = 0;
    for (const auto& member : sorted) {
        const double x = member.purchases;
        if (member.purchases != purchases) {
            purchases = member.purchases;
            const double both = digamma(p * x + q);
            gammas = log_gamma_step(p * x, q) - log_gamma_q;
            gammas_by_p = x * (both - digamma(p * x));
            gammas_by_q = both - digamma_q;
        }
        const double spent = x * member.mean;
        const double above = std::log1p(v / spent);
        const double share = std::log1p(spent / v);
        sum += gammas - q * share - p * x * above - std::log(member.mean);
        by_p += gammas_by_p - x * above;
        by_q += gammas_by_q - share;
        by_v += (q * spent / v - p * x) / (spent + v);
    }
    derivatives[0] = by_p;
    derivatives[1] = by_q;
    derivatives[2] = by_v;
    return sum;
}

}  // namespace

Result<void> check(const SpendModel& model)
{
    constexpr double least = 1e-12;
    constexpr double most = 1e15;
    for (const double value : {model.p, model.q, model.v})
        if (!(value >= least && value <= most))
            return Problem{"a parameter of spend is not between 1e-12 and 1e15", "p, q, v"};
    return {};
}

double log_likelihood(const SpendModel& model, const Spending& member)
{
    const double x = member.purchases;
    const double spent = x * member.mean;
    return log_gamma_step(model.p * x, model.q) - boost::math::lgamma(model.q)
           - model.q * std::log1p(spent / model.v) - model.p * x * std::log1p(model.v / spent)
           - std::log(member.mean);
}

std::optional<double> expected_spend(const SpendModel& model, const Spending& member)
{
    const double below = model.p * member.purchases + model.q - 1;
    if (!(below > 0)) return std::nullopt;
    const double spent = member.purchases * std::max(member.mean, 0.0);
    return model.p * (model.v + spent) / below;
}

Result<SpendFit> fit_spend(std::span<const Spending> members, const std::optional<SpendModel>& warm)
{
    const auto sorted = usable(members);
    if (sorted.size() < fit_repeaters_min)
        return Problem{"too few repeat purchases for a model of spend: "
                           + std::to_string(sorted.size()) + " members with any",
                       {},
                       "at least " + std::to_string(fit_repeaters_min)};
    double mean = 0;
    for (const auto& member : sorted) mean += member.mean / static_cast<double>(sorted.size());
    Likelihood likelihood;
    likelihood.start = {2, 3, mean};
    if (warm && check(*warm)) likelihood.start = {warm->p, warm->q, warm->v};
    likelihood.least = {1e-3, 1e-3, mean * 1e-6};
    likelihood.most = {1e5, 1e5, mean * 1e6};
    likelihood.scale = static_cast<double>(sorted.size());
    likelihood.at = [&](auto parameters, auto derivatives) {
        return likelihood_at(sorted, parameters, derivatives);
    };
    const auto top = maximise(likelihood);
    if (!top) return top.error();
    const auto& best = top->parameters;
    return SpendFit{
        {best[0], best[1], best[2]}, top->value, sorted.size(), top->evaluations, top->on_boundary};
}

}  // namespace raiten::scoring
