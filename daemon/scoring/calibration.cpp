#include "daemon/scoring/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace raiten::scoring {
namespace {

std::optional<double> correlation(std::span<const Foretold> members, double expected, double came)
{
    double both = 0, ours = 0, theirs = 0;
    for (const auto& one : members) {
        const double dx = one.expected - expected;
        const double dy = one.came - came;
        both += dx * dy;
        ours += dx * dx;
        theirs += dy * dy;
    }
    if (!(ours > 0 && theirs > 0)) return std::nullopt;
    return both / std::sqrt(ours * theirs);
}

std::optional<double> auc(std::span<const Foretold> members)
{
    std::vector<Foretold> sorted{members.begin(), members.end()};
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& one, const auto& other) { return one.rank_by < other.rank_by; });
    double came = 0, below = 0, wins = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        double tied_came = 0, tied_not = 0;
        for (const double value = sorted[i].rank_by;
             i < sorted.size() && sorted[i].rank_by == value; ++i)
            (sorted[i].came > 0 ? tied_came : tied_not) += 1;
        wins += tied_came * (below + tied_not / 2);
        came += tied_came;
        below += tied_not;
    }
    if (came == 0 || below == 0) return std::nullopt;
    return wins / (came * below);
}

}  // namespace

Calibration calibrate(std::span<const Foretold> members)
{
    Calibration result;
    result.members = members.size();
    if (members.empty()) return result;
    double error = 0;
    for (const auto& one : members) {
        result.expected += one.expected;
        result.came += one.came;
        error += std::abs(one.expected - one.came);
    }
    const auto count = static_cast<double>(members.size());
    result.mean_error = error / count;
    if (result.came > 0) result.relative_error = error / result.came;
    result.correlation = correlation(members, result.expected / count, result.came / count);
    result.auc = auc(members);
    return result;
}

}  // namespace raiten::scoring
