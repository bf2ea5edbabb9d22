#pragma once

#include "daemon/scoring/buying_history.hpp"
#include "daemon/scoring/spend.hpp"

#include <cstdint>
#include <span>

namespace raiten::scoring {

/// A day on which a member bought, and for how much, in the currency's units.
struct PurchaseDay {
    std::int32_t day{};  ///< any count of days, such as since 1970
    double spent{};
};

/// What the models see of a member on `today`; `days` ascend, each day once, none later than
/// `today`, at least one. Time is counted in units of `unit_days` (1: days, 7: weeks).
BuyingHistory history_of(std::span<const PurchaseDay> days, std::int32_t today, double unit_days);

/// The mean of the purchases after the first; 0 without.
Spending spending_of(std::span<const PurchaseDay> days);

}  // namespace raiten::scoring
