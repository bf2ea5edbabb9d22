#include "daemon/scoring/habits.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {

void BuyingHabits::note(std::int32_t day, double spent)
{
    if (days_ == 0) first_ = last_ = day;
    day = std::max(day, last_);
    if (days_ == 0 || day > last_) ++days_;
    if (day > last_) log_gaps_ += std::log(day - last_);
    last_ = day;
    if (days_ > 1) repeat_spend_ += spent;
}

BuyingHistory BuyingHabits::history(std::int32_t today, double unit_days) const
{
    const auto since_first = [&](std::int32_t day) { return (day - first_) / unit_days; };
    const auto repeats = days_ - 1;
    return {repeats, since_first(last_), since_first(std::max(today, last_)),
            log_gaps_ - repeats * std::log(unit_days)};
}

Spending BuyingHabits::spending() const
{
    if (days_ < 2) return {};
    return {days_ - 1, repeat_spend_ / (days_ - 1)};
}

PastVisit opened_then(std::uint32_t ordinal, Instant opened_at, const StoreClock& clock)
{
    const auto wall = opened_at + clock.offset_at(opened_at);
    const auto minute = std::chrono::floor<std::chrono::minutes>(wall).time_since_epoch();
    const auto day = clock.day_of(opened_at).time_since_epoch();
    PastVisit past;
    past.ordinal = ordinal;
    past.day = static_cast<std::int32_t>(day.count());
    past.minute = static_cast<std::int32_t>(minute.count());
    return past;
}

PastVisit past_visit(const VisitRecord& visit, const StoreClock& clock)
{
    auto past = opened_then(visit.ordinal, visit.opened_at, clock);
    past.purchase = visit.outcome() == VisitOutcome::purchase;
    past.certain = !visit.uncertain();
    past.spend = visit.spend();
    return past;
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
    last_visit = std::max(day, last_visit.value_or(day));
}

void Habits::note_purchase(std::int32_t day, Money spent, bool recent, bool certain)
{
    const bool another = !last_bought || day > *last_bought;
    last_bought = std::max(day, last_bought.value_or(day));
    if (certain) buying.note(day, spent.units());
    if (!recent) return;
    if (another) ++frequency;
    monetary += spent;
}

}  // namespace raiten::scoring
