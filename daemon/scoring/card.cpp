#include "daemon/scoring/card.hpp"

#include "daemon/scoring/lifetime_value.hpp"
#include "daemon/scoring/next_visit.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {
namespace {

constexpr double days_a_year = 365.25;

std::int32_t first_seen(const Habits& habits, Today today)
{
    const auto first = habits.first_visit.value_or(today.day);
    return habits.buying.days() > 0 ? std::min(first, habits.buying.first_day()) : first;
}

std::int32_t last_seen(const Habits& habits, Today today)
{
    return std::max(habits.last_visit.value_or(habits.last_bought.value_or(today.day)),
                    habits.last_bought.value_or(habits.last_visit.value_or(today.day)));
}

void score_buying(ScoreCard& card, const Habits& habits, const Models& models, Today today)
{
    if (habits.buying.days() == 0) return;
    const auto& rules = models.rules;
    const auto history = habits.buying.history(today.day, rules.unit_days);
    card.x = history.repeats;
    card.t_x = history.last;
    card.t_total = history.observed;
    if (!models.purchases) return;
    const auto& model = models.purchases->model;
    const double horizon = rules.horizon_days / rules.unit_days;
    card.p_alive = p_alive(model, history);
    card.expected_purchases = expected_purchases(model, history, horizon);
    if (models.churn) card.p_purchase = chance_to_buy(*models.churn, model, history);
    if (models.spend)
        card.expected_spend = expected_spend(models.spend->model, habits.buying.spending());
    if (!card.expected_spend) return;
    const double discount = std::log1p(rules.discount) / days_a_year * rules.unit_days;
    card.ltv = *card.expected_spend
               * discounted_purchases(model, history, horizon, discount, *card.expected_purchases);
}

void score_coming(ScoreCard& card, const Habits& habits, const Models& models, Today today)
{
    if (habits.rhythm.visit_days() == 0) return;
    const WallTime now{std::chrono::minutes{today.minute}};
    const auto next = next_visit(models.rhythm, habits.rhythm, now);
    const auto instant = [&](WallTime at) { return Instant{at.time_since_epoch() - today.ahead}; };
    const auto hour = [](std::chrono::minutes of_day) {
        return static_cast<double>(of_day.count()) / 60;
    };
    card.next_visit_at = instant(next.at);
    card.next_visit_lo = instant(next.least);
    card.next_visit_hi = instant(next.most);
    card.next_visit_days = std::chrono::duration<double, std::ratio<86'400>>(next.at - now).count();
    card.p_visit_7d = next.p_within_7d;
    card.visit_hour_from = hour(next.window.from);
    card.visit_hour_to = hour(next.window.to);
}

}  // namespace

Today today_at(Instant at, const StoreClock& clock)
{
    const auto ahead = clock.offset_at(at);
    const auto minute = std::chrono::floor<std::chrono::minutes>(at + ahead).time_since_epoch();
    return {static_cast<std::int32_t>(clock.day_of(at).time_since_epoch().count()),
            static_cast<std::int32_t>(minute.count()), ahead};
}

Custom custom_of(const Habits& habits, Today today)
{
    const auto last = habits.last_bought.value_or(last_seen(habits, today));
    return {static_cast<double>(today.day - last), static_cast<double>(habits.frequency),
            habits.monetary.units(), habits.last_bought.has_value()};
}

void score(ScoreCard& card, const Habits& habits, const Models& models, Today today)
{
    const auto custom = custom_of(habits, today);
    const auto ranks = models.rfm.rank(custom);
    card.rfm_r = ranks.r;
    card.rfm_f = ranks.f;
    card.rfm_m = ranks.m;
    card.recency_days = static_cast<std::int32_t>(custom.recency);
    card.frequency = habits.frequency;
    if (habits.last_bought) card.monetary = habits.monetary;
    score_buying(card, habits, models, today);
    score_coming(card, habits, models, today);
    card.stage = stage_of(
        {habits.buying.days(), static_cast<double>(today.day - first_seen(habits, today)),
         static_cast<double>(today.day - last_seen(habits, today)), card.p_alive, ranks.sum()},
        models.rules.stages);
}

}  // namespace raiten::scoring
