#include "daemon/kpi/figures.hpp"

#include <algorithm>
#include <set>

namespace raiten {

using std::chrono::days;
using std::chrono::hours;

Figures::Figures(const StoreClock& clock, Millis delay, Millis keep)
    : clock_{clock}, delay_{delay}, keep_{keep}
{
}

std::pair<const Figures::Key, Figures::Period>& Figures::period(Summary::Bucket bucket, Instant at)
{
    const auto day = clock_.day_of(at);
    const Instant from =
        bucket == Summary::Bucket::hour ? clock_.hour_of(at) : clock_.start_of(day);
    auto [found, is_new] = periods_.try_emplace(Key{from, bucket});
    if (is_new) {
        found->second.to = bucket == Summary::Bucket::hour ? clock_.hour_of(from + hours{1})
                                                           : clock_.start_of(day + days{1});
    }
    return *found;
}

void Figures::changed(const Key& key, Period& period, Instant now)
{
    // What was changed back, or in something that no figure shows, is not told again.
    if (period.issued && summary_of(key, period) == *period.issued) return period.due.reset();
    if (period.due) return;
    period.due = period.to + delay_;
    // Already issued, or late: at the next full hour that is still to come.
    if (*period.due <= now) *period.due = clock_.hour_of(now - delay_) + hours{1} + delay_;
}

void Figures::note(const VisitRecord& visit, Instant now)
{
    for (const auto bucket : {Summary::Bucket::hour, Summary::Bucket::day}) {
        auto& [key, where] = period(bucket, visit.opened_at);
        if (visit.close_reason == CloseReason::withdrawn) {
            where.visits.erase(visit.id);
        } else {
            where.visits[visit.id] =
                Fact{visit.member, visit.ordinal == 0, visit.outcome() == VisitOutcome::purchase,
                     visit.streak, visit.spend(),      visit.currency()};
        }
        changed(key, where, now);
    }
}

void Figures::note_passer_by(Instant at, Instant now)
{
    for (const auto bucket : {Summary::Bucket::hour, Summary::Bucket::day}) {
        auto& [key, where] = period(bucket, at);
        ++where.passers_by;
        changed(key, where, now);
    }
}

std::optional<Instant> Figures::next_due() const
{
    std::optional<Instant> due;
    for (const auto& [key, each] : periods_)
        if (each.due && (!due || *each.due < *due)) due = each.due;
    return due;
}

Summary Figures::issue()
{
    auto first = periods_.end();
    for (auto each = periods_.begin(); each != periods_.end(); ++each)
        if (each->second.due && (first == periods_.end() || *each->second.due < *first->second.due))
            first = each;
    // cppcheck-suppress derefInvalidIterator ; something is due, see next_due()
    Period& period = first->second;
    issued_until_ = std::max(issued_until_, *period.due);
    period.due.reset();
    ++period.revision;
    // cppcheck-suppress derefInvalidIterator
    const Summary summary = summary_of(first->first, period);
    period.issued = summary;

    std::erase_if(periods_, [&](const auto& each) {
        return !each.second.due && each.second.to + delay_ + keep_ < issued_until_;
    });
    return summary;
}

Summary Figures::summary_of(const Key& key, const Period& period) const
{
    Summary sum;
    sum.bucket = key.bucket;
    sum.from = key.from;
    sum.to = period.to;
    sum.day = clock_.day_of(key.from);
    sum.revision = period.revision;
    sum.passers_by = period.passers_by;

    std::set<MemberId> members;
    for (const auto& [id, visit] : period.visits) {
        ++sum.visits;
        members.insert(visit.member);
        if (visit.first) ++sum.new_members;
        if (visit.streak > 0) ++sum.non_purchase_returns;
        if (!visit.purchase) {
            ++sum.non_purchase_visits;
            continue;
        }
        ++sum.purchase_visits;
        if (visit.streak > 0) ++sum.returns_with_purchase;
        sum.revenue += visit.spend;
        sum.currency = visit.currency;
        const auto took = std::min<std::size_t>(visit.streak, sum.visits_to_purchase.size() - 1);
        ++sum.visits_to_purchase[took];
        sum.spend_by_visits_to_purchase[took] += visit.spend;
    }
    sum.members = static_cast<std::uint32_t>(members.size());
    return sum;
}

std::vector<Summary> Figures::unissued() const
{
    std::vector<Summary> all;
    for (const auto& [key, each] : periods_)
        if (each.due) {
            all.push_back(each.issued.value_or(summary_of(key, each)));
            all.back().passers_by = each.passers_by;
        }
    return all;
}

void Figures::restore(const Summary& known)
{
    auto& [key, where] = period(known.bucket, known.from);
    where.revision = known.revision;
    where.passers_by = known.passers_by;
    if (known.revision > 0)
        where.issued = known;
    else
        where.due = where.to + delay_;  // also where nobody but passers-by was seen
}

void Figures::restored(Instant now)
{
    issued_until_ = now;
    // A visit of a period that cannot change any more has only come along with later ones.
    std::erase_if(periods_,
                  [&](const auto& each) { return each.second.to + delay_ + keep_ < now; });
    for (auto& [key, each] : periods_) {
        if (!each.due) continue;
        each.due.reset();
        changed(key, each, now - Millis{1});  // what is due at this very moment is still to come
    }
}

}  // namespace raiten
