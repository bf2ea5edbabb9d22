#pragma once

#include "tests/days/story.hpp"

#include <string>
#include <vector>

/// What a ledger holds, asked in SQL, and how a past is put into it.
namespace raiten::test {

/// What counts as now for an import.
inline constexpr const char* as_of = "2026-11-22T00:00:00+09:00";

/// Rows of a statement that gives one column of text.
std::vector<std::string> rows_of(const std::string& file, const std::string& sql);
/// The only row; else how many there are.
std::string one_of(const std::string& file, const std::string& sql);

/// All that two ledgers must agree on, whichever way they came by it.
std::vector<std::string> visits_in(const std::string& file);
std::vector<std::string> members_in(const std::string& file);
std::vector<std::string> receipts_in(const std::string& file);

/// Members whose last purchase is not their last sale that stands.
std::string wrong_last_purchases(const std::string& file);
/// Rows of stream, outbox, summary, coupon and journal, between bars.
std::string told_rows(const std::string& file);
/// `created` never runs backwards along the rows, and a member's chain is whole.
void check_order(const std::string& file);

/// `raitenctl import visits|receipts FILE` into the store, as of then.
Ran import_past(const Store& store, const std::string& what, const std::string& file,
                const std::vector<std::string>& more = {});

}  // namespace raiten::test
