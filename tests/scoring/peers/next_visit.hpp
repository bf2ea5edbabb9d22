#pragma once

#include "tests/scoring/peers/marks.hpp"

/// The next visit beside what others foretold, on the same visits of the same members.
namespace raiten::peers {

/// Walk-forward over check-ins, an online retailer and a grocer: each week with what had been seen
/// before it. Empty where the data are missing.
std::vector<Mark> next_visit_marks();

}  // namespace raiten::peers
