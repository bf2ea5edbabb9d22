#include "daemon/scoring/rfm.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {

double quantile(std::span<const double> ascending, double share)
{
    // R adds four roundings before it takes the floor, so that 0.2 · 5 is 1.
    constexpr double fuzz = 4 * 2.220446049250313e-16;
    const double index = static_cast<double>(ascending.size() - 1) * share;
    const auto low = static_cast<std::size_t>(std::floor(index + fuzz));
    const auto high =
        std::min(static_cast<std::size_t>(std::ceil(index - fuzz)), ascending.size() - 1);
    const double part = index - static_cast<double>(low);
    if (high <= low || part <= 0 || ascending[low] == ascending[high]) return ascending[low];
    return (1 - part) * ascending[low] + part * ascending[high];
}

RankCuts RankCuts::of(std::vector<double> values)
{
    RankCuts cuts;
    if (values.empty()) return cuts;
    std::sort(values.begin(), values.end());
    for (std::size_t i = 0; i < cuts.cuts_.size(); ++i)
        cuts.cuts_[i] = quantile(values, static_cast<double>(i + 1) / 5) + 1;
    cuts.any_ = true;
    return cuts;
}

std::uint8_t RankCuts::rank(double value) const
{
    if (!any_) return 1;
    const auto above = std::upper_bound(cuts_.begin(), cuts_.end(), value);
    return static_cast<std::uint8_t>(1 + (above - cuts_.begin()));
}

RfmCuts RfmCuts::of(std::span<const Custom> members)
{
    std::vector<double> recency, frequency, monetary;
    for (const auto& member : members) {
        if (!member.bought) continue;
        recency.push_back(member.recency);
        frequency.push_back(member.frequency);
        monetary.push_back(member.monetary);
    }
    return {RankCuts::of(std::move(recency)), RankCuts::of(std::move(frequency)),
            RankCuts::of(std::move(monetary))};
}

RfmRanks RfmCuts::rank(const Custom& member) const
{
    const auto r = static_cast<std::uint8_t>(6 - recency.rank(member.recency));
    if (!member.bought) return {r, 1, 1};
    return {r, frequency.rank(member.frequency), monetary.rank(member.monetary)};
}

}  // namespace raiten::scoring
