#pragma once

#include "daemon/scoring/habits.hpp"

#include <cstdint>
#include <span>

namespace raiten::scoring {

/// A day on which a member bought, and for how much, in the currency's units.
struct PurchaseDay {
    std::int32_t day{};  ///< any count of days, such as since 1970
    double spent{};
};

/// `days` ascend, each day once.
BuyingHabits habits_of(std::span<const PurchaseDay> days);

/// What the models see of a member on `today`, which is the last of the days or later; at least one
/// day. Time is counted in units of `unit_days` (1: days, 7: weeks).
BuyingHistory history_of(std::span<const PurchaseDay> days, std::int32_t today, double unit_days);

/// The mean of the purchases after the first; 0 without.
Spending spending_of(std::span<const PurchaseDay> days);

}  // namespace raiten::scoring
