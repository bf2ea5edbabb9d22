#pragma once

#include "daemon/ledger/rows.hpp"

#include <vector>

/// The newest revision of each hour's and day's figures, exact; and of periods that are not issued
/// yet what follows from no visit (revision 0).
namespace raiten::ledger {

class Database;

/// An older revision never replaces a newer.
void put_summary(Database& database, const Summary& summary);

/// Those that start in [from, to), ascending; at most `limit` and a page.
std::vector<Summary> summaries_between(Database& database, Summary::Bucket bucket, Instant from,
                                       Instant to, std::size_t limit);

}  // namespace raiten::ledger
