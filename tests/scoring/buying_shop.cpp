#include "tests/scoring/buying_shop.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::test {

using namespace scoring;

double Dice::over_orders(double least, double most)
{
    return least * std::exp(below(std::log(most / least)));
}

void Shop::add(std::span<const double> times, double horizon)
{
    std::vector<PurchaseDay> days;
    double after = 0;
    std::int32_t last = -1;
    for (const double time : times) {
        const auto day = static_cast<std::int32_t>(time);
        if (day == last) continue;
        last = day;
        if (day <= today)
            days.push_back({day, 10});
        else if (day <= today + horizon)
            after += 1;
    }
    if (days.empty()) return;
    known.push_back(std::move(days));
    bought.push_back(after);
    came.push_back(after > 0 ? 1 : 0);
}

std::vector<BuyingHistory> Shop::histories() const
{
    std::vector<BuyingHistory> out;
    for (const auto& days : known) out.push_back(habits_of(days).history(today, 1));
    return out;
}

Shop shop_of(const PurchaseModel& model, const Opening& opening, double horizon)
{
    Dice dice{opening.seed};
    Shop shop;
    shop.today = opening.today;
    const auto& p = model.parameters;
    for (std::size_t i = 0; i < opening.members; ++i) {
        const double rate = std::max(dice.gamma(p[0], p[1]), 1e-9);
        const double leaves = dice.beta(p[2], p[3]);
        std::vector<double> times{dice.below(opening.joined_within)};
        bool gone = model.kind != ModelKind::bg_nbd && dice.below(1) < leaves;
        while (!gone && times.back() < opening.today + horizon + 1) {
            times.push_back(times.back() + std::max(dice.gamma(model.regularity, rate), 1.0));
            gone = dice.below(1) < leaves;
        }
        shop.add(times, horizon);
    }
    return shop;
}

}  // namespace raiten::test
