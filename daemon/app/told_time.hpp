#pragma once

#include "daemon/model/reading.hpp"
#include "daemon/model/rules.hpp"

namespace raiten::app {

/// When that was: a time off the device's wall is turned with the store's zone; `near` decides in
/// the hour that comes twice.
inline Instant instant_of(const ToldTime& told, const StoreClock& clock, Instant near)
{
    return told.local ? clock.instant_of(told.time, near) : told.time;
}

}  // namespace raiten::app
