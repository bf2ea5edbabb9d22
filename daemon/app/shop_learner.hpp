#pragma once

#include "daemon/app/night.hpp"
#include "daemon/scoring/models.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace raiten::app {

/// What a night learns step by step, from what is new since the last one: baskets, members' tastes,
/// how long visitors stay in a zone, and who buys on a visit.
///
/// A visit is new once: when its time to settle has come since the last night. What amends it later
/// teaches nothing more.
class ShopLearner {
 public:
    /// More new visits than this are drawn by lot: after an import, not in a night's course.
    static constexpr std::size_t visits_max = 10'000;
    /// How far back a first night looks for visits to learn propensity from.
    static constexpr std::chrono::days first_look{60};

    ShopLearner(Past& past, const NightRules& rules, Instant at, const scoring::Models* last);

    /// The receipts since the last night. Before the first member.
    Result<void> read_baskets();
    /// A member; what is bought goes into the habits' tastes. `stage`: as of the last night.
    Result<void> note(const ledger::MemberHistory& history, Stage stage, scoring::Habits& habits);
    /// After the last member.
    void finish(scoring::Models& models);

 private:
    Result<void> note_basket(const ledger::Basket& basket);
    void note_visits(const ledger::MemberHistory& history, Stage stage);
    Result<void> note_tastes(const ledger::MemberHistory& history, scoring::Habits& habits);
    bool is_new(const ledger::SettledVisit& visit) const;
    Instant settled_at(const ledger::SettledVisit& visit) const;
    void keep(scoring::SettledVisit visit);

    Past& past_;
    const NightRules& rules_;
    const Instant at_;
    Instant since_;
    std::uint64_t baskets_through_{};
    std::shared_ptr<scoring::Affinity> affinity_;
    std::shared_ptr<scoring::Catalogue> catalogue_;
    std::shared_ptr<scoring::Propensity> propensity_;
    std::shared_ptr<scoring::UsualStay> stays_;
    std::set<std::string> passive_;
    std::map<std::uint64_t, scoring::SettledVisit> visits_;  ///< by a mixed number
};

/// The items of a receipt's lines, each once; those without a SKU by name.
std::vector<scoring::ItemId> items_of(const std::vector<ReceiptLine>& lines);

}  // namespace raiten::app
