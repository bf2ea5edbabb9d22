#pragma once

#include <cstdint>
#include <vector>

namespace raiten::sync {

/// The TCP sockets of this process that are connected to `port` (Paho hides its own).
std::vector<int> sockets_towards(std::uint16_t port);

/// Turns Nagle's algorithm off on all of them, for which Paho has no option. How many they were.
int set_nodelay_towards(std::uint16_t port);

}  // namespace raiten::sync
