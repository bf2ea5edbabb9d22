#include "daemon/scoring/special.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

namespace raiten::scoring {
namespace {

/// Beyond it Stirling's series with three terms is exact to the last digit.
constexpr int stirling_from = 60;

/// log Γ(z) = (z − ½) log z − z + ½ log 2π + stirling_rest(z)
double stirling_rest(double z)
{
    const double w = 1 / (z * z);
    return (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w / 1680))) / z;
}

/// Factors that are multiplied before a logarithm is taken; below 1e19 they do not overflow.
constexpr std::uint32_t factors_a_log = 16;

}  // namespace

double log_gamma_step(double z, double d)
{
    if (z < stirling_from) return boost::math::lgamma(z + d) - boost::math::lgamma(z);
    return (z - 0.5) * std::log1p(d / z) + d * std::log(z + d) - d + stirling_rest(z + d)
           - stirling_rest(z);
}

double log_rising(double z, std::uint32_t n)
{
    constexpr std::uint32_t product_max = 512;  // beyond, Stirling is faster and as exact
    const auto one_by_one = n <= product_max ? n : std::uint32_t{stirling_from};
    double sum = 0;
    double product = 1;
    for (std::uint32_t i = 0; i < one_by_one; ++i) {
        product *= z + i;
        if (i % factors_a_log == factors_a_log - 1) {
            sum += std::log(product);
            product = 1;
        }
    }
    sum += std::log(product);
    return n > one_by_one ? sum + log_gamma_step(z + one_by_one, n - one_by_one) : sum;
}

double log_beta_moment(double b, double a, std::uint32_t n)
{
    double sum = 0;
    double correction = 0;  // Kahan's: up to a million terms
    for (std::uint32_t i = 0; i < n; ++i) {
        const double term = -std::log1p(a / (b + i)) - correction;
        const double next = sum + term;
        correction = (next - sum) - term;
        sum = next;
    }
    return sum;
}

double log1p_exp(double v)
{
    return v > 0 ? v + std::log1p(std::exp(-v)) : std::log1p(std::exp(v));
}

double expected_survivals(const StageCount& count)
{
    constexpr double tail_share = 1e-14;
    constexpr double weight_max = 1e200;
    constexpr double rescue = 1e-220;
    constexpr std::uint64_t terms_max = 20'000'000;

    const double z = count.odds / (1 + count.odds);
    double weight = 1;  // ∝ P(N = n); the sum of all makes it a probability
    double weights = 0;
    double weighted = 0;
    double survivals = 0;  // S of the purchases complete by now
    double survival = 1;   // chance to come to the next purchase
    double purchases = 0;
    unsigned stage = count.done;
    for (std::uint64_t n = 0; n < terms_max; ++n) {
        weights += weight;
        weighted += weight * survivals;
        const double step = z * (count.shape + static_cast<double>(n)) / static_cast<double>(n + 1);
        weight *= step;
        if (++stage == count.k) {
            stage = 0;
            survivals += survival;
            survival *= (count.b + purchases) / (count.a + count.b + purchases);
            purchases += 1;
        }
        // What is to come is at most a geometric tail, and each term adds one survival at most.
        const double ratio = std::max(step, z);
        if (ratio < 1) {
            const double tail = weight / (1 - ratio);
            const double grown = survivals + survival * ratio / (1 - ratio);
            if (tail * grown <= tail_share * weighted && tail <= tail_share * weights) break;
            if (weight == 0) break;
        }
        if (weight > weight_max) {
            weight *= rescue;
            weights *= rescue;
            weighted *= rescue;
        }
    }
    return weighted / weights;
}

}  // namespace raiten::scoring
