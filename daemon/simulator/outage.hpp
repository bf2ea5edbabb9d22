#pragma once

#include "daemon/simulator/truth.hpp"

#include <cstdint>
#include <vector>

namespace raiten::simulator {

/// When a reader hears nothing on this day: as many stretches as chance has it, of one minute to
/// two hours, apart from each other and within the day. Ascending.
std::vector<Outage> outages_of(std::uint64_t seed, std::uint16_t reader, std::uint32_t day,
                               Span span, double expected);

}  // namespace raiten::simulator
