#include "daemon/scoring/purchase_days.hpp"

namespace raiten::scoring {

BuyingHabits habits_of(std::span<const PurchaseDay> days)
{
    BuyingHabits habits;
    for (const auto& day : days) habits.note(day.day, day.spent);
    return habits;
}

}  // namespace raiten::scoring
