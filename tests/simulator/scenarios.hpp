#pragma once

#include "daemon/simulator/store.hpp"

#include <algorithm>

namespace raiten::test {

/// A store in Tokyo, small enough for a test.
inline simulator::Scenario small_scenario(std::uint32_t members = 300)
{
    simulator::Scenario scenario;
    scenario.members = members;
    scenario.clock.offsets = {{Instant::min(), std::chrono::hours{9}}};
    return scenario;
}

inline bool within(const simulator::Span& inner, const simulator::Span& outer)
{
    return inner.from >= outer.from && inner.to <= outer.to;
}

inline bool is_sighting(const simulator::Arrival& arrival)
{
    return arrival.kind == simulator::Arrival::Kind::sighting;
}

}  // namespace raiten::test
