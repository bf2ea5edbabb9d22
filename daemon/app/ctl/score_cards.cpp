#include "daemon/app/ctl/score_cards.hpp"

#include "daemon/scoring/card.hpp"
#include "daemon/scoring/purchase_days.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace raiten::app::ctl {
namespace {

using scoring::BuyingHistory;
using scoring::PurchaseFit;

MemberDays days_until(const PastMember& member, std::int32_t day)
{
    std::vector<PastReceipt> known;
    for (const auto& receipt : member.receipts)
        if (receipt.day <= day) known.push_back(receipt);
    return days_of(std::move(known));
}

scoring::Habits habits_until(const PastMember& member, std::int32_t day, const ScoreRules& rules)
{
    scoring::Habits habits;
    const auto days = days_until(member, day);
    const auto recent = [&](std::int32_t then) {
        return rules.rfm_all || then > day - rules.training.cards.rfm_window;
    };
    for (const auto visit : member.visit_days())
        if (visit <= day) habits.note_visit(visit);
    for (const auto& bought : days.bought)
        habits.note_purchase(
            bought.day, Money::from_ten_thousandths(std::llround(bought.spent * Money::per_unit)),
            recent(bought.day));
    for (const auto& [then, money] : days.refunded)
        if (recent(then)) habits.monetary -= money;
    return habits;
}

/// Whether anything is known of the member by today.
bool exists(const PastMember& member, std::int32_t today)
{
    return !member.visits.empty()
           || std::any_of(member.receipts.begin(), member.receipts.end(),
                          [&](const auto& receipt) { return receipt.day <= today; });
}

Result<PurchaseFit> fitted(std::span<const BuyingHistory> histories, const ScoreRules& rules)
{
    return rules.training.kind ? scoring::fit_purchases(*rules.training.kind, histories)
                               : scoring::fit_best(histories);
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
        const auto history = scoring::habits_of(known.bought).history(out.from, unit_days);
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
    const auto horizon = static_cast<std::int32_t>(rules.training.cards.horizon_days);
    if (!scored.trained.models.purchases) return std::nullopt;
    HoldOut out;
    out.model = scored.trained.models.purchases->model;
    if (shop.last_day > shop.today) {
        out.from = shop.today;
        out.days = std::min(horizon, shop.last_day - shop.today);
        return judged(shop, out, rules.training.cards.unit_days);
    }
    const auto first = first_day(shop);
    if (!first) return std::nullopt;
    out.days = std::min(horizon, (shop.today - *first) / 3);
    out.from = shop.today - out.days;
    if (out.days == 0) return std::nullopt;
    if (!rules.training.given) {
        const auto fit =
            fitted(histories_until(shop, out.from, rules.training.cards.unit_days), rules);
        if (!fit) return std::nullopt;
        out.model = fit.value().model;
        out.refitted = true;
    }
    return judged(shop, out, rules.training.cards.unit_days);
}

}  // namespace

std::vector<BuyingHistory> histories_until(const ShopHistory& shop, std::int32_t day,
                                           double unit_days)
{
    std::vector<BuyingHistory> histories;
    for (const auto& [name, member] : shop.members) {
        const auto days = days_until(member, day);
        if (!days.bought.empty())
            histories.push_back(scoring::habits_of(days.bought).history(day, unit_days));
    }
    return histories;
}

ScoredShop score_shop(const ShopHistory& shop, const ScoreRules& rules,
                      const std::function<void(std::uint64_t)>& progress)
{
    const scoring::Today today{shop.today};
    scoring::Training training{rules.training, today};
    std::vector<std::pair<std::string_view, scoring::Habits>> members;
    for (const auto& [name, member] : shop.members) {
        if (!exists(member, shop.today)) continue;
        members.emplace_back(name, habits_until(member, shop.today, rules));
        training.note(members.back().second);
    }
    ScoredShop scored;
    scored.trained = training.finish();
    for (const auto& [name, habits] : members) {
        auto& card = scored.cards.emplace_back();
        card.member = name;
        scoring::score(card, habits, scored.trained.models, today);
        progress(scored.cards.size());
    }
    scored.hold_out = hold_out_of(shop, scored, rules);
    return scored;
}

}  // namespace raiten::app::ctl
