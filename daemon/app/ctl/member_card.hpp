#pragma once

#include "daemon/app/ctl/answer.hpp"

#include <string>

namespace raiten::app::ctl {

/// A label in the margin, then words that end before the screen does; with a line feed.
std::string labelled(const std::string& label, const std::string& words);

/// What an object holds, one after the other: "model mbg_nbd, r 0.5248, alpha 6.183". What lies
/// deeper is told by its last name; four significant digits.
std::string facts_text(const Json& object);

/// The score card of a member as the API gives it, for a terminal of 80 columns. `why`: also which
/// rule or model each score came from, and what from.
std::string card_text(const Json& member, bool why);

}  // namespace raiten::app::ctl
