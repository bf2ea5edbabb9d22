#include "tests/bench/accuracy/statistics.hpp"

#include "tests/support/dice.hpp"

#include <algorithm>

namespace raiten::accuracy {
namespace {

constexpr std::size_t draws = 2'000;

}  // namespace

std::optional<double> Share::value() const
{
    if (of == 0) return std::nullopt;
    return static_cast<double>(hits) / static_cast<double>(of);
}

std::optional<double> median(std::vector<double> values)
{
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::optional<Interval> bootstrap(const std::vector<Share>& stores, std::uint64_t seed)
{
    stage::Dice dice{seed};
    std::vector<double> shares;
    for (std::size_t n = 0; n < draws && !stores.empty(); ++n) {
        Share drawn;
        for (std::size_t i = 0; i < stores.size(); ++i) drawn += stores[dice.below(stores.size())];
        if (const auto share = drawn.value()) shares.push_back(*share);
    }
    if (shares.empty()) return std::nullopt;
    std::sort(shares.begin(), shares.end());
    const auto at = [&](double quantile) {
        return shares[static_cast<std::size_t>(quantile * static_cast<double>(shares.size() - 1))];
    };
    return Interval{at(0.025), at(0.975)};
}

}  // namespace raiten::accuracy
