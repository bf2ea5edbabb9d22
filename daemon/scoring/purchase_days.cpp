#include "daemon/scoring/purchase_days.hpp"

namespace raiten::scoring {

BuyingHabits habits_of(std::span<const PurchaseDay> days)
{
    BuyingHabits habits;
    for (const auto& day : days) habits.note(day.day, day.spent);
    return habits;
}

BuyingHistory history_of(std::span<const PurchaseDay> days, std::int32_t today, double unit_days)
{
    return habits_of(days).history(today, unit_days);
}

Spending spending_of(std::span<const PurchaseDay> days)
{
    return habits_of(days).spending();
}

}  // namespace raiten::scoring
