#pragma once

#include "daemon/base/result.hpp"
#include "drivers/translator.hpp"

#include <memory>
#include <string_view>

namespace raiten::drivers {

/// Format `keyboard`: the events of a scanner that types its codes like a keyboard, read from
/// /dev/input. `layout` is the one that the scanner is set to: `us`, `jp`.
Result<std::unique_ptr<Translator>> make_keyboard(std::string_view layout);

}  // namespace raiten::drivers
