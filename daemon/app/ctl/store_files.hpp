#pragma once

#include "daemon/base/result.hpp"
#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace raiten::app::ctl {

/// What was written.
struct StoreTally {
    std::uint64_t events{};
    std::uint64_t sightings{};
    std::uint64_t visits{};  ///< true ones, of members
    std::uint64_t purchases{};
    std::uint64_t bytes{};
};

/// What a simulated store's folder is to hold.
struct StoreFiles {
    std::string folder;    ///< is made; must not be there yet
    std::string name;      ///< "store-1"
    std::string timezone;  ///< IANA, as in the scenario's clock
    std::uint32_t days{};
    std::uint32_t streams{};  ///< of how many of these days the raw device bytes are kept
};

/// Writes raiten.toml, token.key, members.csv, events.ndjson, truth.ndjson and streams/, a day at a
/// time. `after_day` is called with what was written so far.
Result<StoreTally> write_store(simulator::Store& store, std::uint64_t seed, const StoreFiles& files,
                               const std::function<void(const StoreTally&)>& after_day);

}  // namespace raiten::app::ctl
