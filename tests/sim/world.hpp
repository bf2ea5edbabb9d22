#pragma once

#include "tests/sim/books.hpp"
#include "tests/sim/disk.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raiten::sim {

/// One run: everything in it follows from these.
struct WorldPlan {
    std::uint64_t seed{};
    bool faults{true};  ///< false: the same store on a day when nothing goes wrong
    Disk::Lie lie{Disk::Lie::none};
    /// Something that a mistake in the product could do, done to the ledger's file at each crash.
    std::string sabotage{};  ///< SQL; "" is none
};

struct WorldReport {
    std::string broken;  ///< the first promise that was not kept; "" where all were
    std::string trace;   ///< the last that happened
    std::uint64_t hash{};
    bool deliberate{};  ///< its settled visits do not depend on when the daemon ran
    std::vector<Books::Settled> settled;
    std::size_t answers{}, redemptions{}, power_cuts{}, kills{}, restarts{}, retries{};
};

WorldReport run_world(const WorldPlan& plan);

}  // namespace raiten::sim
