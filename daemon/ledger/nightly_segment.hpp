#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/ids.hpp"
#include "daemon/model/stage.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace raiten::ledger {

class Database;

/// A member of a segment, with what whoever writes to members asks for first.
struct InSegment {
    MemberId id;
    std::string name;
    std::optional<Stage> stage;
    std::optional<std::uint8_t> rfm_r, rfm_f, rfm_m;
    std::optional<Instant> next_visit_at;
};

/// The same expression as at a live moment, over the whole ledger: a view `score_card` with the
/// columns of card_columns(), as the card of a member who is not in the store says them at `at`,
/// with these differences:
///
/// - what the night's models say (rfm_*, p_alive, ltv, next_visit_days, …) is as of the last night;
/// - of the moment there is nothing: dwell_min, hour, weekday, basket_total, stage_before,
///   survey_score and propensity are null, zone and basket are '';
/// - days_since_coupon counts from the last coupon that is kept, however long ago.
///
/// Staff, equipment and who has not agreed are left out. Members come ascending by number, from the
/// one after `after` on, until `take` says false. A Problem where the expression is refused, fails
/// for one member (an overflow), or `cancelled` came true meanwhile.
Result<void> each_in_segment(Database& database, const std::string& where, Instant at,
                             MemberId after, const std::function<bool(const InSegment&)>& take,
                             const std::atomic<bool>& cancelled);

}  // namespace raiten::ledger
