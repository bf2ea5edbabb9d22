#pragma once

#include "daemon/scoring/habits.hpp"

namespace raiten::scoring {

/// Whether visits can have left these habits: for those that were read from a file. From others a
/// card could not be made without a number that overflows or is none.
bool sound(const Habits& habits);

}  // namespace raiten::scoring
