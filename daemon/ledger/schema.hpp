#pragma once

#include "daemon/ledger/database.hpp"

namespace raiten::ledger {

/// "Rait": tells a ledger from any other SQLite file.
inline constexpr std::int64_t ledger_application_id = 0x52616974;

/// The newest file format that this program knows; see README.md for what lies where.
inline constexpr std::int64_t schema_version = 4;

/// Brings an empty or older file to `schema_version`, each step in a transaction of its own.
/// A newer file, or one that is no ledger, is left alone and told.
Result<void> bring_up_to_date(Database& database);

/// For who only reads: good where the file is a ledger of exactly `schema_version`.
Result<void> known_format(Database& database);

}  // namespace raiten::ledger
