#pragma once

#include "daemon/model/reading.hpp"
#include "daemon/model/rules.hpp"

namespace raiten::app {

/// When that was: a time off the device's wall is turned with the store's zone. In the repeated
/// hour of daylight saving it is the second of the two, in the hour that is left out the wall is
/// read as if it had not been set.
Instant instant_of(const ToldTime& told, const StoreClock& clock);

}  // namespace raiten::app
