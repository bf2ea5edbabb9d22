#include "daemon/ledger/visit_table.hpp"

#include "daemon/ledger/codec.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace raiten::ledger {
namespace {

/// How far back a changed visit is looked for: far more than a member can leave unsettled.
constexpr int steps_back_max = 1000;
/// An event's `at` may lie this far after the engine time under which it is written.
constexpr Millis ahead_max = std::chrono::minutes{1};
constexpr std::size_t unsettled_max = 100'000;

const std::string visit_columns =
    "SELECT v.row, v.previous, v.created, v.id, v.member, m.name, v.ordinal, v.state, v.opened_at,"
    " v.left_at, v.passive, v.zone, v.zone_since, v.close_reason, v.streak, v.revision, v.zones,"
    " v.readers, v.receipts, v.blind_ms, v.doubtful FROM visit v LEFT JOIN member m ON m.id = "
    "v.member ";

struct VisitRow {
    std::int64_t row{};
    std::optional<std::int64_t> previous;
    Instant created;
    VisitRecord visit;
};

VisitRow visit_row(Database& database, Query& from)
{
    VisitRow out;
    out.row = from.get<std::int64_t>();
    out.previous = from.get<std::optional<std::int64_t>>();
    out.created = from.get<Instant>();
    VisitRecord& v = out.visit;
    v.id = from.get<VisitId>();
    v.member = from.get<MemberId>();
    v.member_name = from.get<std::string>();
    v.ordinal = from.get<std::uint32_t>();
    v.state = from.get<VisitState>();
    v.opened_at = from.get<Instant>();
    v.left_at = from.get<Instant>();
    v.passive = from.get<bool>();
    v.zone = from.get<std::string>();
    v.zone_since = from.get<Instant>();
    v.close_reason = from.get<std::optional<CloseReason>>();
    v.streak = from.get<std::uint32_t>();
    v.revision = from.get<std::uint32_t>();
    auto zones = zones_of(from.get<std::string>());
    auto readers = names_of(from.get<std::string>());
    auto receipts = receipts_of(from.get<std::string>());
    v.blind = from.get<Millis>();
    v.doubtful = from.get<bool>();
    if (!zones || !readers || !receipts || v.state > VisitState::settled) {
        database.damaged("visit row " + std::to_string(out.row) + " cannot be read");
        return out;
    }
    v.zones = std::move(*zones);
    v.readers = std::move(*readers);
    v.receipts = std::move(*receipts);
    return out;
}

std::optional<std::int64_t> newest_row(Database& database, MemberId member)
{
    auto head = database.query("SELECT last_visit FROM member WHERE id = ?", member);
    return head.next() ? head.get<std::optional<std::int64_t>>() : std::nullopt;
}

std::optional<std::int64_t> row_of(Database& database, const VisitRecord& visit,
                                   std::optional<std::int64_t> row)
{
    for (int steps = 0; row && steps < steps_back_max; ++steps) {
        auto at = database.query("SELECT id, previous FROM visit WHERE row = ?", *row);
        if (!at.next()) return std::nullopt;  // pruned from here on
        if (at.get<VisitId>() == visit.id) return row;
        row = at.get<std::optional<std::int64_t>>();
    }
    return std::nullopt;
}

}  // namespace

void insert_visit(Database& database, const VisitRecord& v, Instant created,
                  std::optional<std::int64_t> row, std::optional<std::int64_t> previous)
{
    database.run(
        "INSERT INTO visit(row, previous, created, id, member, ordinal, state, opened_at, left_at,"
        " passive, zone, zone_since, close_reason, streak, revision, outcome, spend, dwell_ms,"
        " zones, readers, receipts, blind_ms, doubtful, uncertain)"
        " VALUES (coalesce(?, (SELECT CASE WHEN max(row) < 1 THEN 1 END FROM visit)),"
        "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        row, previous, created, v.id, v.member, v.ordinal, v.state, v.opened_at, v.left_at,
        v.passive, v.zone, v.zone_since, v.close_reason, v.streak, v.revision, v.outcome(),
        v.spend(), v.dwell(), zones_text(v.zones), names_text(v.readers), receipts_text(v.receipts),
        v.blind, v.doubtful, v.uncertain());
}

void put_visit(Database& database, const VisitRecord& v, Instant created)
{
    const auto newest = newest_row(database, v.member);
    if (const auto row = row_of(database, v, newest)) {
        database.run(
            "UPDATE visit SET ordinal = ?2, state = ?3, opened_at = ?4, left_at = ?5, passive = ?6,"
            " zone = ?7, zone_since = ?8, close_reason = ?9, streak = ?10, revision = ?11,"
            " outcome = ?12, spend = ?13, dwell_ms = ?14, zones = ?15, readers = ?16,"
            " receipts = ?17, blind_ms = ?18, doubtful = ?19, uncertain = ?20 WHERE row = ?1",
            *row, v.ordinal, v.state, v.opened_at, v.left_at, v.passive, v.zone, v.zone_since,
            v.close_reason, v.streak, v.revision, v.outcome(), v.spend(), v.dwell(),
            zones_text(v.zones), names_text(v.readers), receipts_text(v.receipts), v.blind,
            v.doubtful, v.uncertain());
        return;
    }
    insert_visit(database, v, created, std::nullopt, newest);
    database.run("UPDATE member SET last_visit = ? WHERE id = ?", database.last_row(), v.member);
}

void visits_back(Database& database, MemberId member,
                 const std::function<bool(VisitRecord, Instant created)>& take)
{
    static const std::string sql = visit_columns + "WHERE v.row = ?";
    for (auto row = newest_row(database, member); row && database.ok();) {
        auto at = database.query(sql, *row);
        if (!at.next()) return;
        auto found = visit_row(database, at);
        if (found.previous && *found.previous >= *row) {
            database.damaged("visit row " + std::to_string(*row) + " points forward");
            return;
        }
        row = found.previous;
        if (!database.ok() || !take(std::move(found.visit), found.created)) return;
    }
}

std::vector<VisitRecord> unsettled_visits(Database& database)
{
    static const std::string sql = visit_columns + "WHERE v.state < 2 ORDER BY v.row LIMIT ?";
    std::vector<VisitRecord> out;
    auto rows = database.query(sql, unsettled_max);
    while (rows.next()) out.push_back(visit_row(database, rows).visit);
    return out;
}

std::vector<VisitRecord> settled_since(Database& database, Instant since)
{
    static const std::string sql =
        visit_columns + "WHERE v.row >= ? AND v.state = 2 AND v.opened_at >= ? ORDER BY v.row";
    const auto first =
        std::max(first_row_since(database, "visit", since - ahead_max), std::int64_t{1});
    std::vector<VisitRecord> out;
    auto rows = database.query(sql, first, since);
    while (rows.next()) out.push_back(visit_row(database, rows).visit);
    return out;
}

VisitPage visits_page(Database& database, const VisitFilter& filter)
{
    std::string sql = visit_columns + "WHERE v.row < ?1 AND v.row >= ?2 AND v.opened_at >= ?3";
    if (filter.returns_only) sql += " AND v.streak > 0";
    if (filter.state == VisitState::settled) sql += " AND v.state = 2";
    if (filter.state == VisitState::ended) sql += " AND v.state < 2 AND v.state = 1";
    if (filter.state == VisitState::open) sql += " AND v.state < 2 AND v.state = 0";
    sql += " ORDER BY v.row DESC LIMIT ?4";

    const auto since = filter.since.value_or(Instant{});
    const auto first = filter.since ? first_row_since(database, "visit", since - ahead_max)
                                    : std::numeric_limits<std::int64_t>::min();
    const auto before = filter.before ? static_cast<std::int64_t>(*filter.before)
                                      : std::numeric_limits<std::int64_t>::max();
    const auto limit = std::clamp<std::size_t>(filter.limit, 1, visits_page_max);

    VisitPage page;
    std::int64_t last = 0;
    auto rows = database.query(sql, before, first, since, limit + 1);
    while (rows.next()) {
        if (page.visits.size() == limit) {
            page.older = static_cast<std::uint64_t>(last);
            break;
        }
        auto found = visit_row(database, rows);
        last = found.row;
        page.visits.push_back(std::move(found.visit));
    }
    return page;
}

std::int64_t first_row_since(Database& database, const std::string& table, Instant at)
{
    const std::string row = table == "stream" ? "cursor" : "row";
    auto ends = database.query("SELECT coalesce(min(" + row + "), 1), coalesce((SELECT max(" + row
                               + ") FROM " + table + "), 0) FROM " + table);
    if (!ends.next()) return 0;
    auto low = ends.get<std::int64_t>();
    auto high = ends.get<std::int64_t>() + 1;
    const std::string probe = "SELECT " + row + ", created FROM " + table + " WHERE " + row
                              + " >= ? ORDER BY " + row + " LIMIT 1";
    while (low < high && database.ok()) {
        const auto middle = low + (high - low) / 2;
        auto found = database.query(probe, middle);
        if (!found.next()) {
            high = middle;
            continue;
        }
        const auto here = found.get<std::int64_t>();
        if (found.get<Instant>() >= at)
            high = middle;  // nothing between middle and here: still the right half
        else
            low = here + 1;
    }
    return low;
}

}  // namespace raiten::ledger
