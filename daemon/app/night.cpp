#include "daemon/app/night.hpp"

#include "daemon/app/campaign_learner.hpp"
#include "daemon/app/model_store.hpp"
#include "daemon/app/shop_learner.hpp"

#include <utility>

namespace raiten::app {
namespace {

using Visits = std::vector<scoring::PastVisit>;

/// The visits that are kept, up to today.
Visits visits_of(const ledger::MemberHistory& history, const StoreClock& clock,
                 scoring::Today today)
{
    Visits visits;
    visits.reserve(history.visits.size());
    for (const auto& visit : history.visits) {
        auto past = scoring::opened_then(visit.ordinal, visit.opened_at, clock);
        if (past.day > today.day) break;
        past.purchase = visit.purchase;
        past.certain = !visit.uncertain;
        past.spend = visit.spend;
        visits.push_back(past);
    }
    return visits;
}

/// Folded from the first visit on; where that is not kept any more, from where the last night was.
/// The RFM window is always counted anew.
scoring::Habits habits_of(const Visits& visits, bool complete,
                          const std::optional<ledger::StoredScore>& stored, const NightRules& rules,
                          scoring::Today today)
{
    scoring::Habits habits;
    if (stored && stored->habits) {
        habits.tastes = stored->habits->tastes;
        habits.next_taste = stored->habits->next_taste;
        if (!complete) {
            habits = *stored->habits;
            habits.frequency = 0;
            habits.monetary = {};
        }
    }
    const auto first_new = habits.next_visit;
    const auto window_from = today.day - rules.training.cards.rfm_window;
    scoring::Habits window;
    for (const auto& visit : visits) {
        if (visit.ordinal >= first_new) habits.note(visit, false);
        if (visit.day > window_from) window.note(visit, true);
    }
    habits.frequency = window.frequency;
    habits.monetary = window.monetary;
    return habits;
}

/// The days of the certain purchases.
std::vector<scoring::PurchaseDay> bought_on(const Visits& visits)
{
    std::vector<scoring::PurchaseDay> days;
    for (const auto& visit : visits) {
        if (!visit.purchase || !visit.certain) continue;
        if (days.empty() || visit.day > days.back().day) days.push_back({visit.day, 0});
        days.back().spent += visit.spend.units();
    }
    return days;
}

std::vector<scoring::WallTime> came_at(const Visits& visits)
{
    std::vector<scoring::WallTime> times;
    for (const auto& visit : visits) times.emplace_back(std::chrono::minutes{visit.minute});
    return times;
}

/// Whose visits are all pruned still has what the nights before knew: the long gone belong to the
/// store's picture too.
bool anything_of(const ledger::MemberHistory& history,
                 const std::optional<ledger::StoredScore>& stored)
{
    if (!history.visits.empty()) return true;
    return !history.complete && stored && stored->habits && stored->habits->next_visit > 0;
}

/// How long before the predicted visit the engine is told of it. Longer than any lead.
constexpr std::chrono::days forecast_ahead{8};

Problem broken_off()
{
    return {"the night was broken off"};
}

class Night {
 public:
    Night(Past& past, const NightRules& rules, Instant at)
        : past_{past}, rules_{rules}, at_{at}, today_{scoring::today_at(at, rules.clock)}
    {
    }

    Result<scoring::Trained> train(const scoring::Models* last, const std::function<bool()>& go_on)
    {
        scoring::Training training{rules_.training, today_};
        Result<void> good;
        const auto read = past_.each_member(
            [&](const ledger::MemberHistory& history) {
                if (history.left_out) return go_on();
                const auto stored = stored_of(history);
                if (!stored) {
                    good = stored.error();
                    return false;
                }
                if (!anything_of(history, *stored)) return go_on();
                const auto visits = visits_of(history, rules_.clock, today_);
                training.note(history.member.value(),
                              habits_of(visits, history.complete, *stored, rules_, today_),
                              bought_on(visits), came_at(visits));
                return go_on();
            },
            ledger::Detail::figures);
        if (!read) return read.error();
        if (!good) return good.error();
        return training.finish(last);
    }

    /// Also learns, on the way, what is learned step by step.
    Result<void> score(scoring::Models& models, ShopLearner& learner, NightOut& out,
                       const std::function<bool(NightSlice&&)>& give)
    {
        if (auto baskets = learner.read_baskets(); !baskets) return baskets;
        NightSlice slice;
        Result<void> good;
        bool going = true;
        const auto hand_over = [&] { return going = give(std::exchange(slice, {})); };
        const auto read = past_.each_member(
            [&](const ledger::MemberHistory& history) {
                const auto stored = past_.score(history.member);
                if (!stored) {
                    good = stored.error();
                    return false;
                }
                if (history.left_out || !anything_of(history, *stored)) {
                    if (*stored && (*stored)->scored) slice.unscored.push_back(history.member);
                } else {
                    if (good = add(history, *stored, models, learner, slice); !good) return false;
                    ++out.members;
                }
                if (slice.scores.size() + slice.unscored.size() < NightSlice::members_max
                    && slice.moves.size() < NightSlice::moves_max)
                    return true;
                out.moves += slice.moves.size();
                return hand_over();
            },
            ledger::Detail::whole);
        if (!read) return read;
        if (!good) return good;
        out.moves += slice.moves.size();
        if (!going || !hand_over()) return broken_off();
        learner.finish(models);
        return {};
    }

 private:
    /// Only who is not known from the first visit on needs what the last night knew.
    Result<std::optional<ledger::StoredScore>> stored_of(const ledger::MemberHistory& history)
    {
        if (history.complete) return std::optional<ledger::StoredScore>{};
        return past_.score(history.member);
    }

    Result<void> add(const ledger::MemberHistory& history,
                     const std::optional<ledger::StoredScore>& stored,
                     const scoring::Models& models, ShopLearner& learner, NightSlice& slice)
    {
        ledger::ScoreRow row;
        row.member = history.member;
        row.at = at_;
        row.habits = habits_of(visits_of(history, rules_.clock, today_), history.complete, stored,
                               rules_, today_);
        const auto learned =
            learner.note(history, stored ? stored->stage : Stage::fresh, row.habits);
        if (!learned) return learned;
        scoring::score(row.card, row.habits, models, today_);
        const auto stage = row.card.stage.value_or(Stage::fresh);
        row.stage_changes = stored ? stored->stage_changes : 0;
        if (stored && stored->scored && stored->stage != stage)
            slice.moves.push_back(
                {history.member, history.name, stored->stage, stage, ++row.stage_changes});
        row.after_visits = history.opened;
        row.first_expected = std::chrono::sys_days{
            std::chrono::days{row.habits.last_visit.value_or(today_.day) + 1}};
        if (rules_.forecasts) add_forecast(history, stored, row, slice);
        if (rules_.birthdays) add_birthday(history, slice);
        slice.scores.push_back(std::move(row));
        return {};
    }

    /// Those that can come true before the next few nights, and those that were told to.
    void add_forecast(const ledger::MemberHistory& history,
                      const std::optional<ledger::StoredScore>& stored, const ledger::ScoreRow& row,
                      NightSlice& slice) const
    {
        const auto soon = [this](std::optional<Instant> visit_at) {
            return visit_at && *visit_at > at_ && *visit_at <= at_ + forecast_ahead;
        };
        if (!soon(row.card.next_visit_at) && !(stored && soon(stored->next_visit_at))) return;
        slice.forecasts.push_back({history.member, history.name,
                                   row.card.next_visit_at.value_or(Instant{}), row.after_visits,
                                   row.first_expected});
    }

    void add_birthday(const ledger::MemberHistory& history, NightSlice& slice) const
    {
        const std::chrono::year_month_day date{
            std::chrono::floor<std::chrono::days>(at_ + rules_.clock.offset_at(at_))};
        if (history.birth_month && std::chrono::month{*history.birth_month} == date.month())
            slice.birthdays.push_back({history.member, history.name, int{date.year()}});
    }

    Past& past_;
    const NightRules& rules_;
    const Instant at_;
    const scoring::Today today_;
};

}  // namespace

Result<NightOut> reckon_night(Past& past, const NightRules& rules, Instant at,
                              const scoring::Models* last,
                              const std::function<bool(NightSlice&&)>& give)
{
    Night night{past, rules, at};
    bool going = true;
    const auto go_on = [&] { return going = give({}); };
    const auto trained = night.train(last, go_on);
    if (!trained) return trained.error();
    if (!going) return broken_off();
    NightOut out;
    auto models = trained->models;
    ShopLearner learner{past, rules, at, last};
    if (const auto scored = night.score(models, learner, out, give); !scored) return scored.error();
    std::vector<ledger::ModelRow> uplift;
    const auto learned = learn_campaigns(past, rules, at, last, models, uplift, go_on);
    if (!learned) return learned.error();
    if (!*learned) return broken_off();
    out.models = std::make_shared<const scoring::Models>(std::move(models));
    out.versions = model_rows(*trained, *out.models, at);
    for (auto& row : uplift) out.versions.push_back(std::move(row));
    return out;
}

NightRules night_rules(const Settings& settings, const StoreClock& clock)
{
    NightRules rules;
    rules.training.cards = settings.scoring.cards();
    rules.clock = clock;
    rules.visits = settings.visits;
    for (const auto& reader : settings.readers)
        if (reader.passive) rules.passive_readers.insert(reader.name);
    return rules;
}

void serve(NightRules& rules, const Campaign& campaign, Instant at)
{
    if (campaign.ends_at && *campaign.ends_at <= at) return;
    rules.forecasts |= campaign.moment == Moment::visit_predicted;
    rules.birthdays |= campaign.moment == Moment::birthday_month;
    if (campaign.target) rules.targets.insert(campaign.id);
}

std::chrono::sys_days night_of(Instant now, const StoreClock& clock,
                               std::chrono::minutes refresh_at)
{
    const std::chrono::days one{1};
    auto night = std::chrono::floor<std::chrono::days>(now + clock.offset_at(now)) + one;
    while (night_due(night, clock, refresh_at) > now) night -= one;
    return night;
}

Instant night_due(std::chrono::sys_days night, const StoreClock& clock,
                  std::chrono::minutes refresh_at)
{
    // Of a reading that comes twice, the first: that by the offset of the day before.
    const Instant wall = night + refresh_at;
    return clock.instant_of(wall, wall - clock.offset_at(wall - std::chrono::days{1}));
}

}  // namespace raiten::app
