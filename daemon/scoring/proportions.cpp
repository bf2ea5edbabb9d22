#include "daemon/scoring/proportions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raiten::scoring {
namespace {

constexpr double z = 1.959963984540054;  // normal quantile of .975

struct Interval {
    double lower, upper;
};

/// Wilson (1927), JASA 22, 209–212.
Interval wilson(const Group& share)
{
    const auto n = static_cast<double>(share.members);
    const double p = share.rate();
    const double middle = p + z * z / (2 * n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double whole = 1 + z * z / n;
    // At 0 and 1 the formula gives them but for rounding.
    return {share.kept == 0 ? 0 : (middle - half) / whole,
            share.kept == share.members ? 1 : (middle + half) / whole};
}

/// Probability that a normal deviate lies at least so many standard deviations off.
double beyond(double deviations)
{
    return std::erfc(std::abs(deviations) / std::sqrt(2.0));
}

double pearson_p(const TwoGroups& groups)
{
    const auto n = static_cast<double>(groups.did.members);
    const auto m = static_cast<double>(groups.did_not.members);
    const double pooled = static_cast<double>(groups.did.kept + groups.did_not.kept) / (n + m);
    const double variance = pooled * (1 - pooled) * (1 / n + 1 / m);
    if (variance <= 0) return 1;
    return beyond((groups.did.rate() - groups.did_not.rate()) / std::sqrt(variance));
}

}  // namespace

std::optional<Difference> difference(const TwoGroups& groups)
{
    if (groups.did.members == 0 || groups.did_not.members == 0) return std::nullopt;
    const double one = groups.did.rate();
    const double other = groups.did_not.rate();
    const auto of_one = wilson(groups.did);
    const auto of_other = wilson(groups.did_not);
    Difference out;
    out.value = one - other;
    out.lower = out.value - std::hypot(one - of_one.lower, of_other.upper - other);
    out.upper = out.value + std::hypot(of_one.upper - one, other - of_other.lower);
    out.p = out.q = pearson_p(groups);
    return out;
}

std::optional<Difference> adjusted_difference(std::span<const TwoGroups> strata)
{
    double excess = 0, weight = 0;       // Σ (x n₀ − y n₁)/N, Σ n₁n₀/N
    double sparse = 0, spread = 0;       // Σ P, Σ Q of Sato's equation
    double hypergeometric_variance = 0;  // of Σ x where no difference is
    std::uint64_t did = 0, did_not = 0;  // who can be compared
    for (const auto& stratum : strata) {
        const auto n1 = static_cast<double>(stratum.did.members);
        const auto n0 = static_cast<double>(stratum.did_not.members);
        if (n1 == 0 || n0 == 0) continue;
        did += stratum.did.members;
        did_not += stratum.did_not.members;
        const auto x = static_cast<double>(stratum.did.kept);
        const auto y = static_cast<double>(stratum.did_not.kept);
        const double n = n1 + n0;
        const double kept = x + y;
        excess += (x * n0 - y * n1) / n;
        weight += n1 * n0 / n;
        sparse += (n1 * n1 * y - n0 * n0 * x + n1 * n0 * (n0 - n1) / 2) / (n * n);
        spread += (x * (n0 - y) + y * (n1 - x)) / (2 * n);
        hypergeometric_variance += n1 * n0 * kept * (n - kept) / (n * n * (n - 1));
    }
    if (std::min(did, did_not) < adjusted_group_min || hypergeometric_variance == 0)
        return std::nullopt;
    Difference out;
    out.value = excess / weight;
    const double variance = (out.value * sparse + spread) / (weight * weight);
    if (variance <= 0) return std::nullopt;
    const double half = z * std::sqrt(variance);
    out.lower = std::max(out.value - half, -1.0);
    out.upper = std::min(out.value + half, 1.0);
    out.p = out.q = beyond(excess / std::sqrt(hypergeometric_variance));
    return out;
}

std::vector<double> false_discovery_rates(std::span<const double> p)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] > p[b]; });
    std::vector<double> out(p.size());
    double least = 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto rank = static_cast<double>(p.size() - i);
        least = std::min(least, p[order[i]] * static_cast<double>(p.size()) / rank);
        out[order[i]] = least;
    }
    return out;
}

}  // namespace raiten::scoring
