#pragma once

#include "tests/scoring/peers/marks.hpp"

#include <vector>

namespace raiten::peers {

/// The propensity to buy. On sessions of a real online shop: the logistic of one pass beside the
/// one that is fitted to all cases at once, both learned on one half and asked of the other, with
/// the same inputs. On the synthetic log of visits, each foretold before it is learned: beside the
/// member's own rate drawn to the shop's, and how far the tenths are from what came, beside how
/// far they would be by chance if every probability were right. Empty where the data is missing.
std::vector<Mark> propensity_marks();

}  // namespace raiten::peers
