#include "tests/scoring/peers/marks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace raiten::peers {

Difference bootstrap(std::size_t cases, const Statistic& ours, const Statistic& peers, int rounds)
{
    std::vector<std::uint32_t> drawn(cases);
    std::iota(drawn.begin(), drawn.end(), 0U);
    Difference out;
    out.value = ours(drawn) - peers(drawn);
    std::mt19937 dice{20261122};
    std::vector<double> found;
    for (int n = 0; n < rounds; ++n) {
        for (auto& each : drawn)  // a multiply and a shift: the same draws with every library
            each = static_cast<std::uint32_t>((std::uint64_t{dice()} * cases) >> 32U);
        found.push_back(ours(drawn) - peers(drawn));
    }
    const double mean = std::accumulate(found.begin(), found.end(), 0.0) / rounds;
    double squares = 0;
    for (const double each : found) squares += (each - mean) * (each - mean);
    out.standard_error = std::sqrt(squares / (rounds - 1));
    std::sort(found.begin(), found.end());
    const auto at = [&](double share) {
        return found[static_cast<std::size_t>(std::lround(share * (rounds - 1)))];
    };
    out.low = at(0.025);
    out.high = at(0.975);
    return out;
}

Difference bootstrap_means(std::span<const double> ours, std::span<const double> peers)
{
    const auto mean_of = [](std::span<const double> values) {
        return [values](std::span<const std::uint32_t> cases) {
            double sum = 0;
            for (const auto each : cases) sum += values[each];
            return sum / static_cast<double>(cases.size());
        };
    };
    return bootstrap(ours.size(), mean_of(ours), mean_of(peers));
}

double auc(std::span<const double> rank_by, std::span<const std::uint8_t> came,
           std::span<const std::uint32_t> cases)
{
    std::vector<std::uint32_t> order{cases.begin(), cases.end()};
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return rank_by[a] < rank_by[b]; });
    double below = 0, wins = 0, with = 0;
    for (std::size_t from = 0; from < order.size();) {
        auto to = from;
        double tied_with = 0, tied_without = 0;
        for (; to < order.size() && rank_by[order[to]] == rank_by[order[from]]; ++to)
            (came[order[to]] != 0 ? tied_with : tied_without) += 1;
        wins += tied_with * (below + tied_without / 2);
        below += tied_without;
        with += tied_with;
        from = to;
    }
    return with > 0 && below > 0 ? wins / (with * below) : 0.5;
}

double auc(std::span<const double> rank_by, std::span<const std::uint8_t> came)
{
    std::vector<std::uint32_t> all(rank_by.size());
    std::iota(all.begin(), all.end(), 0U);
    return auc(rank_by, came, all);
}

std::string Mark::text() const
{
    std::array<char, 320> line{};
    std::snprintf(line.data(), line.size(), "%s %s: %.6g; %s %.6g; enough %.6g",
                  met() ? "met   " : "MISSED", name.c_str(), ours, peer.c_str(), peer_value,
                  enough);
    std::string out{line.data()};
    if (difference) {
        std::snprintf(line.data(), line.size(), "; difference %+.3g [%+.3g, %+.3g]",
                      difference->value, difference->low, difference->high);
        out += line.data();
    }
    return out;
}

Mark beside_peer(std::string name, double ours, std::string peer, double peer_value,
                 bool less_is_better, const Difference& difference)
{
    const double slack = less_is_better ? difference.standard_error : -difference.standard_error;
    return {std::move(name),    ours,           std::move(peer), peer_value,
            peer_value + slack, less_is_better, difference};
}

}  // namespace raiten::peers
