#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten {

/// The known word that was probably meant: fewest insertions, deletions, replacements and swaps
/// of neighbours; nothing where more than a third of the letters would have to change.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace raiten
