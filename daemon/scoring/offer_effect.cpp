#include "daemon/scoring/offer_effect.hpp"

#include "daemon/scoring/logistic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace raiten::scoring {
namespace {

constexpr double normal_95 = 1.959963984540054;

Problem refused(std::string what, std::string advice = {})
{
    return {std::move(what), "decisions of an offer", std::move(advice)};
}

Result<void> check(const OfferDecisions& decisions)
{
    const auto count = decisions.size();
    if (decisions.features > logistic_features_max)
        return refused(std::to_string(decisions.features) + " features",
                       "at most " + std::to_string(logistic_features_max));
    if (count > logistic_cases_max)
        return refused(std::to_string(count) + " decisions",
                       "at most " + std::to_string(logistic_cases_max));
    if (decisions.came.size() != count || decisions.values.size() != count * decisions.features
        || (!decisions.chance.empty() && decisions.chance.size() != count))
        return refused("numbers of values, outcomes or chances that do not fit the decisions");
    for (const double value : decisions.values)
        if (!std::isfinite(value)) return refused("a value that is not finite");
    for (std::size_t i = 0; i < count; ++i)
        if (decisions.given[i] > 1 || decisions.came[i] > 1)
            return refused("a decision or an outcome that is neither 0 nor 1");
    for (const double chance : decisions.chance)
        if (!(chance >= offer_chance_min && chance <= 1 - offer_chance_min))
            return refused("a chance below .001 or above .999", "leave such decisions out");
    return {};
}

/// One of the two groups, weighted.
struct Group {
    double weight{}, squares{}, came{};

    void add(double w, bool hit)
    {
        weight += w;
        squares += w * w;
        if (hit) came += w;
    }
    double worth() const { return squares > 0 ? weight * weight / squares : 0; }
    double share() const { return came / weight; }
};

}  // namespace

Effect share_of(const Outcomes& outcomes)
{
    const double n = outcomes.members;
    const double share = outcomes.came / n;
    constexpr double z = normal_95;
    const double centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    const double off =
        z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return {share, std::max(centre - off, 0.0), std::min(centre + off, 1.0)};
}

Effect difference_of(const Outcomes& first, const Outcomes& second)
{
    const auto one = share_of(first);
    const auto other = share_of(second);
    const double value = one.value - other.value;
    return {value, value - std::hypot(one.value - one.low, other.high - other.value),
            value + std::hypot(one.high - one.value, other.value - other.low)};
}

Result<AverageEffect> average_effect(const OfferDecisions& decisions)
{
    if (const auto good = check(decisions); !good) return good.error();
    AverageEffect out;
    const auto& chance = decisions.chance;
    out.weighted = std::any_of(chance.begin(), chance.end(),
                               [&](double each) { return each != chance.front(); });
    const auto weight = [&](std::size_t i) {
        if (!out.weighted) return 1.0;
        return 1 / (decisions.given[i] != 0 ? chance[i] : 1 - chance[i]);
    };
    std::array<Group, 2> groups;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const bool given = decisions.given[i] != 0;
        const bool came = decisions.came[i] != 0;
        groups[given ? 1 : 0].add(weight(i), came);
        ++(given ? out.given : out.withheld);
        if (came) ++(given ? out.given_came : out.withheld_came);
    }
    for (const auto& group : groups)
        if (group.worth() < static_cast<double>(offer_each_min))
            return refused("too few decisions: " + std::to_string(out.given) + " given, "
                               + std::to_string(out.withheld) + " withheld, one of them worth "
                               + std::to_string(static_cast<int>(group.worth())),
                           "at least " + std::to_string(offer_each_min) + " of each");
    if (!out.weighted) {
        const auto outcomes = [](std::uint64_t members, std::uint64_t came) {
            return Outcomes{static_cast<double>(members), static_cast<double>(came)};
        };
        out.effect = difference_of(outcomes(out.given, out.given_came),
                                   outcomes(out.withheld, out.withheld_came));
        return out;
    }
    double variance = 0;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const auto& group = groups[decisions.given[i] != 0 ? 1 : 0];
        const double off =
            weight(i) * ((decisions.came[i] != 0 ? 1.0 : 0.0) - group.share()) / group.weight;
        variance += off * off;
    }
    const double value = groups[1].share() - groups[0].share();
    const double off = normal_95 * std::sqrt(variance);
    out.effect = {value, value - off, value + off};
    return out;
}

}  // namespace raiten::scoring
