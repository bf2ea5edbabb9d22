#pragma once

#include "daemon/kpi/disclosure.hpp"
#include "daemon/kpi/facts.hpp"
#include "daemon/model/ids.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/summary.hpp"

#include <functional>
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
/// Hours that were held back for the sake of a small one may be issued again just before their day,
/// unchanged but to be told to head office (disclosure.hpp).
class Figures {
 public:
    struct Setup {
        Millis delay{};          ///< settle grace + lateness
        Millis keep{};           ///< how long after its end a period can change
        SketchKey key{};         ///< the tenant's, for unique counts
        std::string currency{};  ///< the store's; "": that of the first receipt
        std::uint32_t k{1};      ///< fewest members that a told figure may describe
        /// Minutes of [from, to) in which at least one passive reader listened; absent: all.
        std::function<std::uint32_t(Instant from, Instant to)> observed{};
    };
    Figures(const StoreClock& clock, Setup setup);

    /// A visit settled or changed afterwards: the newest record counts.
    void note(const VisitRecord& visit, Instant now);
    /// A decision was made or its state changed.
    void note(const CouponRecord& coupon, Instant now);
    void note_passer_by(Instant at, Instant now);
    /// A sale that found no member.
    void note_missed(ReceiptMiss how, Instant at, Instant now);
    /// A void or refund too late to change its visit.
    void note_refund(Money amount, Instant at, Instant now);
    /// An unknown device was heard. Called for every one of a flood: constant, allocates nothing
    /// within an hour.
    void note_anonymous(const Token& token, Instant at, Instant now);

    /// Constant, unless something was noted since.
    std::optional<Instant> next_due() const;
    /// Issues what is due first: one period.
    Summary issue();

    /// Periods with anything unissued, for a checkpoint: as last issued, with the counts of now
    /// that follow from no visit; or, if never issued, with revision 0.
    std::vector<Summary> unissued() const;
    /// The same periods as they are now, up to `now`.
    std::vector<Summary> present(Instant now) const;
    /// After a restart: visits and coupons first (note), then what was known of the summaries.
    void restore(const Summary& known);
    void restored(Instant now);

    /// All of it; the periods that sightings of strangers belong to are looked up anew.
    template <class Archive>
    void archive(Archive& a)
    {
        if constexpr (Archive::reading) latest_ = {};
        a(setup_.currency, issued_until_, periods_, next_due_);
    }

 private:
    struct Period {
        Instant to;
        PeriodFacts facts;
        std::uint32_t revision{};
        Disclosed disclosed;
        std::optional<Summary> issued{};  ///< as it was told last
        std::optional<Instant> due;       ///< set while there is something unissued

        template <class Archive>
        void archive(Archive& a)
        {
            a(to, facts, revision, disclosed, issued, due);
        }
    };
    struct Key {
        Instant from;
        Summary::Bucket bucket{};
        friend auto operator<=>(const Key&, const Key&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(from, bucket);
        }
    };
    using Periods = std::map<Key, Period>;
    /// The hour and the day of the latest anonymous sighting.
    struct Latest {
        Instant from;
        Instant to;
        std::uint64_t salt{};
        Periods::value_type* hour{};
        Periods::value_type* day{};
    };

    Periods::value_type& period(Summary::Bucket bucket, Instant at);
    template <class Change>
    void note_in_both(Instant at, Instant now, Change change);
    void changed(Periods::value_type& period, Instant now);
    Summary summary_of(const Key& key, const Period& period, Instant until) const;
    Summary summary_of(const Key& key, const Period& period) const;
    Periods::iterator first_due();
    /// An hour of this day that can be told now that the day is over.
    Periods::iterator held_back(const Key& day);
    disclosure::Day day_of(const Key& key, std::size_t* place, std::vector<Key>* hours) const;
    void disclose(const Key& key, Period& period, bool closing);
    void forget_old(Instant now);
    /// So long ago that nothing is kept of it and nothing changes any more.
    bool over_for_good(Instant at, Instant now) const;

    const StoreClock& clock_;
    Setup setup_;
    Instant issued_until_{Instant::min()};  ///< latest due time that was served
    Periods periods_;
    Latest latest_;
    std::optional<Instant> next_due_;
};

}  // namespace raiten
