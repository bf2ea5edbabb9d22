#include "daemon/decision/sample_ratio.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::decision {
namespace {

constexpr double exact_variance_max = 100;
constexpr double no_mass = 1e-18;
constexpr std::size_t arms_max = 64;

/// Probabilities of first, first + 1, … drawn.
struct Masses {
    std::size_t first{};
    std::vector<double> mass{1};

    void toss(double chance)
    {
        mass.push_back(0);
        for (std::size_t i = mass.size() - 1; i > 0; --i)
            mass[i] += chance * (mass[i - 1] - mass[i]);
        mass[0] *= 1 - chance;
        while (mass.size() > 1 && mass.back() < no_mass) mass.pop_back();
        const auto kept =
            std::find_if(mass.begin(), mass.end() - 1, [](double each) { return each >= no_mass; });
        first += static_cast<std::size_t>(kept - mass.begin());
        mass.erase(mass.begin(), kept);
    }
};

double exact_p(std::span<const double> chances, std::uint64_t drawn)
{
    Masses all;
    for (const double chance : chances) all.toss(chance);
    double at_most = 0, at_least = 0;
    for (std::size_t i = 0; i < all.mass.size(); ++i) {
        const auto count = all.first + i;
        if (count <= drawn) at_most += all.mass[i];
        if (count >= drawn) at_least += all.mass[i];
    }
    return std::min(1.0, 2 * std::min(at_most, at_least));
}

struct Moments {
    double mean{}, variance{}, third{}, fourth{};  // cumulants
};

Moments moments_of(std::span<const double> chances)
{
    Moments out;
    for (const double chance : chances) {
        const double variance = chance * (1 - chance);
        out.mean += chance;
        out.variance += variance;
        out.third += variance * (1 - 2 * chance);
        out.fourth += variance * (1 - 6 * variance);
    }
    return out;
}

/// Far out the tail is nothing anyway, and the series would turn back.
constexpr double correction_deviations_max = 8;

double normal_p(const Moments& moments, double drawn)
{
    const double deviation = std::sqrt(moments.variance);
    const double off = drawn - moments.mean;
    const double z = std::copysign(std::max(0.0, std::abs(off) - 0.5), off) / deviation;
    const double skewness = moments.third / (moments.variance * deviation);
    const double excess = moments.fourth / (moments.variance * moments.variance);
    const double near = std::clamp(z, -correction_deviations_max, correction_deviations_max);
    const double square = near * near;
    const double straight = z - skewness / 6 * (square - 1) - excess / 24 * near * (square - 3)
                            + skewness * skewness / 36 * near * (4 * square - 7);
    const double tail = std::erfc(std::copysign(straight, straight * z) / std::sqrt(2.0));
    return std::min(1.0, tail);
}

}  // namespace

SampleRatio sample_ratio(std::span<const double> chances, std::uint64_t drawn)
{
    SampleRatio out;
    out.draws = chances.size();
    out.drawn = drawn;
    const auto moments = moments_of(chances);
    out.expected = moments.mean;
    out.p = moments.variance <= exact_variance_max ? exact_p(chances, drawn)
                                                   : normal_p(moments, static_cast<double>(drawn));
    return out;
}

SampleRatio sample_ratio(std::span<const ExperimentMember> members)
{
    std::vector<double> chances;
    chances.reserve(members.size());
    std::uint64_t withheld = 0;
    for (const auto& member : members) {
        if (member.decisions == 0) continue;
        chances.push_back(member.control_share);
        withheld += member.withheld ? 1 : 0;
    }
    return sample_ratio(chances, withheld);
}

std::vector<SampleRatio> arm_ratios(const ArmDraws& draws)
{
    const auto count = draws.chosen.size();
    if (draws.arms == 0 || draws.arms > arms_max || draws.chances.size() != count * draws.arms)
        return {};
    std::vector<std::uint64_t> chosen(draws.arms);
    for (const auto arm : draws.chosen) {
        if (arm >= draws.arms) return {};
        ++chosen[arm];
    }
    std::vector<SampleRatio> out;
    std::vector<double> chances(count);
    for (std::size_t arm = 0; arm < draws.arms; ++arm) {
        for (std::size_t i = 0; i < count; ++i) chances[i] = draws.chances[i * draws.arms + arm];
        out.push_back(sample_ratio(chances, chosen[arm]));
        out.back().p = std::min(1.0, out.back().p * static_cast<double>(draws.arms));
    }
    return out;
}

}  // namespace raiten::decision
