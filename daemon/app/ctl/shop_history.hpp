#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/scoring/purchase_days.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app::ctl {

/// One receipt of a member; `key` is the same for the lines of one receipt.
struct PastReceipt {
    enum class Kind : std::uint8_t { sale, refund, void_ };
    std::int32_t day{};  ///< since 1970, by the wall of the zone that was asked for
    Kind kind{};
    std::uint64_t number{};  ///< a hash of its number; 0 where it has none
    Money total;             ///< not negative
    std::uint64_t line{};
    std::int32_t minute{};  ///< of the sale, by the same wall, since 1970
};

struct PastMember {
    std::vector<PastReceipt> receipts;
    std::vector<std::int32_t> visits;  ///< minutes since 1970 by the same wall, up to now
};

/// Everything that files tell of a shop's members. Sorted by name, so that no order of the
/// rows changes a figure.
struct ShopHistory {
    std::map<std::string, PastMember, std::less<>> members;
    std::int32_t today{};          ///< the day of --as-of
    std::int32_t minute{};         ///< its minute since 1970, by the same wall
    std::chrono::minutes ahead{};  ///< of that wall before UTC
    std::int32_t last_day{};       ///< of the latest receipt, also of those after --as-of
    std::uint64_t receipt_rows{}, visit_rows{};
    std::uint64_t rows_without_member{};
    std::uint64_t refused{};
};

/// What a member's receipts come to, day by day: sales less the refunds of the same day. A day
/// that was refunded whole, or whose receipts were voided, is none.
struct MemberDays {
    std::vector<scoring::PurchaseDay> bought;
    std::vector<std::pair<std::int32_t, Money>> refunded;  ///< of other days' purchases
};

/// Receipts are counted once by (number, kind, day), the first row stays; a void takes the sale
/// with its number away. Does not depend on the order of the receipts where their lines agree.
MemberDays days_of(std::vector<PastReceipt> receipts);

}  // namespace raiten::app::ctl
