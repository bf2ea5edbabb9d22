#pragma once

#include "daemon/ledger/database.hpp"

/// The few single facts of a ledger: engine_time, commits, epoch, session, store, pruned_through,
/// scored_day, campaigns_learned.
namespace raiten::ledger {

inline constexpr std::string_view campaigns_learned_key = "campaigns_learned";

std::int64_t meta_number(Database& database, std::string_view key);
std::optional<std::string> meta_text(Database& database, std::string_view key);
void put_meta(Database& database, std::string_view key, std::int64_t value);
void put_meta(Database& database, std::string_view key, const std::string& value);

/// Largest engine time that is in the file.
Instant engine_time_of(Database& database);

}  // namespace raiten::ledger
