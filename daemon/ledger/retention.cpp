#include "daemon/ledger/retention.hpp"

#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>
#include <string>

namespace raiten::ledger {
namespace {

const std::string closed = "state NOT IN (0, 2)";

/// Up to ?2 of the oldest rows before row ?1, never the newest of the table.
std::string front(const std::string& table, const std::string& row, const std::string& only)
{
    return row + " IN (SELECT " + row + " FROM " + table + " WHERE " + row + " < ?1 AND " + row
           + " < (SELECT max(" + row + ") FROM " + table + ") AND " + only + " ORDER BY " + row
           + " LIMIT ?2)";
}

/// Deletes those.
std::uint64_t drop_front(Database& database, const std::string& table, const std::string& row,
                         std::int64_t end, std::size_t slice, const std::string& only = "1")
{
    database.run("DELETE FROM " + table + " WHERE " + front(table, row, only), end, slice);
    return database.ok() ? static_cast<std::uint64_t>(database.changes()) : 0;
}

/// A budget outlives its coupons: what those that go have used up is kept as sums.
void keep_standing(Database& database, std::int64_t end, std::size_t slice)
{
    database.run(
        "INSERT INTO standing_past(campaign, offer, used, pieces, given, answered, control)"
        " SELECT campaign, offer, sum(iif(state = 3, cost, 0)), sum(iif(state = 3, took_stock, 0)),"
        " sum(state NOT IN (1, 5)), sum(state NOT IN (1, 5) AND answered_at IS NOT NULL),"
        " max(control) FROM coupon WHERE "
            + front("coupon", "row", closed)
            + " GROUP BY campaign, offer ON CONFLICT(campaign, offer) DO UPDATE SET"
              " used = used + excluded.used, pieces = pieces + excluded.pieces,"
              " given = given + excluded.given, answered = answered + excluded.answered,"
              " control = max(control, excluded.control)",
        end, slice);
}

}  // namespace

std::uint64_t prune_slice(Database& database, Instant now, const Retention& retention)
{
    const auto floor = Instant{Millis{meta_number(database, "pruned_through")}};
    const auto as_of = std::min(now, engine_time_of(database));
    if (!database.ok() || now < floor || as_of < floor) return 0;
    if (as_of > floor) put_meta(database, "pruned_through", as_of.time_since_epoch().count());

    const auto slice = retention.slice_rows;
    const auto end = [&](const char* table, Millis age) {
        return first_row_since(database, table, as_of - age);
    };
    std::uint64_t gone = 0;
    gone += drop_front(database, "journal", "row", end("journal", retention.journal), slice);
    gone += drop_front(database, "checkin_key", "row", end("checkin_key", retention.checkin_keys),
                       slice);
    gone +=
        drop_front(database, "reader_change", "row", end("reader_change", retention.checkin_keys),
                   slice, "row NOT IN (SELECT max(row) FROM reader_change GROUP BY name)");
    gone += drop_front(database, "receipt", "row", end("receipt", retention.visits), slice);
    gone +=
        drop_front(database, "visit", "row", end("visit", retention.visits), slice, "state = 2");
    gone += drop_front(database, "survey", "row", end("survey", retention.visits), slice);
    keep_standing(database, end("coupon", retention.coupons), slice);
    gone += drop_front(database, "coupon", "row", end("coupon", retention.coupons), slice, closed);

    std::int64_t newest = 0;
    {
        auto row = database.query("SELECT coalesce(max(cursor), 0) FROM stream");
        if (row.next()) newest = row.get<std::int64_t>();
    }
    const auto too_many = newest + 1 - static_cast<std::int64_t>(retention.stream_rows_max);
    gone += drop_front(database, "stream", "cursor",
                       std::max(end("stream", retention.stream), too_many), slice);
    database.run(
        "DELETE FROM summary WHERE (bucket, starts_at) IN (SELECT bucket, starts_at FROM summary"
        " WHERE starts_at < ? ORDER BY bucket, starts_at LIMIT ?)",
        as_of - retention.visits, slice);
    if (database.ok()) gone += static_cast<std::uint64_t>(database.changes());
    return gone;
}

}  // namespace raiten::ledger
