#pragma once

#include "daemon/scoring/affinity.hpp"
#include "tests/scoring/peers/marks.hpp"

#include <optional>
#include <string>
#include <vector>

/// What goes with a basket, and what comes next, beside what others reached.
namespace raiten::peers {

/// Baskets by names, each ascending and without doubles.
using Baskets = std::vector<std::vector<std::string>>;

/// All 9,835 of the groceries. Nothing where the data are missing.
std::optional<Baskets> grocery_baskets();

/// Baskets of two and more, less one item each, that item to be named again among ten: the last
/// fifth of baskets in an order drawn by lot, learned from the rest. By case, 1 where it was named.
/// Split, ties and so the figures are the peers' own, to the last digit.
struct Completion {
    std::string name, peer;
    std::vector<double> ours, peers;
};
/// Groceries beside Σ P(b | a), online retail beside Σ P(b | a) log lift of pairs seen three times:
/// the best peer of each.
std::vector<Completion> completions();

/// By member, the share of the next basket that is among ten items: ours, and the peer's personal
/// frequency with decay .85, then popularity.
struct NextBaskets {
    std::vector<double> ours, peer;
};
std::optional<NextBaskets> next_baskets();

/// Pairs of the reference whose counts or measures are not ours, and pairs with as much support
/// that it does not know.
std::optional<std::size_t> wrong_pairs();
/// Rules of the reference whose counts or measures are not ours.
std::optional<std::size_t> wrong_rules();
/// Sets of items in 10 baskets or more.
std::size_t frequent_sets(const scoring::Affinity& store, const Baskets& baskets);

/// All of it; empty where the data are missing.
std::vector<Mark> cross_sell_marks();

}  // namespace raiten::peers
