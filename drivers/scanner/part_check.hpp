#pragma once

#include "drivers/refusal.hpp"
#include "drivers/scanner/ai_table.hpp"

#include <string_view>

namespace raiten::drivers::gs1 {

/// Whether a text of the right length may be this part of a value: its characters, then its check.
Taken<bool> check_part(const Part& part, std::string_view text);

}  // namespace raiten::drivers::gs1
