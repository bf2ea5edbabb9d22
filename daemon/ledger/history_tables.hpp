#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

/// The tables that only grow at their end, and the small ones beside them: journal, stream,
/// receipts, check-in keys, surveys, what limits have used up, readers.
namespace raiten::ledger {

void put_journal(Database& database, const JournalEntry& entry, Instant created);
void put_stream(Database& database, const StreamRow& row, Instant created);
/// A known key stays as it is: the first content counts. In place `row`, or at the end.
void put_receipt(Database& database, const ReceiptRow& receipt, Instant created,
                 std::optional<std::int64_t> row = {});
void put_checkin(Database& database, const Remembered::CheckInKey& checkin, Instant created);
void put_survey(Database& database, const SurveyRow& survey, Instant created);
void put_reader_state(Database& database, const ReaderStateRow& state, Instant created);

inline constexpr std::size_t page_max = 10'000;
std::vector<JournalRow> journal_after(Database& database, std::uint64_t row, std::size_t limit);
std::vector<StreamRow> stream_after(Database& database, std::uint64_t cursor, std::size_t limit);
std::uint64_t next_stream_cursor(Database& database);
std::uint64_t oldest_stream_cursor(Database& database);
std::vector<Remembered::ReceiptKey> receipt_keys_since(Database& database, Instant created);
std::optional<ReceiptRow> receipt_with(Database& database, const Remembered::ReceiptKey& key);
std::vector<Remembered::CheckInKey> checkins_since(Database& database, Instant created);
/// Buckets that start in [from, to), ascending.
/// The newest of each reader.
std::vector<ReaderStateRow> reader_states(Database& database);
/// Those written since `created`, and of each reader the last one before; ascending by `at`.
std::vector<ReaderStateRow> reader_changes_since(Database& database, Instant created);

}  // namespace raiten::ledger
