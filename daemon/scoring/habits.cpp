#include "daemon/scoring/habits.hpp"

#include <algorithm>
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

PastVisit past_visit(const VisitRecord& visit, const StoreClock& clock)
{
    const auto wall = visit.opened_at + clock.offset_at(visit.opened_at);
    const auto minute = std::chrono::floor<std::chrono::minutes>(wall).time_since_epoch();
    const auto day = clock.day_of(visit.opened_at).time_since_epoch();
    return {visit.ordinal,
            static_cast<std::int32_t>(day.count()),
            static_cast<std::int32_t>(minute.count()),
            visit.outcome() == VisitOutcome::purchase,
            !visit.uncertain(),
            visit.spend()};
}

void Habits::note(const PastVisit& visit, bool recent)
{
    next_visit = std::max(next_visit, visit.ordinal + 1);
    note_visit(visit.day, visit.minute);
    if (visit.purchase) note_purchase(visit.day, visit.spend, recent, visit.certain);
}

void Habits::note_visit(std::int32_t day, std::int32_t minute)
{
    rhythm.note(WallTime{std::chrono::minutes{minute}});
    first_visit = first_visit.value_or(day);
    last_visit = day;
}

void Habits::note_purchase(std::int32_t day, Money spent, bool recent, bool certain)
{
    const bool another = !last_bought || day > *last_bought;
    last_bought = day;
    if (certain) buying.note(day, spent.units());
    if (!recent) return;
    if (another) ++frequency;
    monetary += spent;
}

}  // namespace raiten::scoring
