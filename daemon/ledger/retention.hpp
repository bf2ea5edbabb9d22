#pragma once

#include "daemon/ledger/database.hpp"

#include <chrono>

namespace raiten::ledger {

/// How long each kind of row is kept, counted from the engine time under which it was written.
struct Retention {
    Millis journal{std::chrono::hours{24 * 30}};
    Millis stream{std::chrono::hours{24 * 30}};
    std::uint64_t stream_rows_max{200'000};
    Millis visits{std::chrono::hours{24 * 400}};  ///< receipts, surveys and summaries too
    Millis coupons{std::chrono::hours{24 * 730}};
    Millis checkin_keys{std::chrono::hours{24 * 4}};  ///< must exceed late_receipt + 24 h
    std::size_t slice_rows{500};                      ///< at most, of each table and call
};

/// Deletes one slice of what is too old and says how many rows went: 0 means all is done.
/// Ages count to the smaller of `now` and the engine time in the file, and nothing happens when
/// `now` lies before the last time for which this was done: a clock that fell back to 1970 or
/// leapt ahead deletes nothing. Unsettled visits, unexpired coupons, the outbox and the newest
/// row of each table stay in any case.
std::uint64_t prune_slice(Database& database, Instant now, const Retention& retention);

}  // namespace raiten::ledger
