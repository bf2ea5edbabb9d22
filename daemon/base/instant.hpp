#pragma once

#include <chrono>

namespace raiten {

/// UTC, to the millisecond. It arrives inside events; nothing below the rooms asks a clock for it.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

}  // namespace raiten
