#pragma once

#include "tests/scoring/peers/marks.hpp"

#include <vector>

namespace raiten::peers {

/// What was foretold of members up to a day, beside what they bought after it and what others had
/// foretold of the same members: CDNOW's 39 weeks, a grocer's 52, an online shop's 100 days. Empty
/// where the data is missing.
std::vector<Mark> hold_out_marks();

}  // namespace raiten::peers
