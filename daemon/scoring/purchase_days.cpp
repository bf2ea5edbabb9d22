#include "daemon/scoring/purchase_days.hpp"

#include <cmath>

namespace raiten::scoring {

BuyingHistory history_of(std::span<const PurchaseDay> days, std::int32_t today, double unit_days)
{
    const auto since_first = [&](std::int32_t day) { return (day - days.front().day) / unit_days; };
    BuyingHistory history;
    history.repeats = static_cast<std::uint32_t>(days.size() - 1);
    history.last = since_first(days.back().day);
    history.observed = since_first(today);
    for (std::size_t i = 1; i < days.size(); ++i)
        history.log_gaps += std::log((days[i].day - days[i - 1].day) / unit_days);
    return history;
}

Spending spending_of(std::span<const PurchaseDay> days)
{
    Spending spending{static_cast<std::uint32_t>(days.size() - 1), 0};
    for (const auto& day : days.subspan(1)) spending.mean += day.spent / spending.purchases;
    return spending;
}

}  // namespace raiten::scoring
