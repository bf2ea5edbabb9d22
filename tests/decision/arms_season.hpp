#pragma once

#include "daemon/base/keyed_hash.hpp"
#include "daemon/decision/arms.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// A season of one campaign whose offers have known rates: what each way of choosing an arm loses
/// against always giving the best. For tests and the benchmark.
namespace raiten::season {

struct Season {
    std::vector<double> rates{0.04, 0.06, 0.09};
    std::size_t decisions{5'000};
    std::size_t answer_after{};  ///< decisions that are made before an answer is known
};

/// What a chooser may know: how often each arm was given, and answered so far.
using Choose = std::function<std::size_t(const std::vector<ArmCount>& arms, double draw)>;

inline double best_of(const Season& season)
{
    return *std::max_element(season.rates.begin(), season.rates.end());
}

/// Of `seed`, n and what: the same numbers for every way of choosing.
inline double draw(std::uint64_t seed, const char* what, std::size_t n)
{
    return KeyedHash{seed}.add(what).add(std::uint64_t{n}).unit();
}

/// Σ over decisions of (best rate − rate of the arm given).
inline double regret(const Season& season, std::uint64_t seed, const Choose& choose)
{
    std::vector<ArmCount> arms(season.rates.size());
    std::vector<std::size_t> chosen;
    const auto learn = [&](std::size_t n) {
        const auto arm = chosen[n];
        if (draw(seed, "answer", n) < season.rates[arm]) ++arms[arm].answered;
    };
    double lost = 0;
    for (std::size_t n = 0; n < season.decisions; ++n) {
        if (n > season.answer_after) learn(n - season.answer_after - 1);
        chosen.push_back(choose(arms, draw(seed, "arm", n)));
        ++arms[chosen.back()].given;
        lost += best_of(season) - season.rates[chosen.back()];
    }
    return lost;
}

inline std::size_t uniform(const std::vector<ArmCount>& arms, double draw)
{
    return static_cast<std::size_t>(draw * static_cast<double>(arms.size()));
}

inline std::size_t ours(const std::vector<ArmCount>& arms, double draw)
{
    return arm_at(arm_probabilities(arms), draw);
}

/// UCB1 (Auer, Cesa-Bianchi, Fischer 2002, figure 1): each arm once, then the largest mean +
/// √(2 ln n / n_j).
inline std::size_t ucb1(const std::vector<ArmCount>& arms, double)
{
    double all = 0;
    for (const auto& arm : arms) all += arm.given;
    std::size_t best = 0;
    double most = -1;
    for (std::size_t j = 0; j < arms.size(); ++j) {
        if (arms[j].given == 0) return j;
        const double given = arms[j].given;
        const double bound = arms[j].answered / given + std::sqrt(2 * std::log(all) / given);
        if (bound > most) {
            most = bound;
            best = j;
        }
    }
    return best;
}

struct Mean {
    double mean{};
    double error{};  ///< standard error
};

inline Mean mean_of(const std::vector<double>& values)
{
    const auto many = static_cast<double>(values.size());
    double sum = 0;
    for (const double value : values) sum += value;
    double squares = 0;
    for (const double value : values) squares += (value - sum / many) * (value - sum / many);
    return {sum / many, std::sqrt(squares / (many - 1) / many)};
}

inline std::vector<double> regrets(const Season& season, std::size_t seeds, const Choose& choose)
{
    std::vector<double> out;
    for (std::size_t seed = 1; seed <= seeds; ++seed) out.push_back(regret(season, seed, choose));
    return out;
}

}  // namespace raiten::season
