#pragma once

#include "daemon/simulator/scenario.hpp"
#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <vector>

namespace raiten::simulator {

inline constexpr Millis sighting_lateness_max{std::chrono::minutes{4}};
inline constexpr Millis receipt_lateness_max{std::chrono::hours{3}};

/// Turns events whose received_at is the true time into events as they arrive: a share of them
/// late or twice, all in order of received_at. What is on time is received at the largest `at` so
/// far, or when its predecessor was; nothing is received after the day's end.
void put_in_order_of_arrival(std::uint64_t seed, const Scenario& scenario, const Day& day,
                             std::vector<Arrival>& arrivals);

}  // namespace raiten::simulator
