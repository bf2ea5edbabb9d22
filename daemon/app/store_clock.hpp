#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/rules.hpp"

#include <string>

namespace raiten::app {

/// The wall clock of a store in this IANA zone ("Asia/Tokyo"), from the machine's tzdata; good
/// from 1970 to 2100. An unknown zone is a problem that names what was probably meant.
Result<StoreClock> make_store_clock(const std::string& zone, std::chrono::minutes day_start);

}  // namespace raiten::app
