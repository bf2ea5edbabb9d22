#pragma once

#include "daemon/app/ctl/shop_book.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/rules.hpp"

#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace raiten::app::ctl {

inline constexpr std::uint64_t book_rows_max = 10'000'000;
inline constexpr std::size_t book_members_max = 1'000'000;
inline constexpr std::size_t rows_of_member_max = 20'000;  ///< of each file

/// What a book is read by.
struct BookInput {
    std::istream& in;
    std::string file;  ///< its name, for what is said of it
    const VisitRules& rules;
    const StoreClock& clock;
    std::string currency;  ///< the store's
    Instant now;           ///< nothing lies after it
    std::function<void(std::uint64_t rows)> progress;
    std::function<void(const Problem&)> refuse;      ///< of a row that is left out
    std::function<void(const std::string&)> unused;  ///< a column that nobody reads
};

/// Visits: `member,at[,left_at,zone]`, a header first, columns in any order. `at` is RFC 3339, or
/// a date alone: the start of that business day. Refused, each row by itself: a bad name or time,
/// one before 1990 or after `now`, left_at before at or more than max_visit after it, a text that
/// is too long. Rows without a member are counted. A Problem where the file has no usable header
/// or is larger than the limits.
Result<void> book_visits_of(const BookInput& input, ShopBook& book);

/// Receipts: `member,at,total[,number,kind,pos,currency,refers_to,sku,name,quantity,amount,
/// category]`, likewise. A negative total is a refund. Rows of a member with one number, kind, pos
/// and business day are the lines of one receipt, and must agree in their total. Refused besides:
/// another currency than the store's, more than 10,000,000,000 of it, an unknown kind.
Result<void> book_receipts_of(const BookInput& input, ShopBook& book);

}  // namespace raiten::app::ctl
