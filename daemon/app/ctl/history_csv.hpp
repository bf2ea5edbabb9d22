#pragma once

#include "daemon/app/ctl/shop_history.hpp"
#include "daemon/base/result.hpp"

#include <chrono>
#include <functional>
#include <istream>
#include <string>

namespace raiten::app::ctl {

inline constexpr std::uint64_t history_rows_max = 10'000'000;
inline constexpr std::size_t history_members_max = 1'000'000;

struct HistoryInput {
    std::istream& in;
    std::string file;  ///< its name, for what is said of it
    Instant as_of;
    std::chrono::minutes offset;  ///< of the wall that days are counted by
    std::function<void(std::uint64_t rows)> progress;
    std::function<void(const Problem&)> refuse;  ///< of a row that is left out
};

/// Receipts: `member,at,total[,number,kind,…]`, a header first, columns in any order; several rows
/// with one number are the lines of one receipt. `at` is RFC 3339, or a date alone: its start. A
/// negative total is a refund. Rows without a member are counted. A Problem where the file has no
/// usable header or is larger than the limits.
Result<void> read_receipts(const HistoryInput& input, ShopHistory& shop);

/// Visits: `member,at[,left_at,zone]`. Those after --as-of are left out.
Result<void> read_visits(const HistoryInput& input, ShopHistory& shop);

/// The offset that an RFC 3339 time is written with, which parse_instant has accepted.
std::chrono::minutes offset_of(std::string_view time);

}  // namespace raiten::app::ctl
