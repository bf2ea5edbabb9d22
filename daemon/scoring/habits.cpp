#include "daemon/scoring/habits.hpp"

#include <cmath>

namespace raiten::scoring {

void BuyingHabits::note(std::int32_t day, double spent)
{
    if (days_ == 0) first_ = last_ = day;
    if (days_ == 0 || day > last_) ++days_;
    if (day > last_) log_gaps_ += std::log(day - last_);
    last_ = day;
    if (days_ > 1) repeat_spend_ += spent;
}

BuyingHistory BuyingHabits::history(std::int32_t today, double unit_days) const
{
    const auto since_first = [&](std::int32_t day) { return (day - first_) / unit_days; };
    const auto repeats = days_ - 1;
    return {repeats, since_first(last_), since_first(today),
            log_gaps_ - repeats * std::log(unit_days)};
}

Spending BuyingHabits::spending() const
{
    if (days_ < 2) return {};
    return {days_ - 1, repeat_spend_ / (days_ - 1)};
}

void Habits::note_visit(std::int32_t day)
{
    ++visits;
    first_visit = first_visit.value_or(day);
    last_visit = day;
}

void Habits::note_purchase(std::int32_t day, Money spent, bool recent)
{
    const bool another = buying.days() == 0 || day > buying.last_day();
    buying.note(day, spent.units());
    if (!recent) return;
    if (another) ++frequency;
    monetary += spent;
}

}  // namespace raiten::scoring
