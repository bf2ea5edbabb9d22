#pragma once

#include <string>
#include <string_view>
#include <vector>
#include "daemon/base/nearest.hpp"

namespace raiten::app {

/// "did you mean 'x'?", or the list of what is known where it is short, or "".
std::string advice_for(std::string_view word, const std::vector<std::string>& known);

}  // namespace raiten::app
