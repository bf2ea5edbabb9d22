#pragma once

#include "daemon/base/keyed_hash.hpp"
#include "daemon/decision/off_policy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// Shops whose rewards by context and action are known, so that what another way of choosing would
/// have brought is known too.
namespace raiten::test {

inline constexpr std::size_t planted_actions = 4;
inline constexpr std::size_t planted_contexts = 3;
using Table = std::array<std::array<double, planted_actions>, planted_contexts>;

struct PlantedShop {
    std::size_t members{2'000};
    std::size_t decisions_each{1};
    double scale{1};  ///< of all chances of a reward
    /// Share of a member's decisions whose reward is that of the member and not of the decision:
    /// 0 makes decisions independent, 1 makes a member's rewards all alike.
    double habit{0};
    std::uint64_t seed{1};
};

inline constexpr std::array<double, planted_contexts> context_share{0.5, 0.3, 0.2};
/// Chances of a reward, by context and action.
inline constexpr Table chance_of{
    {{0.10, 0.20, 0.30, 0.15}, {0.25, 0.10, 0.20, 0.30}, {0.05, 0.40, 0.10, 0.20}}};
/// How the logs were chosen, and the other way.
inline constexpr Table done{
    {{0.55, 0.25, 0.15, 0.05}, {0.25, 0.25, 0.25, 0.25}, {0.05, 0.35, 0.30, 0.30}}};
inline constexpr Table other{
    {{0.10, 0.15, 0.60, 0.15}, {0.10, 0.20, 0.10, 0.60}, {0.10, 0.70, 0.10, 0.10}}};

inline double value_of(const Table& policy, double scale = 1)
{
    double sum = 0;
    for (std::size_t x = 0; x < planted_contexts; ++x)
        for (std::size_t a = 0; a < planted_actions; ++a)
            sum += context_share[x] * policy[x][a] * scale * chance_of[x][a];
    return sum;
}

struct PlantedLog {
    std::vector<LoggedDecision> decisions;
    std::vector<std::uint64_t> members;
    std::vector<std::uint32_t> contexts;

    DecisionLog log() const { return {planted_actions, decisions, members}; }

    /// A row for each decision of what the table says in its context.
    std::vector<double> rows_of(const Table& table) const
    {
        std::vector<double> rows;
        for (const auto context : contexts)
            rows.insert(rows.end(), table[context].begin(), table[context].end());
        return rows;
    }
};

/// Which of the shares the point in [0, 1) falls into.
template <std::size_t Count>
std::size_t pick(const std::array<double, Count>& shares, double point)
{
    std::size_t at = 0;
    while (at + 1 < Count && point >= shares[at]) point -= shares[at++];
    return at;
}

inline PlantedLog planted_log(const PlantedShop& shop)
{
    PlantedLog out;
    for (std::uint64_t member = 0; member < shop.members; ++member) {
        const auto point = [&](std::string_view what, std::uint64_t which = 0) {
            return KeyedHash{shop.seed}.add(what).add(member).add(which).unit();
        };
        for (std::uint64_t n = 0; n < shop.decisions_each; ++n) {
            // A habit binds the context too: what is alike in a member is the whole decision.
            const bool bound = point("habit", n) < shop.habit;
            const auto which = bound ? 1'000'000 : n;
            const auto context = pick(context_share, point("context", which));
            const auto action = pick(done[context], point("action", n));
            const bool got = point("reward", which) < shop.scale * chance_of[context][action];
            out.decisions.push_back({action, got ? 1.0 : 0.0, done[context][action]});
            out.members.push_back(member);
            out.contexts.push_back(static_cast<std::uint32_t>(context));
        }
    }
    return out;
}

}  // namespace raiten::test
