#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raiten::house {

/// What a file of the product includes against the floor plan, one sentence each; empty is good.
/// `file` is its path from the root of the repository, `text` what stands in it.
std::vector<std::string> floor_violations(std::string_view file, std::string_view text);

}  // namespace raiten::house
