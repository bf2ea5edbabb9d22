#pragma once

#include "daemon/model/lane.hpp"
#include "sync/failure.hpp"

#include <array>
#include <cstdint>

namespace raiten::sync {

using PerLane = std::array<std::uint64_t, lanes.size()>;

constexpr std::size_t index(Lane lane)
{
    return static_cast<std::size_t>(lane);
}

/// Since the start of the process; for metrics.
struct CourierCounters {
    std::uint64_t connected{};
    std::array<std::uint64_t, failure_kinds> failures{};  ///< by FailureKind
    PerLane sent{};                                       ///< publishes, repeats included
    PerLane sent_again{};
    PerLane confirmed{};  ///< PUBACKs
    PerLane expired{};
    PerLane undeliverable{};
    std::uint64_t resend_rounds{};  ///< after silence of HQ
    std::uint64_t fetch_failures{};
    std::uint64_t acks{};            ///< that moved a lane
    std::uint64_t acks_stale{};      ///< said nothing new
    std::uint64_t acks_epoch{};      ///< refused: of another epoch
    std::uint64_t acks_ahead{};      ///< refused: beyond all that was ever numbered
    std::uint64_t downlinks_bad{};   ///< refused: malformed, too large, wrong topic
    std::uint64_t downlinks_lost{};  ///< refused: came faster than they were read
    std::uint64_t commands{};
};

}  // namespace raiten::sync
