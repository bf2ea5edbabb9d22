#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/rows.hpp"

namespace raiten::ledger {

/// All that the engine needs after a restart, from the file alone, as of its engine time `now`:
///  - unsettled visits; coupons triggered or delivered
///  - summaries that start less than horizon.amendable + 26 h ago: a day lasts up to 25 h, so
///    whatever can still be amended lies in one of them; and the settled visits of that span
///  - keys of receipts and check-ins written less than horizon.amendable + 24 h ago (late_receipt
///    + 24 h, and more); readers' changes in that span, and how each was before it
Remembered recall(Database& database, const Horizon& horizon);

}  // namespace raiten::ledger
