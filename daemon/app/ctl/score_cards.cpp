#include "daemon/app/ctl/score_cards.hpp"

#include "daemon/scoring/lifetime_value.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace raiten::app::ctl {
namespace {

using scoring::BuyingHistory;
using scoring::PurchaseFit;
using scoring::Spending;

constexpr double days_a_year = 365.25;

MemberDays days_until(const PastMember& member, std::int32_t day)
{
    std::vector<PastReceipt> known;
    for (const auto& receipt : member.receipts)
        if (receipt.day <= day) known.push_back(receipt);
    return days_of(std::move(known));
}

Result<PurchaseFit> fitted(std::span<const BuyingHistory> histories, const ScoreRules& rules)
{
    return rules.model ? scoring::fit_purchases(*rules.model, histories)
                       : scoring::fit_best(histories);
}

PurchaseFit taken_as_given(const scoring::PurchaseModel& model,
                           std::span<const BuyingHistory> histories)
{
    PurchaseFit fit{model, 0, 0, false};
    for (const auto& history : histories) fit.log_likelihood += log_likelihood(model, history);
    return fit;
}

scoring::SpendFit taken_as_given(const scoring::SpendModel& model,
                                 std::span<const Spending> spendings)
{
    scoring::SpendFit fit{model, 0, 0, 0, false};
    for (const auto& spending : spendings) {
        if (spending.purchases == 0 || !(spending.mean > 0)) continue;
        fit.log_likelihood += log_likelihood(model, spending);
        ++fit.members;
    }
    return fit;
}

/// A member with all that is known of the purchases up to today.
struct Known {
    Card card;
    scoring::Custom custom;
    Spending spending;
    scoring::StageInputs stage;
};

Known known_of(const std::string& name, const PastMember& member, const ShopHistory& shop,
               const ScoreRules& rules)
{
    Known known;
    known.card.member = name;
    const auto days = days_until(member, shop.today);
    auto first = member.first_visit, last = member.last_visit;
    const auto from = rules.rfm_window ? shop.today - *rules.rfm_window
                                       : std::numeric_limits<std::int32_t>::min();
    Money spent;
    for (const auto& day : days.bought) {
        first = std::min(first.value_or(day.day), day.day);
        last = std::max(last.value_or(day.day), day.day);
        if (day.day <= from) continue;
        ++known.card.frequency;
        spent += Money::from_ten_thousandths(std::llround(day.spent * Money::per_unit));
    }
    for (const auto& [day, money] : days.refunded)
        if (day > from) spent -= money;
    const bool bought = !days.bought.empty();
    if (bought) {
        known.card.monetary = spent;
        known.card.history = scoring::history_of(days.bought, shop.today, rules.unit_days);
        known.spending = scoring::spending_of(days.bought);
    }
    known.card.recency_days =
        shop.today - (bought ? days.bought.back().day : last.value_or(shop.today));
    known.custom = {static_cast<double>(known.card.recency_days),
                    static_cast<double>(known.card.frequency), spent.units(), bought};
    known.stage.purchases = static_cast<std::uint32_t>(days.bought.size());
    known.stage.days_since_first = shop.today - first.value_or(shop.today);
    known.stage.days_since_visit = shop.today - last.value_or(shop.today);
    return known;
}

/// Whether anything is known of the member by today.
bool exists(const PastMember& member, std::int32_t today)
{
    return member.first_visit
           || std::any_of(member.receipts.begin(), member.receipts.end(),
                          [&](const auto& receipt) { return receipt.day <= today; });
}

ShopModel model_of(std::span<const Known> members, std::span<const BuyingHistory> histories,
                   const ScoreRules& rules)
{
    ShopModel model;
    std::vector<scoring::Custom> customs;
    std::vector<Spending> spendings;
    for (const auto& member : members) {
        customs.push_back(member.custom);
        if (member.card.history) spendings.push_back(member.spending);
    }
    model.rfm = scoring::RfmCuts::of(customs);
    if (rules.given) {
        model.purchases = taken_as_given(rules.given->purchases, histories);
    } else if (const auto fit = fitted(histories, rules)) {
        model.purchases = *fit;
    } else {
        model.purchases_refused = fit.error().text();
    }
    if (rules.given && rules.given->spend) {
        model.spend = taken_as_given(*rules.given->spend, spendings);
    } else if (const auto fit = scoring::fit_spend(spendings)) {
        model.spend = *fit;
    } else {
        model.spend_refused = fit.error().text();
    }
    return model;
}

void finish(Known& known, const ShopModel& model, const ScoreRules& rules)
{
    auto& card = known.card;
    card.rfm = model.rfm.rank(known.custom);
    if (card.history && model.purchases) {
        const auto& purchases = model.purchases->model;
        const double horizon = rules.horizon_days / rules.unit_days;
        card.p_alive = p_alive(purchases, *card.history);
        card.expected_purchases = expected_purchases(purchases, *card.history, horizon);
        if (model.spend) card.expected_spend = expected_spend(model.spend->model, known.spending);
        if (card.expected_spend) {
            const double discount = std::log1p(rules.discount) / days_a_year * rules.unit_days;
            card.ltv = *card.expected_spend
                       * discounted_purchases(purchases, *card.history, horizon, discount,
                                              *card.expected_purchases);
        }
    }
    known.stage.p_alive = card.p_alive;
    known.stage.rfm_sum = card.rfm.sum();
    card.stage = scoring::stage_of(known.stage);
}

std::optional<std::int32_t> first_day(const ShopHistory& shop)
{
    std::optional<std::int32_t> first;
    for (const auto& [name, member] : shop.members)
        for (const auto& receipt : member.receipts)
            first = std::min(first.value_or(receipt.day), receipt.day);
    return first;
}

HoldOut judged(const ShopHistory& shop, HoldOut out, double unit_days)
{
    std::vector<scoring::Foretold> foretold;
    double naive = 0;
    for (const auto& [name, member] : shop.members) {
        const auto known = days_until(member, out.from);
        if (known.bought.empty()) continue;
        const auto later = days_until(member, out.from + out.days);
        const auto history = scoring::history_of(known.bought, out.from, unit_days);
        const auto came = std::count_if(later.bought.begin(), later.bought.end(),
                                        [&](const auto& day) { return day.day > out.from; });
        foretold.push_back({expected_purchases(out.model, history, out.days / unit_days),
                            p_alive(out.model, history), static_cast<double>(came)});
        const double rate = history.observed > 0 ? history.repeats / history.observed : 0;
        naive += std::abs(rate * out.days / unit_days - static_cast<double>(came));
    }
    out.by_alive = scoring::calibrate(foretold);
    if (out.by_alive.came > 0) out.naive_error = naive / out.by_alive.came;
    for (auto& one : foretold) one.rank_by = one.expected;
    out.auc_expected = scoring::calibrate(foretold).auc;
    std::size_t i = 0;
    for (const auto& [name, member] : shop.members) {
        const auto known = days_until(member, out.from);
        if (!known.bought.empty()) foretold[i++].rank_by = known.bought.back().day;
    }
    out.auc_recency = scoring::calibrate(foretold).auc;
    return out;
}

/// With receipts after today: what the cards foretold. Else the model of a third of the time ago,
/// and what came since.
std::optional<HoldOut> hold_out_of(const ShopHistory& shop, const ScoredShop& scored,
                                   const ScoreRules& rules)
{
    const auto horizon = static_cast<std::int32_t>(rules.horizon_days);
    if (!scored.model.purchases) return std::nullopt;
    HoldOut out;
    out.model = scored.model.purchases->model;
    if (shop.last_day > shop.today) {
        out.from = shop.today;
        out.days = std::min(horizon, shop.last_day - shop.today);
        return judged(shop, out, rules.unit_days);
    }
    const auto first = first_day(shop);
    if (!first) return std::nullopt;
    out.days = std::min(horizon, (shop.today - *first) / 3);
    out.from = shop.today - out.days;
    if (out.days == 0) return std::nullopt;
    if (!rules.given) {
        const auto fit = fitted(histories_until(shop, out.from, rules.unit_days), rules);
        if (!fit) return std::nullopt;
        out.model = fit.value().model;
        out.refitted = true;
    }
    return judged(shop, out, rules.unit_days);
}

}  // namespace

std::vector<BuyingHistory> histories_until(const ShopHistory& shop, std::int32_t day,
                                           double unit_days)
{
    std::vector<BuyingHistory> histories;
    for (const auto& [name, member] : shop.members) {
        const auto days = days_until(member, day);
        if (!days.bought.empty())
            histories.push_back(scoring::history_of(days.bought, day, unit_days));
    }
    return histories;
}

ScoredShop score_shop(const ShopHistory& shop, const ScoreRules& rules,
                      const std::function<void(std::uint64_t)>& progress)
{
    std::vector<Known> members;
    std::vector<BuyingHistory> histories;
    for (const auto& [name, member] : shop.members) {
        if (!exists(member, shop.today)) continue;
        members.push_back(known_of(name, member, shop, rules));
        if (members.back().card.history) histories.push_back(*members.back().card.history);
    }
    ScoredShop scored;
    scored.model = model_of(members, histories, rules);
    scored.buyers = histories.size();
    for (auto& member : members) {
        finish(member, scored.model, rules);
        if (member.card.history && member.card.history->repeats > 0) ++scored.repeaters;
        scored.cards.push_back(std::move(member.card));
        progress(scored.cards.size());
    }
    scored.hold_out = hold_out_of(shop, scored, rules);
    return scored;
}

}  // namespace raiten::app::ctl
