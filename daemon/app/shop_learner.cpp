#include "daemon/app/shop_learner.hpp"

#include "daemon/scoring/mixer.hpp"

#include <algorithm>

namespace raiten::app {
namespace {

constexpr std::size_t baskets_at_once = 1000;

const std::string& name_of(const ReceiptLine& line)
{
    return line.sku.empty() ? line.name : line.sku;
}

template <class T>
std::shared_ptr<T> copy_of(const std::shared_ptr<const T>& last)
{
    return last ? std::make_shared<T>(*last) : std::make_shared<T>();
}

/// The receipt as one that stands, for the look at its sale.
VisitReceipt sale_of(const ledger::Basket& undone)
{
    VisitReceipt sale;
    sale.day = undone.day;
    sale.pos = undone.pos;
    sale.number = undone.refers_to.empty() ? undone.number : undone.refers_to;
    return sale;
}

/// Some number of a visit that is the same every night.
std::uint64_t number_of(MemberId member, std::uint32_t ordinal)
{
    return scoring::mixed(scoring::mixed(member.value()) + ordinal);
}

VisitRecord record_of(const ledger::SettledVisit& visit)
{
    VisitRecord record;
    record.state = VisitState::settled;
    record.opened_at = visit.opened_at;
    record.left_at = visit.left_at;
    record.passive = visit.passive;
    record.blind = visit.blind;
    record.doubtful = visit.doubtful;
    record.zones = visit.zones;
    record.readers = visit.readers;
    record.receipts = visit.receipts;
    record.streak = visit.streak;
    return record;
}

}  // namespace

std::vector<scoring::ItemId> items_of(const std::vector<ReceiptLine>& lines)
{
    std::vector<scoring::ItemId> items;
    for (const auto& line : lines)
        if (!name_of(line).empty()) items.push_back(scoring::item_of(name_of(line)));
    return scoring::distinct(items, scoring::Tastes::basket_lines_max);
}

ShopLearner::ShopLearner(Past& past, const NightRules& rules, Instant at,
                         const scoring::Models* last)
    : past_{past},
      rules_{rules},
      at_{at},
      since_{last && last->visits_through ? *last->visits_through : at - first_look},
      baskets_through_{last ? last->baskets_through : 0},
      affinity_{copy_of(last ? last->affinity : nullptr)},
      catalogue_{copy_of(last ? last->catalogue : nullptr)},
      propensity_{copy_of(last ? last->propensity : nullptr)},
      stays_{copy_of(last ? last->usual_stay : nullptr)}
{
}

Result<void> ShopLearner::read_baskets()
{
    const auto readers = past_.passive_readers();
    if (!readers) return readers.error();
    passive_ = rules_.passive_readers;
    for (const auto& [name, hears] : *readers)
        if (hears) passive_.insert(name);
    for (;;) {
        const auto baskets = past_.baskets_after(baskets_through_, baskets_at_once);
        if (!baskets) return baskets.error();
        if (baskets->empty()) return {};
        for (const auto& basket : *baskets)
            if (const auto noted = note_basket(basket); !noted) return noted;
        baskets_through_ = baskets->back().row;
    }
}

Result<void> ShopLearner::note_basket(const ledger::Basket& basket)
{
    if (basket.kind == ReceiptKind::sale) {
        for (const auto& line : basket.lines) {
            const auto& name = name_of(line);
            if (name.empty()) continue;
            const double quantity = line.quantity.units();
            const double price = quantity > 0 ? line.amount.units() / quantity : 0;
            catalogue_->note({scoring::item_of(name), line.name.empty() ? name : line.name,
                              line.category, price});
        }
        affinity_->note(items_of(basket.lines));
        return {};
    }
    // What was undone whole was no basket.
    const auto sale = past_.sold(sale_of(basket));
    if (!sale) return sale.error();
    const auto sold = items_of(*sale);
    if (basket.kind == ReceiptKind::void_ || items_of(basket.lines) == sold)
        affinity_->forget(sold);
    return {};
}

Instant ShopLearner::settled_at(const ledger::SettledVisit& visit) const
{
    return visit.left_at + rules_.visits.settle_grace + rules_.visits.lateness;
}

bool ShopLearner::is_new(const ledger::SettledVisit& visit) const
{
    const auto settled = settled_at(visit);
    return settled > since_ && settled <= at_;
}

Result<void> ShopLearner::note(const ledger::MemberHistory& history, Stage stage,
                               scoring::Habits& habits)
{
    note_visits(history, stage);
    return note_tastes(history, habits);
}

void ShopLearner::note_visits(const ledger::MemberHistory& history, Stage stage)
{
    std::uint32_t visits = 0, purchases = 0;
    std::optional<Instant> bought_at;
    for (const auto& visit : history.visits) {
        if (is_new(visit)) {
            const auto record = record_of(visit);
            for (const auto& [zone, span] : visit.zones)
                stays_->note({zone, static_cast<double>(span.count()) / 1000});
            scoring::OpeningFacts facts;
            facts.streak = visit.streak;
            facts.visits = visits;
            facts.purchases = purchases;
            facts.bought_at = bought_at;
            facts.stage = stage;
            facts.checked_in = !visit.readers.empty() && !passive_.contains(visit.readers.front());
            const auto by = visit.opened_at + rules_.visits.enter_window;
            facts.coupon = std::any_of(
                history.in_hand.begin(), history.in_hand.end(), [&](const auto& coupon) {
                    return coupon.from <= by && coupon.until > visit.opened_at;
                });
            const VisitId id{number_of(history.member, visit.ordinal)};
            keep({id, settled_at(visit),
                  scoring::landmarks_of(record,
                                        scoring::opening_features(record, facts, rules_.clock)),
                  visit.purchase});
        }
        ++visits;
        if (!visit.purchase) continue;
        ++purchases;
        bought_at = visit.opened_at;
    }
}

void ShopLearner::keep(scoring::SettledVisit visit)
{
    if (visit.landmarks.empty()) return;
    const auto number = visit.id.value();
    visits_.emplace(number, std::move(visit));
    if (visits_.size() > visits_max) visits_.erase(std::prev(visits_.end()));
}

Result<void> ShopLearner::note_tastes(const ledger::MemberHistory& history, scoring::Habits& habits)
{
    for (const auto& visit : history.visits) {
        if (visit.ordinal < habits.next_taste || settled_at(visit) > at_) continue;
        habits.next_taste = visit.ordinal + 1;
        for (const auto& receipt : visit.receipts) {
            if (!receipt.counts() || visit.uncertain) continue;
            const auto lines = past_.sold(receipt);
            if (!lines) return lines.error();
            if (const auto items = items_of(*lines); !items.empty())
                habits.tastes.note(
                    static_cast<std::int32_t>(receipt.day.time_since_epoch().count()), items,
                    *catalogue_);
        }
    }
    return {};
}

void ShopLearner::finish(scoring::Models& models)
{
    std::vector<scoring::SettledVisit> visits;
    for (auto& [number, visit] : visits_) visits.push_back(std::move(visit));
    visits_.clear();
    propensity_->learn(std::move(visits));
    models.visits_through = at_;
    models.baskets_through = baskets_through_;
    models.propensity = std::move(propensity_);
    models.affinity = std::move(affinity_);
    models.catalogue = std::move(catalogue_);
    models.usual_stay = std::move(stays_);
}

}  // namespace raiten::app
