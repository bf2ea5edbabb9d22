#include "daemon/app/ctl/score_cards.hpp"

#include "daemon/scoring/card.hpp"
#include "daemon/scoring/purchase_days.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace raiten::app::ctl {
namespace {

using scoring::BuyingHistory;

MemberDays days_until(const PastMember& member, std::int32_t day)
{
    std::vector<PastReceipt> known;
    for (const auto& receipt : member.receipts)
        if (receipt.day <= day) known.push_back(receipt);
    return days_of(std::move(known));
}

/// What is known of a member at the end of a day.
struct Known {
    scoring::Habits habits;
    std::vector<scoring::PurchaseDay> bought;
    std::vector<scoring::WallTime> visits;  ///< also those that only a sale tells of; ascending
};

/// When the member came, as far as it is told: by visits, and by sales that stand.
std::vector<scoring::WallTime> visits_until(const PastMember& member, const MemberDays& days,
                                            std::int32_t day)
{
    std::vector<scoring::WallTime> visits;
    const auto wall = [](std::int32_t minute) {
        return scoring::WallTime{std::chrono::minutes{minute}};
    };
    for (const auto minute : member.visits)
        if (scoring::day_of(wall(minute)) <= day) visits.push_back(wall(minute));
    const auto stands = [&](std::int32_t of) {
        const auto found =
            std::lower_bound(days.bought.begin(), days.bought.end(), of,
                             [](const auto& bought, std::int32_t d) { return bought.day < d; });
        return found != days.bought.end() && found->day == of;
    };
    for (const auto& receipt : member.receipts)
        if (receipt.kind == PastReceipt::Kind::sale && receipt.day <= day && stands(receipt.day))
            visits.push_back(wall(receipt.minute));
    std::sort(visits.begin(), visits.end());
    return visits;
}

/// The last minute of a day.
scoring::Today end_of(std::int32_t day, const ShopHistory& shop)
{
    constexpr std::int32_t minutes_a_day = 24 * 60;
    return {day, (day + 1) * minutes_a_day - 1, shop.ahead};
}

Known known_until(const PastMember& member, std::int32_t day, const ScoreRules& rules)
{
    Known known;
    auto days = days_until(member, day);
    const auto recent = [&](std::int32_t then) {
        return rules.rfm_all || then > day - rules.training.cards.rfm_window;
    };
    known.visits = visits_until(member, days, day);
    for (const auto visit : known.visits)
        known.habits.note_visit(scoring::day_of(visit),
                                static_cast<std::int32_t>(visit.time_since_epoch().count()));
    for (const auto& bought : days.bought)
        known.habits.note_purchase(
            bought.day, Money::from_ten_thousandths(std::llround(bought.spent * Money::per_unit)),
            recent(bought.day));
    for (const auto& [then, money] : days.refunded)
        if (recent(then)) known.habits.monetary -= money;
    known.bought = std::move(days.bought);
    return known;
}

/// Whether anything is known of the member by today.
bool exists(const PastMember& member, std::int32_t today)
{
    return !member.visits.empty()
           || std::any_of(member.receipts.begin(), member.receipts.end(),
                          [&](const auto& receipt) { return receipt.day <= today; });
}

std::optional<std::int32_t> first_day(const ShopHistory& shop)
{
    std::optional<std::int32_t> first;
    for (const auto& [name, member] : shop.members)
        for (const auto& receipt : member.receipts)
            first = std::min(first.value_or(receipt.day), receipt.day);
    return first;
}

/// The cards of those who had bought by out.from, as its models make them for out.days to come.
std::vector<ScoreCard> cards_then(const ShopHistory& shop, const HoldOut& out,
                                  const ScoreRules& rules)
{
    std::vector<ScoreCard> cards;
    for (const auto& [name, member] : shop.members) {
        const auto known = known_until(member, out.from, rules);
        if (known.bought.empty()) continue;
        auto& card = cards.emplace_back();
        card.member = name;
        scoring::score(card, known.habits, out.models, end_of(out.from, shop));
    }
    return cards;
}

HoldOut judged(const ShopHistory& shop, HoldOut out, const ScoreRules& rules)
{
    out.models.rules.horizon_days = out.days;
    const auto cards = cards_then(shop, out, rules);
    std::vector<scoring::Foretold> foretold;
    double naive = 0;
    for (const auto& card : cards) {
        const auto later = days_until(shop.members.find(card.member)->second, out.from + out.days);
        const auto came = std::count_if(later.bought.begin(), later.bought.end(),
                                        [&](const auto& day) { return day.day > out.from; });
        foretold.push_back({*card.expected_purchases, *card.p_alive, static_cast<double>(came)});
        const double rate = *card.t_total > 0 ? *card.x / *card.t_total : 0;
        naive +=
            std::abs(rate * out.days / rules.training.cards.unit_days - static_cast<double>(came));
    }
    out.by_alive = scoring::calibrate(foretold);
    if (out.by_alive.came > 0) out.naive_error = naive / out.by_alive.came;
    const auto auc_by = [&](const auto& rank_by) {
        for (std::size_t i = 0; i < cards.size(); ++i) foretold[i].rank_by = rank_by(cards[i]);
        return scoring::calibrate(foretold).auc;
    };
    out.auc_expected = auc_by([](const ScoreCard& card) { return *card.expected_purchases; });
    out.auc_purchase =
        auc_by([](const ScoreCard& card) { return card.p_purchase.value_or(*card.p_alive); });
    out.auc_recency =
        auc_by([](const ScoreCard& card) { return -static_cast<double>(*card.recency_days); });
    return out;
}

/// Everybody up to the end of a day.
scoring::Trained trained_until(const ShopHistory& shop, std::int32_t day, const ScoreRules& rules,
                               double horizon_days)
{
    auto how = rules.training;
    how.cards.horizon_days = horizon_days;
    scoring::Training training{how, end_of(day, shop)};
    std::uint64_t number = 0;
    for (const auto& [name, member] : shop.members) {
        if (!exists(member, day)) continue;
        const auto known = known_until(member, day, rules);
        training.note(number++, known.habits, known.bought, known.visits);
    }
    return training.finish();
}

/// With receipts after today: what the cards foretold. Else the model of a third of the time ago,
/// and what came since.
std::optional<HoldOut> hold_out_of(const ShopHistory& shop, const ScoredShop& scored,
                                   const ScoreRules& rules)
{
    const auto horizon = static_cast<std::int32_t>(rules.training.cards.horizon_days);
    if (!scored.trained.models.purchases) return std::nullopt;
    HoldOut out;
    if (shop.last_day > shop.today) {
        out.from = shop.today;
        out.days = std::min(horizon, shop.last_day - shop.today);
        out.models = scored.trained.models;
        return judged(shop, out, rules);
    }
    const auto first = first_day(shop);
    if (!first) return std::nullopt;
    out.days = std::min(horizon, (shop.today - *first) / 3);
    out.from = shop.today - out.days;
    if (out.days == 0) return std::nullopt;
    out.models = trained_until(shop, out.from, rules, out.days).models;
    out.refitted = !rules.training.given;
    if (!out.models.purchases) return std::nullopt;
    return judged(shop, out, rules);
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
    const scoring::Today today{shop.today, shop.minute, shop.ahead};
    scoring::Training training{rules.training, today};
    std::vector<std::pair<std::string_view, scoring::Habits>> members;
    for (const auto& [name, member] : shop.members) {
        if (!exists(member, shop.today)) continue;
        auto known = known_until(member, shop.today, rules);
        training.note(members.size(), known.habits, known.bought, known.visits);
        members.emplace_back(name, std::move(known.habits));
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
