#pragma once

#include "daemon/decision/off_policy.hpp"
#include "tests/scoring/peers/table.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

/// The Open Bandit logs of ZOZOTOWN (Saito et al. 2020), beside what the Open Bandit Pipeline made
/// of them: one of 34 items shown in one of three places, at random and by Thompson sampling.
namespace raiten::open_bandit {

inline constexpr std::size_t items = 34;
inline constexpr std::size_t places = 3;
using Shares = std::array<std::array<double, items>, places>;

struct Shown {
    std::vector<LoggedDecision> decisions;
    std::vector<std::uint32_t> place;

    DecisionLog log() const { return {items, decisions}; }
    std::vector<double> rows_of(const Shares& shares) const
    {
        std::vector<double> rows;
        for (const auto at : place) rows.insert(rows.end(), shares[at].begin(), shares[at].end());
        return rows;
    }
};

inline Shown shown(const std::filesystem::path& file)
{
    const peers::Table table{file};
    Shown out;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        out.decisions.push_back({static_cast<std::size_t>(table.number(row, "item_id")),
                                 table.number(row, "click"),
                                 table.number(row, "propensity_score")});
        out.place.push_back(static_cast<std::uint32_t>(table.number(row, "position")) - 1);
    }
    return out;
}

inline Shares thompson(const std::filesystem::path& file)
{
    const peers::Table table{file};
    Shares out{};
    for (std::size_t row = 0; row < table.rows(); ++row)
        for (std::size_t at = 0; at < places; ++at)
            out[at][static_cast<std::size_t>(table.number(row, "item_id"))] =
                table.number(row, "pos" + std::to_string(at + 1));
    return out;
}

inline Shares uniform()
{
    Shares out{};
    for (auto& place : out) place.fill(1.0 / items);
    return out;
}

}  // namespace raiten::open_bandit
