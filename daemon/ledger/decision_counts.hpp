#pragma once

#include "daemon/base/instant.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace raiten::ledger {

class Database;

/// How a campaign's decisions stand.
struct DecisionCounts {
    std::array<std::uint64_t, 6> by_state{};  ///< by CouponState
    /// Not revoked, and not over before the time asked about: what came of them is not known yet.
    std::uint64_t pending{};

    std::uint64_t decisions() const;  ///< all but the revoked ones
};

DecisionCounts decision_counts(Database& database, const std::string& campaign,
                               Instant settled_before);

}  // namespace raiten::ledger
