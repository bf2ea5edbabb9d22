#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

namespace raiten::ledger {

/// Writes a whole batch inside the transaction that is open. May be done again after a rollback.
void put_batch(Database& database, const Batch& batch);

}  // namespace raiten::ledger
