#include "daemon/decision/arm_chances.hpp"

#include "daemon/decision/beta_curve.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace raiten {
namespace {

constexpr std::size_t nodes = BetaCurve::many;
using Nodes = BetaCurve::Many;

/// Gauss and Legendre's rule on [0, 1]. `upto` integrates from 0 to each node the polynomial
/// through the values at all of them: 2 ∫ l_k = w_k Σ_n P_n(x_k) (P_{n+1}(t) − P_{n−1}(t)) + …,
/// as each l_k is a sum of Legendre's polynomials (Abramowitz & Stegun 25.4.29, 22.7.10).
struct Rule {
    Nodes at{}, weight{};
    std::array<Nodes, nodes> upto{};  ///< [k][node]: share of value k in the integral to `node`
};

using Legendre = std::array<double, nodes + 2>;  // P_0 … P_17

constexpr Legendre legendre(double x)
{
    Legendre p{1, x};
    for (std::size_t n = 1; n + 1 < p.size(); ++n) {
        const auto order = static_cast<double>(n);
        p[n + 1] = ((2 * order + 1) * x * p[n] - order * p[n - 1]) / (order + 1);
    }
    return p;
}

constexpr double slope(double x)
{
    const auto p = legendre(x);
    return static_cast<double>(nodes) * (x * p[nodes] - p[nodes - 1]) / (x * x - 1);
}

constexpr Rule gauss_legendre()
{
    constexpr std::array<double, nodes / 2> roots{
        0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438,
        0.7554044083550030, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499};
    Nodes x{};
    for (std::size_t i = 0; i < roots.size(); ++i) {
        x[nodes / 2 + i] = roots[i];
        x[nodes / 2 - 1 - i] = -roots[i];
    }
    Rule rule;
    for (std::size_t k = 0; k < nodes; ++k) {
        const double steep = slope(x[k]);
        rule.at[k] = (1 + x[k]) / 2;
        rule.weight[k] = 1 / ((1 - x[k] * x[k]) * steep * steep);
        const auto p = legendre(x[k]);
        for (std::size_t node = 0; node < nodes; ++node) {
            const auto there = legendre(x[node]);
            double sum = 1 + x[node];
            for (std::size_t n = 1; n < nodes; ++n) sum += p[n] * (there[n + 1] - there[n - 1]);
            rule.upto[k][node] = rule.weight[k] * sum / 2;
        }
    }
    return rule;
}

constexpr Rule rule = gauss_legendre();

/// A panel this wide, in deviations of the narrowest curve on it, is a polynomial of degree 15 to
/// ten digits.
constexpr double panel_deviations = 3;

/// All arms with the same counts.
struct Group {
    BetaCurve curve;
    unsigned arms{};
    double below{};  ///< the integral of the curve as far as the sweep has come
    double best{};   ///< the integral of: this arm is here and all others are below
    Nodes heights{}, belows{}, others{};

    bool covers(const Place& begin, const Place& end) const
    {
        return !(begin < curve.begin()) && !(curve.end() < end);
    }
};

struct Panel {
    Place begin, end;
    double width() const
    {
        return end.low() ? end.from_0 - begin.from_0 : begin.from_1 - end.from_1;
    }
    /// Of it, from its begin.
    Place at(double share) const
    {
        return end.low() ? Place::after_0(begin.from_0 + width() * share)
                         : Place::before_1(begin.from_1 - width() * share);
    }
};

/// The curve's heights and its integrals, along the panel.
void follow(Group& group, const Panel& panel)
{
    const double width = panel.width();
    Nodes above_middle;
    for (std::size_t i = 0; i < nodes; ++i) above_middle[i] = width * (rule.at[i] - 0.5);
    group.heights = group.curve.heights(panel.at(0.5), above_middle);
    Nodes sums{};
    for (std::size_t k = 0; k < nodes; ++k) {
        for (std::size_t i = 0; i < nodes; ++i) sums[i] += rule.upto[k][i] * group.heights[k];
    }
    double whole = 0;
    for (std::size_t k = 0; k < nodes; ++k) whole += rule.weight[k] * group.heights[k];
    for (std::size_t i = 0; i < nodes; ++i) group.belows[i] = group.below + width * sums[i];
    group.below += width * whole;
}

/// For each group: all arms but one of its own are below. A division would do, but not by 0.
void multiply(std::vector<Group>& groups)
{
    Nodes product;
    product.fill(1);
    for (auto& group : groups) {
        group.others = product;
        for (unsigned n = 1; n < group.arms; ++n)
            for (std::size_t i = 0; i < nodes; ++i) group.others[i] *= group.belows[i];
        for (std::size_t i = 0; i < nodes; ++i) product[i] = group.others[i] * group.belows[i];
    }
    product.fill(1);
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
        for (std::size_t i = 0; i < nodes; ++i) group->others[i] *= product[i];
        for (unsigned n = 0; n < group->arms; ++n)
            for (std::size_t i = 0; i < nodes; ++i) product[i] *= group->belows[i];
    }
}

/// Over a panel on which no curve begins or ends.
void sweep(std::vector<Group>& groups, const Panel& panel)
{
    bool all_begun = true;
    for (auto& group : groups) {
        if (group.covers(panel.begin, panel.end)) {
            follow(group, panel);
        } else {
            group.heights.fill(0);
            group.belows.fill(group.below);
            all_begun = all_begun && group.below > 0;
        }
    }
    if (!all_begun) return;  // somebody is above for certain
    multiply(groups);
    for (auto& group : groups) {
        double sum = 0;
        for (std::size_t i = 0; i < nodes; ++i)
            sum += rule.weight[i] * group.heights[i] * group.others[i];
        group.best += panel.width() * sum;
    }
}

/// Where curves begin and end.
std::vector<Place> borders(const std::vector<Group>& groups)
{
    std::vector<Place> out;
    for (const auto& group : groups) {
        out.push_back(group.curve.begin());
        out.push_back(group.curve.end());
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

void integrate(std::vector<Group>& groups)
{
    const auto places = borders(groups);
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
        const Panel stretch{places[i], places[i + 1]};
        double narrowest = 1;
        bool empty = true;
        for (const auto& group : groups) {
            if (!group.covers(stretch.begin, stretch.end)) continue;
            narrowest = std::min(narrowest, group.curve.deviation());
            empty = false;
        }
        if (empty) continue;
        const double panels = std::ceil(stretch.width() / (panel_deviations * narrowest));
        Panel panel{stretch.begin, stretch.begin};
        for (double n = 1; n <= panels; ++n) {
            panel.end = n == panels ? stretch.end : stretch.at(n / panels);
            sweep(groups, panel);
            panel.begin = panel.end;
        }
    }
}

/// Curves that end before another begins are never the largest.
void drop_hopeless(std::vector<Group>& groups)
{
    Place last_begin = Place::after_0(0);
    for (const auto& group : groups) last_begin = std::max(last_begin, group.curve.begin());
    for (auto& group : groups) {
        if (group.curve.end() < last_begin) group.arms = 0;
    }
}

/// The chance of each of the groups' arms to be the best; `groups` ascend by their counts.
std::vector<double> chances(std::span<const std::pair<ArmCount, unsigned>> counted)
{
    std::vector<Group> all;
    all.reserve(counted.size());
    for (const auto& [count, arms] : counted) {
        const double answered = std::min(count.answered, count.given);
        all.push_back({BetaCurve{answered, count.given - answered}, arms});
    }
    drop_hopeless(all);
    std::vector<Group> hopeful;
    for (const auto& group : all)
        if (group.arms > 0) hopeful.push_back(group);
    integrate(hopeful);

    double sum = 0;
    for (const auto& group : hopeful) sum += group.arms * std::max(0.0, group.best);
    std::vector<double> out;
    auto next = hopeful.begin();
    for (const auto& group : all)
        out.push_back(group.arms > 0 ? std::max(0.0, (next++)->best) / sum : 0);
    return out;
}

/// max(floor, c · chance) for each, with the c that makes the sum 1.
void raise_to(double floor, std::span<const std::pair<ArmCount, unsigned>> counted,
              std::vector<double>& chances)
{
    std::vector<bool> raised(chances.size());
    for (bool more = true; more;) {
        double left = 1;
        double above = 0;
        for (std::size_t g = 0; g < chances.size(); ++g) {
            if (raised[g])
                left -= floor * counted[g].second;
            else
                above += chances[g] * counted[g].second;
        }
        more = false;
        for (std::size_t g = 0; g < chances.size(); ++g) {
            if (raised[g] || chances[g] * (left / above) >= floor) continue;
            raised[g] = more = true;
        }
        if (more) continue;
        for (std::size_t g = 0; g < chances.size(); ++g)
            chances[g] = raised[g] ? floor : chances[g] * (left / above);
    }
}

}  // namespace

std::vector<double> arm_probabilities(std::span<const ArmCount> arms, double floor)
{
    const auto many = static_cast<double>(arms.size());
    if (arms.size() <= 1 || many * floor >= 1) return std::vector<double>(arms.size(), 1 / many);

    std::vector<std::pair<ArmCount, unsigned>> counted;
    for (const auto& arm : arms) counted.emplace_back(arm, 1U);
    std::sort(counted.begin(), counted.end());
    std::size_t last = 0;
    for (std::size_t i = 1; i < counted.size(); ++i) {
        if (counted[i].first == counted[last].first)
            ++counted[last].second;
        else
            counted[++last] = counted[i];
    }
    counted.resize(last + 1);

    auto found = chances(counted);
    if (floor > 0) raise_to(floor, counted, found);
    std::vector<double> out;
    out.reserve(arms.size());
    for (const auto& arm : arms) {
        const auto group = std::lower_bound(counted.begin(), counted.end(), std::pair{arm, 0U});
        out.push_back(found[static_cast<std::size_t>(group - counted.begin())]);
    }
    return out;
}

std::size_t arm_at(std::span<const double> probabilities, double draw)
{
    double below = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (probabilities[i] <= 0) continue;
        below += probabilities[i];
        if (draw < below) return i;
        last = i;
    }
    return last;
}

}  // namespace raiten
