#include "daemon/kpi/figures.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>

namespace raiten {

using std::chrono::days;
using std::chrono::hours;
using Bucket = Summary::Bucket;

Figures::Figures(const StoreClock& clock, Setup setup) : clock_{clock}, setup_{std::move(setup)} {}

Figures::Periods::value_type& Figures::period(Bucket bucket, Instant at)
{
    const auto day = clock_.day_of(at);
    const Instant from = bucket == Bucket::hour ? clock_.hour_of(at) : clock_.start_of(day);
    auto [found, is_new] = periods_.try_emplace(Key{from, bucket});
    if (is_new) {
        found->second.to = bucket == Bucket::hour ? clock_.hour_of(from + hours{1})
                                                  : clock_.start_of(day + days{1});
    }
    return *found;
}

// ---- what happens -----------------------------------------------------------------------------

void Figures::changed(Periods::value_type& which, Instant now)
{
    auto& [key, period] = which;
    const auto was = period.due;
    if (period.issued && summary_of(key, period) == *period.issued) {
        // What was changed back, or in something that no figure shows, is not told again.
        period.due.reset();
    } else if (!period.due) {
        period.due = period.to + setup_.delay;
        // Already issued, or late: at the next full hour that is still to come.
        if (*period.due <= now)
            *period.due = clock_.hour_of(now - setup_.delay) + hours{1} + setup_.delay;
    }
    if (period.due == was) return;
    next_due_.reset();
    for (const auto& [other, each] : periods_)
        if (each.due && (!next_due_ || *each.due < *next_due_)) next_due_ = each.due;
}

bool Figures::over_for_good(Instant at, Instant now) const
{
    const auto to = clock_.start_of(clock_.day_of(at) + days{1});
    return to + setup_.delay + setup_.keep < now;
}

template <class Change>
void Figures::note_in_both(Instant at, Instant now, Change change)
{
    if (over_for_good(at, now)) return;
    for (const auto bucket : {Bucket::hour, Bucket::day}) {
        auto& which = period(bucket, at);
        change(which.second.facts);
        changed(which, now);
    }
}

void Figures::note(const VisitRecord& visit, Instant now)
{
    if (setup_.currency.empty()) setup_.currency = visit.currency();
    const bool none = visit.close_reason == CloseReason::withdrawn;
    const auto fact = fact_of(visit, setup_.key, setup_.currency);
    note_in_both(visit.opened_at, now, [&](PeriodFacts& facts) {
        if (none) {
            facts.visits.erase(visit.id);
        } else {
            facts.visits[visit.id] = fact;
        }
    });
    for (const auto& receipt : visit.receipts)
        note_in_both(receipt.at, now, [&](PeriodFacts& facts) {
            const ReceiptName name{receipt.pos, receipt.number, receipt.day};
            if (none) {
                facts.receipts.erase(name);
            } else {
                facts.receipts[name] = {visit.member, receipt.attribution};
            }
        });
}

void Figures::note(const CouponRecord& coupon, Instant now)
{
    const auto happened = [&](CouponState what, Instant at) {
        note_in_both(at, now, [&](PeriodFacts& facts) {
            facts.coupons[{coupon.id, what}] = coupon.member;
        });
    };
    const bool withheld = coupon.state == CouponState::withheld;
    happened(withheld ? CouponState::withheld : CouponState::triggered, coupon.decided_at);
    if (coupon.delivered_at) happened(CouponState::delivered, *coupon.delivered_at);
    if (coupon.closed_at && !withheld) happened(coupon.state, *coupon.closed_at);
}

void Figures::note_passer_by(Instant at, Instant now)
{
    note_in_both(at, now, [](PeriodFacts& facts) { ++facts.passers_by; });
}

void Figures::note_missed(ReceiptMiss how, Instant at, Instant now)
{
    note_in_both(at, now, [how](PeriodFacts& facts) {
        ++(how == ReceiptMiss::ambiguous   ? facts.ambiguous
           : how == ReceiptMiss::unmatched ? facts.unmatched
                                           : facts.foreign);
    });
}

void Figures::note_refund(Money amount, Instant at, Instant now)
{
    note_in_both(at, now, [amount](PeriodFacts& facts) { facts.late_refunds += amount; });
}

void Figures::note_anonymous(const Token& token, Instant at, Instant now)
{
    if (!latest_.hour || at < latest_.from || at >= latest_.to) {
        if (over_for_good(at, now)) return;
        latest_.hour = &period(Bucket::hour, at);
        latest_.day = &period(Bucket::day, at);
        latest_.from = latest_.hour->first.from;
        latest_.to = latest_.hour->second.to;
        const auto day = clock_.day_of(at).time_since_epoch().count();
        latest_.salt = KeyedHash{setup_.key.low, setup_.key.high}
                           .add("anonymous")
                           .add(static_cast<std::uint64_t>(day))
                           .value();
    }
    const auto hash =
        KeyedHash{latest_.salt, setup_.key.high}.add(token.key.high).add(token.key.low).value();
    for (auto* which : {latest_.hour, latest_.day}) {
        if (token.rotating) {
            which->second.facts.rotating.add(hash);
        } else {
            which->second.facts.anonymous.add(hash);
        }
        if (!which->second.due) changed(*which, now);
    }
}

// ---- what is issued ---------------------------------------------------------------------------

std::optional<Instant> Figures::next_due() const
{
    return next_due_;
}

/// Hours before their day.
Figures::Periods::iterator Figures::first_due()
{
    auto first = periods_.end();
    const auto rank = [](const auto& each) {
        return std::pair{*each->second.due, each->first.bucket};
    };
    for (auto each = periods_.begin(); each != periods_.end(); ++each)
        if (each->second.due && (first == periods_.end() || rank(each) < rank(first))) first = each;
    return first;
}

disclosure::Day Figures::day_of(const Key& key, std::size_t* place, std::vector<Key>* keys) const
{
    const auto day = clock_.day_of(key.from);
    const Instant from = clock_.start_of(day);
    const Instant to = clock_.start_of(day + days{1});
    static const PeriodFacts nothing;
    static const Disclosed unseen;
    disclosure::Day out;
    const auto whole = periods_.find(Key{from, Bucket::day});
    out.whole = whole == periods_.end()
                    ? disclosure::Part{&nothing, &unseen, false}
                    : disclosure::Part{&whole->second.facts, &whole->second.disclosed,
                                       whole->second.revision > 0};
    for (auto each = periods_.lower_bound(Key{from, Bucket::hour});
         each != periods_.end() && each->first.from < to; ++each) {
        if (each->first.bucket != Bucket::hour) continue;
        if (place && each->first == key) *place = out.hours.size();
        if (keys) keys->push_back(each->first);
        out.hours.push_back(
            {&each->second.facts, &each->second.disclosed, each->second.revision > 0});
    }
    return out;
}

void Figures::disclose(const Key& key, Period& period, bool closing)
{
    std::size_t place = 0;
    const auto day = day_of(key, &place, nullptr);
    period.disclosed = key.bucket == Bucket::day
                           ? disclosure::of_day(day, setup_.k)
                           : disclosure::of_hour(day, place, closing, setup_.k);
}

Figures::Periods::iterator Figures::held_back(const Key& key)
{
    if (setup_.k <= 1) return periods_.end();
    std::vector<Key> keys;
    const auto day = day_of(key, nullptr, &keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& part = day.hours[i];
        const auto hour = periods_.find(keys[i]);
        if (!part.issued || hour->second.due) continue;
        const auto now = disclosure::of_hour(day, i, true, setup_.k);
        if (now.told && now.rows.size() > part.disclosed->rows.size()) return hour;
    }
    return periods_.end();
}

Summary Figures::issue()
{
    auto first = first_due();
    // cppcheck-suppress derefInvalidIterator ; something is due, see next_due()
    const Instant due = *first->second.due;
    const bool closing = first->first.bucket == Bucket::day && first->second.revision == 0;
    if (closing) {
        if (const auto hour = held_back(first->first); hour != periods_.end()) first = hour;
    }
    auto& [key, period] = *first;
    issued_until_ = std::max(issued_until_, due);
    disclose(key, period, closing);
    period.due.reset();
    ++period.revision;
    const Summary summary = summary_of(key, period);
    period.issued = summary;
    forget_old(issued_until_);
    return summary;
}

void Figures::forget_old(Instant now)
{
    // The hours stay as long as their day.
    std::erase_if(periods_, [&](const auto& each) {
        return !each.second.due && over_for_good(each.first.from, now);
    });
    latest_ = {};
    next_due_.reset();
    for (const auto& [key, each] : periods_)
        if (each.due && (!next_due_ || *each.due < *next_due_)) next_due_ = each.due;
}

Summary Figures::summary_of(const Key& key, const Period& period) const
{
    return summary_of(key, period, period.to);
}

Summary Figures::summary_of(const Key& key, const Period& period, Instant until) const
{
    Summary sum;
    sum.bucket = key.bucket;
    sum.from = key.from;
    sum.to = period.to;
    sum.day = clock_.day_of(key.from);
    sum.revision = period.revision;
    sum.currency = setup_.currency;
    sum.disclosed = period.disclosed;
    if (period.issued) {
        // What readers did is not kept for as long as a period can change.
        sum.observed_minutes = period.issued->observed_minutes;
    } else if (setup_.observed) {
        sum.observed_minutes = setup_.observed(key.from, until);
    } else {
        sum.observed_minutes = static_cast<std::uint32_t>(
            std::chrono::floor<std::chrono::minutes>(until - key.from).count());
    }
    add_up(period.facts, sum);
    return sum;
}

// ---- restart ----------------------------------------------------------------------------------

std::vector<Summary> Figures::unissued() const
{
    std::vector<Summary> all;
    for (const auto& [key, each] : periods_) {
        if (!each.due) continue;
        const auto now = summary_of(key, each);
        all.push_back(each.issued.value_or(now));
        Summary& kept = all.back();
        kept.passers_by = now.passers_by;
        kept.rotating = now.rotating;
        kept.rotating_sketch = now.rotating_sketch;
        kept.anonymous = now.anonymous;
        kept.anonymous_sketch = now.anonymous_sketch;
        kept.late_refunds = now.late_refunds;
        kept.receipts = now.receipts;
        if (each.issued) kept.newer = each.issued->newer || kept != *each.issued;
    }
    return all;
}

std::vector<Summary> Figures::present(Instant now) const
{
    std::vector<Summary> all;
    for (const auto& [key, each] : periods_)
        if (each.due) all.push_back(summary_of(key, each, std::clamp(now, key.from, each.to)));
    return all;
}

void Figures::restore(const Summary& known)
{
    auto& [key, where] = period(known.bucket, known.from);
    PeriodFacts& facts = where.facts;
    where.revision = known.revision;
    where.disclosed = known.disclosed;
    facts.passers_by = known.passers_by;
    facts.late_refunds = known.late_refunds;
    facts.ambiguous = known.receipts.ambiguous;
    facts.unmatched = known.receipts.unmatched;
    facts.foreign = known.receipts.foreign;
    facts.anonymous = count_of<UniqueCount>(known.anonymous_sketch);
    facts.rotating = count_of<UniqueCount>(known.rotating_sketch);
    if (known.revision > 0)
        where.issued = known;
    else
        where.due = where.to + setup_.delay;  // also where nobody but passers-by was seen
}

void Figures::restored(Instant now)
{
    issued_until_ = now;
    // A visit of a period that cannot change any more has only come along with later ones.
    for (auto& [key, each] : periods_)
        if (over_for_good(key.from, now)) each.due.reset();
    forget_old(now);
    for (auto& each : periods_) {
        if (!each.second.due) continue;
        each.second.due.reset();
        changed(each, now - Millis{1});  // what is due at this very moment is still to come
    }
    forget_old(now);
}

}  // namespace raiten
