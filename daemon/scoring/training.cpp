#include "daemon/scoring/training.hpp"

#include <algorithm>
#include <utility>

namespace raiten::scoring {
namespace {

/// What the guard looks back on: long enough for purchases to come, short enough to be lately.
constexpr std::int32_t guard_days = 28;

PurchaseFit taken_as_given(const PurchaseModel& model, std::span<const BuyingHistory> histories)
{
    PurchaseFit fit{model, 0, 0, false};
    for (const auto& history : histories) fit.log_likelihood += log_likelihood(model, history);
    return fit;
}

SpendFit taken_as_given(const SpendModel& model, std::span<const Spending> spendings)
{
    SpendFit fit{model, 0, 0, 0, false};
    for (const auto& spending : spendings) {
        if (spending.purchases == 0 || !(spending.mean > 0)) continue;
        fit.log_likelihood += log_likelihood(model, spending);
        ++fit.members;
    }
    return fit;
}

}  // namespace

Training::Training(TrainingRules rules, Today today)
    : rules_{std::move(rules)}, today_{today}, first_day_{today.day}
{
}

void Training::note(std::uint64_t number, const Habits& habits, std::span<const PurchaseDay> days,
                    std::span<const WallTime> visits)
{
    ++members_;
    rhythms_.note(number, visits);
    const auto custom = custom_of(habits, today_);
    if (custom.bought) {
        recencies_.push_back(custom.recency);
        frequencies_.push_back(custom.frequency);
        monetaries_.push_back(custom.monetary);
    }
    if (habits.buying.days() == 0) return;
    histories_.push_back(habits.buying.history(today_.day, rules_.cards.unit_days));
    spendings_.push_back(habits.buying.spending());
    first_day_ = std::min(first_day_, habits.buying.first_day());
    keep(days);
}

void Training::keep(std::span<const PurchaseDay> days)
{
    if (days.empty() || histories_.size() % step_ != 0) return;
    sample_.emplace_back(days.begin(), days.end());
    if (sample_.size() <= sample_max) return;
    // Every second one goes, and from now on comes.
    std::size_t kept = 0;
    for (std::size_t i = 1; i < sample_.size(); i += 2) sample_[kept++] = std::move(sample_[i]);
    sample_.resize(kept);
    step_ *= 2;
}

std::vector<RecentPast> Training::recent_past(std::int32_t span_days) const
{
    const auto cut = today_.day - span_days;
    std::vector<RecentPast> all;
    for (const auto& days : sample_) {
        const auto later = std::upper_bound(days.begin(), days.end(), cut,
                                            [](std::int32_t day, auto& d) { return day < d.day; });
        if (later == days.begin()) continue;
        const auto then = habits_of({days.begin(), later});
        all.push_back(
            {then.history(cut, rules_.cards.unit_days), static_cast<double>(days.end() - later)});
    }
    return all;
}

void Training::train_purchases(Trained& out, const Models* last) const
{
    auto& purchases = out.models.purchases;
    if (rules_.given) {
        purchases = taken_as_given(rules_.given->purchases, histories_);
        out.purchases = {true, given_reason};
        return;
    }
    std::optional<ModelInUse> in_use;
    if (last != nullptr && last->purchases)
        in_use = ModelInUse{last->purchases->model, last->purchases_members};
    std::optional<PurchaseModel> warm;
    if (in_use) warm = in_use->model;
    const auto fit =
        rules_.kind ? fit_purchases(*rules_.kind, histories_, warm) : fit_best(histories_, warm);
    if (fit) {
        const auto verdict = judge(fit->model, in_use, histories_, recent_past(guard_days),
                                   guard_days / rules_.cards.unit_days);
        out.purchases = {verdict.accepted, verdict.reason};
        if (verdict.accepted) {
            purchases = *fit;
            out.models.purchases_members = histories_.size();
        }
    } else {
        out.purchases = {false, fit.error().text()};
    }
    if (!out.purchases.taken && in_use) {
        purchases = last->purchases;
        out.models.purchases_members = last->purchases_members;
    }
}

void Training::train_spend(Trained& out, const Models* last) const
{
    auto& spend = out.models.spend;
    if (rules_.given && rules_.given->spend) {
        spend = taken_as_given(*rules_.given->spend, spendings_);
        out.spend = {true, given_reason};
        return;
    }
    std::optional<SpendModel> in_use;
    if (last != nullptr && last->spend) in_use = last->spend->model;
    if (const auto fit = fit_spend(spendings_, in_use)) {
        const auto verdict = judge(fit->model, in_use, spendings_);
        out.spend = {verdict.accepted, verdict.reason};
        if (verdict.accepted) spend = *fit;
    } else {
        out.spend = {false, fit.error().text()};
    }
    if (!out.spend.taken && in_use) spend = last->spend;
}

void Training::train_churn(Trained& out) const
{
    if (!out.models.purchases) return;
    ChurnLearner learner{
        out.models.purchases->model,
        {first_day_, today_.day, rules_.cards.horizon_days, rules_.cards.unit_days}};
    for (const auto& days : sample_) learner.add(days);
    out.churn = learner.learned();
    out.models.churn = out.churn->churn;
}

void Training::train_rhythm(Trained& out, const Models* last) const
{
    std::optional<RhythmModel> warm;
    if (last != nullptr) warm = last->rhythm;
    const WallTime now{std::chrono::minutes{today_.minute}};
    if (auto fit = fit_rhythm(rhythms_, day_of(now), warm)) {
        out.models.rhythm = fit->model;
        out.rhythm = {true, "fitted"};
        out.rhythm_fit = std::move(*fit);
    } else {
        out.rhythm = {false, fit.error().text()};
        if (last != nullptr) out.models.rhythm = last->rhythm;
    }
}

Trained Training::finish(const Models* last)
{
    Trained out;
    out.models.rules = rules_.cards;
    out.models.rfm = {RankCuts::of(std::move(recencies_)), RankCuts::of(std::move(frequencies_)),
                      RankCuts::of(std::move(monetaries_))};
    out.members = members_;
    out.buyers = histories_.size();
    for (const auto& history : histories_)
        if (history.repeats > 0) ++out.repeaters;
    train_purchases(out, last);
    train_spend(out, last);
    train_churn(out);
    train_rhythm(out, last);
    *this = Training{rules_, today_};
    return out;
}

}  // namespace raiten::scoring
