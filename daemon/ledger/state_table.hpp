#pragma once

#include "daemon/ledger/database.hpp"

#include <optional>
#include <string>

/// The engine's whole state as it was at the end of a life: Engine::snapshot(), in parts, with the
/// number of the transaction that wrote it.
namespace raiten::ledger {

/// More than this is not kept: the tables then say what they can.
inline constexpr std::size_t engine_state_bytes_max = 64ULL * 1024 * 1024;

/// In place of whatever there was; nothing: it goes, since it is not true any more.
void put_engine_state(Database& database, const std::optional<std::string>& state);

/// Nothing if there is none, or if anything was committed after it.
std::optional<std::string> engine_state(Database& database);

}  // namespace raiten::ledger
