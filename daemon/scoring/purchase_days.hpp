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

}  // namespace raiten::scoring
