#pragma once

#include "daemon/ledger/database.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace raiten::ledger {

/// A ledger's file as it is asked for by whoever will write it.
struct StoreFile {
    std::string path;
    std::string store;                   ///< "tenant/store/device"
    std::optional<std::uint64_t> epoch;  ///< of a new file; by default a random number
    Millis patience{500};                ///< for another program's lock
    std::uint64_t checked_bytes_max{};   ///< up to this size SQLite looks through it first
};

/// Creates or migrates it, and sees that it is this store's. The lock file is the caller's.
Result<std::unique_ptr<Database>> open_store_file(const StoreFile& options);

}  // namespace raiten::ledger
