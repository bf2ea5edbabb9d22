#include "daemon/simulator/dice.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/simulator/sums.hpp"

#include <array>
#include <cmath>

namespace raiten::simulator {
namespace {

constexpr std::size_t steps = 2048;
constexpr double poisson_by_counting = 60;

/// The quantile of the normal distribution (Acklam 2003, relative error below 1.2e-9), for shares
/// up to one half.
double lower_quantile(double share)
{
    constexpr double tail = 0.02425;
    if (share < tail) {
        const double q = std::sqrt(-2 * natural_log(share));
        return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00)
                      * q
                  - 2.549732539343734e+00)
                     * q
                 + 4.374664141464968e+00)
                    * q
                + 2.938163982698783e+00)
               / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00)
                       * q
                   + 3.754408661907416e+00)
                      * q
                  + 1);
    }
    const double q = share - 0.5;
    const double r = q * q;
    return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
              + 1.383577518672690e+02)
                 * r
             - 3.066479806614716e+01)
                * r
            + 2.506628277459239e+00)
           * q
           / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02)
                    * r
                + 6.680131188771972e+01)
                   * r
               - 1.328068155288572e+01)
                  * r
              + 1);
}

/// Quantiles at (n + 1/2) / (steps + 1).
std::array<double, steps + 1> quantiles()
{
    std::array<double, steps + 1> table{};
    for (std::size_t n = 0; n <= steps / 2; ++n) {
        const double share = (static_cast<double>(n) + 0.5) / (steps + 1);
        table[n] = n == steps / 2 ? 0 : lower_quantile(share);
        table[steps - n] = -table[n];
    }
    return table;
}

}  // namespace

double Dice::normal()
{
    static const auto table = quantiles();
    const auto bits = word();
    const auto n = static_cast<std::size_t>(bits >> 53U);  // 11 bits
    const double rest = static_cast<double>(bits & 0xFFFF'FFFFU) * 0x1.0p-32;
    return table[n] + (table[n + 1] - table[n]) * rest;
}

double Dice::exponential(double mean)
{
    return -mean * natural_log(1.0 - share());
}

double Dice::regular(unsigned shape)
{
    double sum = 0;
    for (unsigned n = 0; n < shape; ++n) sum += exponential(1);
    return sum / shape;
}

unsigned Dice::poisson(double mean)
{
    if (mean <= 0) return 0;
    if (mean >= poisson_by_counting) {
        const double value = mean + std::sqrt(mean) * normal() + 0.5;
        return value < 0 ? 0 : static_cast<unsigned>(value);
    }
    unsigned count = 0;
    for (double sum = exponential(1); sum < mean; sum += exponential(1)) ++count;
    return count;
}

std::size_t Dice::weighted(std::span<const double> weights)
{
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double left = share() * sum;
    for (std::size_t n = 0; n + 1 < weights.size(); ++n) {
        left -= weights[n];
        if (left < 0) return n;
    }
    return weights.size() - 1;
}

Dice dice_for(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> place)
{
    KeyedHash hash{seed};
    hash.add(static_cast<std::uint64_t>(purpose));
    for (const auto part : place) hash.add(part);
    return Dice{hash.value()};
}

}  // namespace raiten::simulator
