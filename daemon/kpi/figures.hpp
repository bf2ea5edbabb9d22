#pragma once

#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/summary.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace raiten {

/// The summaries of the hours and days that can still change, as functions of settled visits.
///
/// A summary is first issued when every visit that ended in its period has had time to settle
/// (end + `delay`), and on a later full hour + delay, with a higher revision if it was issued
/// before, when something in it has changed since. When that is depends on the time of the change
/// alone, so that a restart changes nothing. Periods in which nothing happened are not issued.
class Figures {
 public:
    /// `delay`: settle grace + lateness. `keep`: how long after its end a period can change.
    Figures(const StoreClock& clock, Millis delay, Millis keep);

    /// A visit settled or changed afterwards: the newest record counts.
    void note(const VisitRecord& visit, Instant now);
    void note_passer_by(Instant at, Instant now);

    std::optional<Instant> next_due() const;
    /// Issues what is due first: one period.
    Summary issue();

    /// Periods with anything unissued, for a checkpoint: as last issued, with the passers-by of
    /// now; or, if never issued, with revision 0.
    std::vector<Summary> unissued() const;
    /// After a restart: visits first (note), then what was known of the summaries.
    void restore(const Summary& known);
    void restored(Instant now);

 private:
    struct Fact {
        MemberId member;
        bool first{};
        bool purchase{};
        std::uint32_t streak{};
        Money spend;
        std::string currency;
    };
    struct Period {
        Instant to;
        std::map<VisitId, Fact> visits;
        std::uint32_t passers_by{};
        std::uint32_t revision{};
        std::optional<Summary> issued{};  ///< as it was told last
        std::optional<Instant> due;       ///< set while there is something unissued
    };
    struct Key {
        Instant from;
        Summary::Bucket bucket{};
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    std::pair<const Key, Period>& period(Summary::Bucket bucket, Instant at);
    void changed(const Key& key, Period& period, Instant now);
    Summary summary_of(const Key& key, const Period& period) const;

    const StoreClock& clock_;
    Millis delay_;
    Millis keep_;
    Instant issued_until_{Instant::min()};  ///< latest due time that was served
    std::map<Key, Period> periods_;
};

}  // namespace raiten
