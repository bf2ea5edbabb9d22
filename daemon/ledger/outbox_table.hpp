#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

/// What HQ must get, by lane and sequence. What was lost on purpose leaves a gap record behind.
namespace raiten::ledger {

void put_outbox(Database& database, const OutboxEntry& entry);

/// Everything up to `through` is with HQ: those rows go, and stay gone.
void settle_outbox(Database& database, Lane lane, std::uint64_t through);

/// Replaces the waiting rows of from … through by one gap record at `through`, joined with a gap
/// for the same reason that ends right before it. Nothing waiting there: nothing happens.
void drop_outbox(Database& database, Lane lane, std::uint64_t from, std::uint64_t through,
                 const std::string& reason);

/// Rows after sequence `after`, ascending, at most rows_max and, beyond the first, bytes_max of
/// payload.
std::vector<OutboxEntry> outbox_rows(Database& database, Lane lane, std::uint64_t after,
                                     std::size_t rows_max, std::size_t bytes_max);

LaneHead outbox_head(Database& database, Lane lane);

}  // namespace raiten::ledger
