#pragma once

#include <cstdint>

namespace raiten::sync {

/// Turns Nagle's algorithm off on every TCP socket of this process that is connected to `port`
/// (Paho has no option for it and hides its socket). How many sockets that were.
int set_nodelay_towards(std::uint16_t port);

}  // namespace raiten::sync
