#include "daemon/ledger/outbox_table.hpp"

#include <algorithm>

namespace raiten::ledger {

void put_outbox(Database& database, const OutboxEntry& entry)
{
    database.run(
        "INSERT INTO outbox(lane, sequence, gap_from, type, payload, expires_at)"
        " VALUES (?,?,?,?,?,?)",
        entry.lane, entry.sequence, entry.gap_from, entry.type, entry.payload, entry.expires_at);
    database.run("UPDATE lane SET next = max(next, ?2 + 1) WHERE lane = ?1", entry.lane,
                 entry.sequence);
}

void settle_outbox(Database& database, Lane lane, std::uint64_t through)
{
    // Nobody can have settled what was never sent.
    const auto known = std::min(through, outbox_head(database, lane).next - 1);
    database.run("DELETE FROM outbox WHERE lane = ? AND sequence <= ?", lane, known);
    database.run("UPDATE lane SET settled = max(settled, ?2) WHERE lane = ?1", lane, known);
}

void drop_outbox(Database& database, Lane lane, std::uint64_t from, std::uint64_t through,
                 const std::string& reason)
{
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
    {
        auto range = database.query(
            "SELECT min(coalesce(gap_from, sequence)), max(sequence) FROM outbox"
            " WHERE lane = ? AND sequence BETWEEN ? AND ?",
            lane, from, through);
        if (!range.next()) return;
        first = range.get<std::optional<std::uint64_t>>();
        last = range.get<std::optional<std::uint64_t>>();
    }
    if (!first || !last) return;
    {
        auto before = database.query(
            "SELECT gap_from FROM outbox WHERE lane = ? AND sequence = ? AND gap_from IS NOT NULL"
            " AND payload = ?",
            lane, *first - 1, reason);
        if (before.next()) first = before.get<std::uint64_t>();
    }
    database.run("DELETE FROM outbox WHERE lane = ? AND sequence BETWEEN ? AND ?", lane, *first,
                 *last);
    put_outbox(database, {lane, *last, "gap", reason, std::nullopt, first});
}

std::vector<OutboxEntry> outbox_rows(Database& database, Lane lane, std::uint64_t after,
                                     std::size_t rows_max, std::size_t bytes_max)
{
    auto rows = database.query(
        "SELECT sequence, type, payload, expires_at, gap_from FROM outbox"
        " WHERE lane = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        lane, after, rows_max);
    std::vector<OutboxEntry> out;
    std::size_t bytes = 0;
    while (rows.next()) {
        OutboxEntry entry;
        entry.lane = lane;
        entry.sequence = rows.get<std::uint64_t>();
        entry.type = rows.get<std::string>();
        entry.payload = rows.get<std::string>();
        entry.expires_at = rows.get<std::optional<Instant>>();
        entry.gap_from = rows.get<std::optional<std::uint64_t>>();
        bytes += entry.payload.size();
        if (!out.empty() && bytes > bytes_max) break;
        out.push_back(std::move(entry));
    }
    return out;
}

LaneHead outbox_head(Database& database, Lane lane)
{
    LaneHead head;
    auto row = database.query(
        "SELECT next, settled, (SELECT count(*) FROM outbox o WHERE o.lane = l.lane) FROM lane l"
        " WHERE lane = ?",
        lane);
    if (!row.next()) return head;
    head.next = row.get<std::uint64_t>();
    head.settled = row.get<std::uint64_t>();
    head.waiting = row.get<std::uint64_t>();
    return head;
}

}  // namespace raiten::ledger
