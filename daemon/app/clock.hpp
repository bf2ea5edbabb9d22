#pragma once

#include "daemon/base/instant.hpp"

#include <chrono>

namespace raiten::app {

/// The one place where the wall clock is asked.
inline Instant wall_now()
{
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

}  // namespace raiten::app
