#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

#include <functional>

/// Visits lie in the order in which they were first written. There is no index by id or member:
/// each row names the same member's row before it, and the member's row names the newest. Rows
/// below 0 were imported (past.hpp).
namespace raiten::ledger {

/// Writes the visit as it is now; its member must be there. `created`: engine time.
void put_visit(Database& database, const VisitRecord& visit, Instant created);

/// A new row, in that place or at the end; `previous` is the member's row before it.
void insert_visit(Database& database, const VisitRecord& visit, Instant created,
                  std::optional<std::int64_t> row, std::optional<std::int64_t> previous);

/// A member's visits from the newest row back, until `take` says false.
/// `created` is the engine time at which the row was first written.
void visits_back(Database& database, MemberId member,
                 const std::function<bool(VisitRecord, Instant created)>& take);

/// Those that have not settled, oldest row first.
std::vector<VisitRecord> unsettled_visits(Database& database);

/// Settled ones that opened at or after `since`, oldest row first. Imported ones stand in no
/// figure of a period, and so not here.
std::vector<VisitRecord> settled_since(Database& database, Instant since);

struct VisitFilter {
    std::optional<VisitState> state;
    std::optional<Instant> since;         ///< opened at or after
    std::optional<std::uint64_t> before;  ///< cursor of a page
    bool returns_only{};                  ///< streak of one or more
    std::size_t limit{100};               ///< at most visits_page_max
};
inline constexpr std::size_t visits_page_max = 1000;
VisitPage visits_page(Database& database, const VisitFilter& filter);

/// The first row of `table` that was created at or after `at`, by halving: `created` never runs
/// backwards along the rows. One past the last row if there is none.
std::int64_t first_row_since(Database& database, const std::string& table, Instant at);

}  // namespace raiten::ledger
