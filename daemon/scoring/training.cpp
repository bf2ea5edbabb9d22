#include "daemon/scoring/training.hpp"

#include <utility>

namespace raiten::scoring {
namespace {

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

Training::Training(TrainingRules rules, Today today) : rules_{std::move(rules)}, today_{today} {}

void Training::note(const Habits& habits)
{
    customs_.push_back(custom_of(habits, today_));
    if (habits.buying.days() == 0) return;
    histories_.push_back(habits.buying.history(today_.day, rules_.cards.unit_days));
    spendings_.push_back(habits.buying.spending());
}

Trained Training::finish(const Models* last)
{
    Trained out;
    out.models.rules = rules_.cards;
    out.models.rfm = RfmCuts::of(customs_);
    out.buyers = histories_.size();
    for (const auto& history : histories_)
        if (history.repeats > 0) ++out.repeaters;

    std::optional<PurchaseModel> warm;
    if (last != nullptr && last->purchases) warm = last->purchases->model;
    if (rules_.given) {
        out.models.purchases = taken_as_given(rules_.given->purchases, histories_);
    } else if (auto fit = rules_.kind ? fit_purchases(*rules_.kind, histories_, warm)
                                      : fit_best(histories_, warm)) {
        out.models.purchases = *fit;
    } else {
        out.purchases_refused = fit.error().text();
    }

    std::optional<SpendModel> warm_spend;
    if (last != nullptr && last->spend) warm_spend = last->spend->model;
    if (rules_.given && rules_.given->spend) {
        out.models.spend = taken_as_given(*rules_.given->spend, spendings_);
    } else if (auto fit = fit_spend(spendings_, warm_spend)) {
        out.models.spend = *fit;
    } else {
        out.spend_refused = fit.error().text();
    }
    return out;
}

}  // namespace raiten::scoring
