#pragma once

#include "daemon/app/api_handlers.hpp"

#include <optional>
#include <vector>

namespace raiten::app {

using Outcome = std::optional<Result<Answer>>;

/// Admits events in order; answers for all of them, in their order and none empty, when the last
/// is durable. What could not be read, or not be taken, is counted.
boost::asio::awaitable<std::vector<Outcome>> admit_all(Parts parts,
                                                       std::vector<Result<RawEvent>> events);

}  // namespace raiten::app
