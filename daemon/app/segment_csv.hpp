#pragma once

#include "daemon/base/result.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/model/rules.hpp"

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

namespace raiten::app {

/// One piece of a segment's members.
struct SegmentCsv {
    /// Head and rows, RFC 4180 with line feeds: member,stage,rfm_r,rfm_f,rfm_m,next_visit_at. What
    /// no night has scored is empty; times are the store's own.
    std::string text;
    std::optional<MemberId> next;  ///< after whom the next piece begins; nothing: that was the last
};

inline constexpr std::size_t segment_members_max = 100'000;  ///< in one piece, about 7 MB

/// Looks through the whole ledger: not for the loop. `limit`: 1 to segment_members_max.
Result<SegmentCsv> segment_csv(ledger::Histories& past, const std::string& where, Instant at,
                               MemberId after, std::size_t limit, const StoreClock& clock,
                               const std::atomic<bool>& cancelled);

}  // namespace raiten::app
