#include "daemon/decision/expected_reward.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <cmath>

namespace raiten {
namespace {

constexpr std::uint64_t fold_key = 0x666f'6c64;  // any: it only has to stay

/// Rewards of one context and action.
struct Cell {
    double count{}, sum{}, squares{};

    void add(double reward)
    {
        count += 1;
        sum += reward;
        squares += reward * reward;
    }
    Cell operator-(const Cell& other) const
    {
        return {count - other.count, sum - other.sum, squares - other.squares};
    }
};

using Cells = std::vector<Cell>;

/// How many decisions the common mean stands for; nothing where the cells do not differ.
std::optional<double> strength_of(const Cells& cells)
{
    double all = 0, sum = 0, squares = 0, used = 0, of_squares = 0, explained = 0;
    for (const auto& cell : cells) {
        if (cell.count == 0) continue;
        used += 1;
        all += cell.count;
        sum += cell.sum;
        squares += cell.squares;
        of_squares += cell.count * cell.count;
        explained += cell.sum * cell.sum / cell.count;
    }
    if (used < 2 || all <= used) return std::nullopt;
    const double within = std::max((squares - explained) / (all - used), 0.0);
    const double among = (explained - sum * sum / all) / (used - 1);
    const double between = (among - within) * (used - 1) / (all - of_squares / all);
    if (!(between > 0)) return std::nullopt;
    return within / between;
}

std::vector<double> means_of(const Cells& cells, std::optional<double> strength)
{
    double all = 0, sum = 0;
    for (const auto& cell : cells) {
        all += cell.count;
        sum += cell.sum;
    }
    const double mean = all > 0 ? sum / all : 0;
    std::vector<double> out;
    out.reserve(cells.size());
    for (const auto& cell : cells)
        out.push_back(!strength || cell.count + *strength <= 0
                          ? mean
                          : (cell.sum + *strength * mean) / (cell.count + *strength));
    return out;
}

/// Which context each decision lies in, and how many there are.
struct Contexts {
    std::vector<std::uint32_t> of;
    std::size_t count{1};
};

Result<void> check_contexts(const DecisionLog& log, std::span<const std::uint32_t> contexts)
{
    if (const auto good = check_log(log); !good) return good.error();
    if (!contexts.empty() && contexts.size() != log.decisions.size())
        return Problem{"not every decision has its context"};
    for (const auto context : contexts)
        if (context >= reward_contexts_max)
            return Problem{"contexts are not below " + std::to_string(reward_contexts_max)};
    return {};
}

/// Of a checked log.
Contexts contexts_of(const DecisionLog& log, std::span<const std::uint32_t> contexts)
{
    Contexts out;
    out.of.assign(contexts.begin(), contexts.end());
    out.of.resize(log.decisions.size());  // without any, all lie in 0
    for (const auto context : out.of) out.count = std::max<std::size_t>(out.count, context + 1U);
    return out;
}

void copy_row(const std::vector<double>& means, std::size_t context, std::size_t actions,
              std::vector<double>& out)
{
    const auto from = means.begin() + static_cast<std::ptrdiff_t>(context * actions);
    out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(actions));
}

std::size_t fold_of(const DecisionLog& log, std::size_t row)
{
    const auto whose = log.members.empty() ? row : log.members[row];
    return KeyedHash{fold_key}.add(std::uint64_t{whose}).value() % reward_folds;
}

}  // namespace

Result<std::vector<double>> shrunken_rewards(const DecisionLog& log,
                                             std::span<const std::uint32_t> contexts,
                                             double strength)
{
    if (const auto good = check_contexts(log, contexts); !good) return good.error();
    if (!(strength >= 0) || !std::isfinite(strength))
        return Problem{"the strength of the mean is no number from 0"};
    const auto in = contexts_of(log, contexts);
    Cells cells(in.count * log.actions);
    for (std::size_t row = 0; row < log.decisions.size(); ++row)
        cells[in.of[row] * log.actions + log.decisions[row].action].add(log.decisions[row].reward);
    const auto means = means_of(cells, strength);
    std::vector<double> out;
    out.reserve(log.decisions.size() * log.actions);
    for (std::size_t row = 0; row < log.decisions.size(); ++row)
        copy_row(means, in.of[row], log.actions, out);
    return out;
}

Result<std::vector<double>> cross_fitted_rewards(const DecisionLog& log,
                                                 std::span<const std::uint32_t> contexts)
{
    if (const auto good = check_contexts(log, contexts); !good) return good.error();
    const auto in = contexts_of(log, contexts);
    Cells all(in.count * log.actions);
    std::vector<Cells> folds(reward_folds, all);
    std::vector<std::size_t> fold(log.decisions.size());
    for (std::size_t row = 0; row < log.decisions.size(); ++row) {
        const auto& decision = log.decisions[row];
        const auto cell = in.of[row] * log.actions + decision.action;
        fold[row] = fold_of(log, row);
        all[cell].add(decision.reward);
        folds[fold[row]][cell].add(decision.reward);
    }
    std::vector<std::vector<double>> means;
    for (const auto& own : folds) {
        Cells others;
        for (std::size_t i = 0; i < all.size(); ++i) others.push_back(all[i] - own[i]);
        means.push_back(means_of(others, strength_of(others)));
    }
    std::vector<double> out;
    out.reserve(log.decisions.size() * log.actions);
    for (std::size_t row = 0; row < log.decisions.size(); ++row)
        copy_row(means[fold[row]], in.of[row], log.actions, out);
    return out;
}

}  // namespace raiten
