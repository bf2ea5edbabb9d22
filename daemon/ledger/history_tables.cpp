#include "daemon/ledger/history_tables.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>
#include <string>

namespace raiten::ledger {
namespace {

Remembered::ReceiptKey receipt_key_of(Query& from)
{
    Remembered::ReceiptKey key;
    key.pos = from.get<std::string>();
    key.number = from.get<std::string>();
    key.kind = from.get<ReceiptKind>();
    key.day = from.get<std::chrono::sys_days>();
    key.content = from.get<std::uint64_t>();
    key.at = from.get<Instant>();
    key.total = from.get<Money>();
    key.refers_to = from.get<std::string>();
    return key;
}

std::uint64_t one_number(Database& database, std::string_view sql)
{
    auto row = database.query(sql);
    return row.next() ? row.get<std::uint64_t>() : 0;
}

}  // namespace

void put_journal(Database& database, const JournalEntry& entry, Instant created)
{
    database.run("INSERT INTO journal(created, at, received_at, kind, payload) VALUES (?,?,?,?,?)",
                 created, entry.at, entry.received_at, entry.kind, entry.payload);
}

void put_stream(Database& database, const StreamRow& row, Instant created)
{
    database.run("INSERT INTO stream(cursor, created, at, type, id, json) VALUES (?,?,?,?,?,?)",
                 row.cursor, created, row.at, row.type, row.id, row.json);
}

void put_receipt(Database& database, const ReceiptRow& r, Instant created,
                 std::optional<std::int64_t> row)
{
    database.run(
        "INSERT INTO receipt(row, created, day, pos, number, kind, content, at, total, refers_to,"
        " currency, lines) VALUES"
        " (coalesce(?, (SELECT CASE WHEN max(row) < 1 THEN 1 END FROM receipt)),"
        "?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(day, pos, number, kind) DO NOTHING",
        row, created, r.key.day, r.key.pos, r.key.number, r.key.kind, r.key.content, r.key.at,
        r.key.total, r.key.refers_to, r.currency, lines_text(r.lines));
}

void put_checkin(Database& database, const Remembered::CheckInKey& c, Instant created)
{
    database.run("INSERT INTO checkin_key(created, at, reader, token, id) VALUES (?,?,?,?,?)",
                 created, c.at, c.reader, c.token, c.id);
}

void put_survey(Database& database, const SurveyRow& survey, Instant created)
{
    database.run("INSERT INTO survey(created, at, day, score, member, visit) VALUES (?,?,?,?,?,?)",
                 created, survey.at, survey.day, survey.score, survey.member, survey.visit);
}

void put_reader_state(Database& database, const ReaderStateRow& state, Instant created)
{
    database.run(
        "INSERT INTO reader_change(created, at, name, passive, up, reason) VALUES (?,?,?,?,?,?)",
        created, state.at, state.name, state.passive, state.up, state.reason);
}

std::vector<JournalRow> journal_after(Database& database, std::uint64_t row, std::size_t limit)
{
    auto rows = database.query(
        "SELECT row, at, received_at, kind, payload FROM journal WHERE row > ? ORDER BY row"
        " LIMIT ?",
        row, std::min(limit, page_max));
    std::vector<JournalRow> out;
    while (rows.next()) {
        JournalRow one;
        one.row = rows.get<std::uint64_t>();
        one.entry.at = rows.get<Instant>();
        one.entry.received_at = rows.get<Instant>();
        one.entry.kind = rows.get<std::string>();
        one.entry.payload = rows.get<std::string>();
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<StreamRow> stream_after(Database& database, std::uint64_t cursor, std::size_t limit)
{
    auto rows = database.query(
        "SELECT cursor, at, type, id, json FROM stream WHERE cursor > ? ORDER BY cursor LIMIT ?",
        cursor, std::min(limit, page_max));
    std::vector<StreamRow> out;
    while (rows.next()) {
        StreamRow one;
        one.cursor = rows.get<std::uint64_t>();
        one.at = rows.get<Instant>();
        one.type = rows.get<std::string>();
        one.id = rows.get<std::string>();
        one.json = rows.get<std::string>();
        out.push_back(std::move(one));
    }
    return out;
}

std::uint64_t next_stream_cursor(Database& database)
{
    return one_number(database, "SELECT coalesce(max(cursor), 0) + 1 FROM stream");
}

std::uint64_t oldest_stream_cursor(Database& database)
{
    return one_number(database, "SELECT coalesce(min(cursor), 1) FROM stream");
}

std::vector<Remembered::ReceiptKey> receipt_keys_since(Database& database, Instant created)
{
    const auto first = first_row_since(database, "receipt", created);
    auto rows = database.query(
        "SELECT pos, number, kind, day, content, at, total, refers_to FROM receipt WHERE row >= ?"
        " ORDER BY row",
        first);
    std::vector<Remembered::ReceiptKey> out;
    while (rows.next()) out.push_back(receipt_key_of(rows));
    return out;
}

std::optional<ReceiptRow> receipt_with(Database& database, const Remembered::ReceiptKey& key)
{
    auto row = database.query(
        "SELECT pos, number, kind, day, content, at, total, refers_to, currency, lines FROM receipt"
        " WHERE day = ? AND pos = ? AND number = ? AND kind = ?",
        key.day, key.pos, key.number, key.kind);
    if (!row.next()) return std::nullopt;
    ReceiptRow out;
    out.key = receipt_key_of(row);
    out.currency = row.get<std::string>();
    if (auto lines = lines_of(row.get<std::string>()))
        out.lines = std::move(*lines);
    else
        database.damaged("the lines of receipt " + key.number + " cannot be read");
    return out;
}

std::vector<Remembered::CheckInKey> checkins_since(Database& database, Instant created)
{
    const auto first = first_row_since(database, "checkin_key", created);
    auto rows = database.query(
        "SELECT reader, token, id, at FROM checkin_key WHERE row >= ? ORDER BY row", first);
    std::vector<Remembered::CheckInKey> out;
    while (rows.next()) {
        Remembered::CheckInKey one;
        one.reader = rows.get<std::string>();
        one.token = rows.get<TokenKey>();
        one.id = rows.get<std::string>();
        one.at = rows.get<Instant>();
        out.push_back(std::move(one));
    }
    return out;
}

namespace {

std::vector<ReaderStateRow> reader_rows(Query rows)
{
    std::vector<ReaderStateRow> out;
    while (rows.next()) {
        ReaderStateRow one;
        one.name = rows.get<std::string>();
        one.passive = rows.get<bool>();
        one.up = rows.get<bool>();
        one.reason = rows.get<std::string>();
        one.at = rows.get<Instant>();
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

std::vector<ReaderStateRow> reader_states(Database& database)
{
    return reader_rows(database.query(
        "SELECT name, passive, up, reason, at FROM reader_change"
        " WHERE row IN (SELECT max(row) FROM reader_change GROUP BY name) ORDER BY name"));
}

std::vector<ReaderStateRow> reader_changes_since(Database& database, Instant created)
{
    const auto first = first_row_since(database, "reader_change", created);
    return reader_rows(database.query(
        "SELECT name, passive, up, reason, at FROM reader_change WHERE row >= ?"
        " OR row IN (SELECT max(row) FROM reader_change WHERE row < ? GROUP BY name) ORDER BY at",
        first, first));
}

}  // namespace raiten::ledger
