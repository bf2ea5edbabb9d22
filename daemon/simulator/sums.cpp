#include "daemon/simulator/sums.hpp"

#include <bit>
#include <cstdint>

namespace raiten::simulator {
namespace {

constexpr double ln2 = 0.693147180559945309417;
constexpr double root_half = 0.70710678118654752440;
constexpr int exponent_bias = 1022;  // of a mantissa in [1/2, 1)

double power_of_two(int exponent)
{
    return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52U);
}

}  // namespace

double natural_log(double x)
{
    const auto bits = std::bit_cast<std::uint64_t>(x);
    int exponent = static_cast<int>(bits >> 52U & 0x7FFU) - exponent_bias;
    double mantissa = std::bit_cast<double>((bits & 0x000F'FFFF'FFFF'FFFFU)
                                            | static_cast<std::uint64_t>(exponent_bias) << 52U);
    if (mantissa < root_half) {
        mantissa *= 2;
        --exponent;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); |s| < 0.172, so that s^17 is below 1e-13.
    const double s = (mantissa - 1) / (mantissa + 1);
    const double q = s * s;
    double sum = 1.0 / 15;
    for (int odd = 13; odd >= 1; odd -= 2) sum = sum * q + 1.0 / odd;
    return 2 * s * sum + exponent * ln2;
}

double natural_power(double x)
{
    if (x < -700) return 0;
    const double scaled = x / ln2;
    const int whole = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double rest = x - whole * ln2;  // within +-0.35
    double sum = 1;
    for (int n = 13; n >= 1; --n) sum = 1 + sum * rest / n;
    return sum * power_of_two(whole);
}

}  // namespace raiten::simulator
