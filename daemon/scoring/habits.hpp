#pragma once

#include "daemon/base/money.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/scoring/buying_history.hpp"
#include "daemon/scoring/rhythm.hpp"
#include "daemon/scoring/spend.hpp"
#include "daemon/scoring/tastes.hpp"

#include <cstdint>
#include <optional>

/// What is kept of one member from night to night: folded visit by visit, however many there were.
namespace raiten::scoring {

/// All that the models of buying need. A purchase is a day with at least one sale; days count from
/// any fixed one.
class BuyingHabits {
 public:
    /// A sale; days must not descend. Several on one day are one purchase. `spent` in the
    /// currency's units, less what was given back.
    void note(std::int32_t day, double spent);

    std::uint32_t days() const { return days_; }
    std::int32_t first_day() const { return first_; }  ///< only if there is one
    std::int32_t last_day() const { return last_; }    ///< likewise

    /// What the models see on `today`, which is the last day or later; time in units of
    /// `unit_days`. Only if there is a purchase.
    BuyingHistory history(std::int32_t today, double unit_days) const;
    /// The mean of the purchases after the first.
    Spending spending() const;

    friend bool operator==(const BuyingHabits&, const BuyingHabits&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(days_, first_, last_, log_gaps_, repeat_spend_);
    }

 private:
    std::uint32_t days_{};
    std::int32_t first_{}, last_{};
    double log_gaps_{};      ///< of gaps in days
    double repeat_spend_{};  ///< of all purchases but the first
};

/// A settled visit as far as habits are made of it.
struct PastVisit {
    std::uint32_t ordinal{};
    std::int32_t day{};     ///< business day, since 1970
    std::int32_t minute{};  ///< of the opening, by the store's wall, since 1970
    bool purchase{};
    bool certain{true};  ///< else whose purchase it was is a guess that no model may learn from
    Money spend;
};
PastVisit past_visit(const VisitRecord& visit, const StoreClock& clock);
/// Of a visit of that opening; the rest is the caller's.
PastVisit opened_then(std::uint32_t ordinal, Instant opened_at, const StoreClock& clock);

struct Habits {
    std::uint32_t next_visit{};  ///< ordinal of the first visit that is not in it
    std::optional<std::int32_t> first_visit, last_visit;  ///< days
    BuyingHabits buying;                                  ///< of the certain purchases
    std::optional<std::int32_t> last_bought;              ///< day of the last purchase of all
    std::uint32_t frequency{};  ///< days with a purchase in the RFM window
    Money monetary;             ///< spent in it
    Rhythm rhythm;
    Tastes tastes;
    std::uint32_t next_taste{};  ///< ordinal of the first visit whose baskets are not in `tastes`

    /// A settled visit; they must come in the order of their opening. `recent`: it lies in the RFM
    /// window.
    void note(const PastVisit& visit, bool recent);
    /// A visit; days must not descend. `minute`: by the store's wall, since 1970.
    void note_visit(std::int32_t day, std::int32_t minute);
    /// A sale on that day. `recent`: it lies in the RFM window.
    void note_purchase(std::int32_t day, Money spent, bool recent, bool certain = true);

    template <class Archive>
    void archive(Archive& a)
    {
        a(next_visit, first_visit, last_visit, buying, last_bought, frequency, monetary, rhythm,
          tastes, next_taste);
    }
};

}  // namespace raiten::scoring
