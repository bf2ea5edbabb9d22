#include "daemon/kpi/facts.hpp"

#include "daemon/kpi/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace raiten {
namespace {


double seconds_of(Millis span)
{
    return static_cast<double>(span.count()) / 1000.0;
}

void add_visit(const VisitFact& visit, Summary& sum)
{
    ++sum.visits;
    if (visit.first) ++sum.new_members;
    if (visit.streak > 0) ++sum.non_purchase_returns;
    if (visit.partly_blind) {
        ++sum.partly_blind;
    } else {
        ++sum.conversion_visits;
        if (visit.purchase) ++sum.conversion_purchases;
    }
    if (visit.dwell) {
        ++sum.dwell_visits;
        sum.dwell += *visit.dwell;
    }
    for (const auto& [name, span] : visit.zones) {
        Summary::Zone& zone = sum.zones[name];
        ++zone.visits;
        if (visit.purchase) ++zone.purchase_visits;
        zone.dwell += span;
    }
    if (!visit.purchase) {
        ++sum.non_purchase_visits;
        return;
    }
    ++sum.purchase_visits;
    if (visit.uncertain) ++sum.purchase_visits_uncertain;
    if (visit.streak > 0) ++sum.returns_with_purchase;
    sum.transactions += visit.transactions;
    sum.itemised += visit.itemised;
    sum.units += visit.units;
    sum.revenue += visit.spend;
    ++sum.visits_to_purchase[visit.step()];
    sum.spend_by_visits_to_purchase[visit.step()] += visit.spend;
    for (const auto& [currency, other] : visit.other_currencies) {
        sum.other_currencies[currency].transactions += other.transactions;
        sum.other_currencies[currency].revenue += other.revenue;
    }
}

void add_coupon(CouponState what, Summary::Coupons& sum)
{
    switch (what) {
        case CouponState::triggered:
            ++sum.triggered;
            return;
        case CouponState::withheld:
            ++sum.withheld;
            return;
        case CouponState::delivered:
            ++sum.delivered;
            return;
        case CouponState::redeemed:
            ++sum.redeemed;
            return;
        case CouponState::expired:
            ++sum.expired;
            return;
        case CouponState::revoked:
            ++sum.revoked;
            return;
    }
}

std::uint32_t rounded(double estimate)
{
    return static_cast<std::uint32_t>(std::llround(estimate));
}

template <class Count>
std::string united_count(const std::string& one, const std::string& other)
{
    auto count = count_of<Count>(one);
    count.merge(count_of<Count>(other));
    return text_of(count);
}

std::string united_digest(const std::string& one, const std::string& other)
{
    if (one.empty() || other.empty()) return one.empty() ? other : one;
    auto digest = Quantiles::from_text(one);
    const auto more = Quantiles::from_text(other);
    if (!digest || !more) return digest ? one : other;
    digest->merge(*more);
    return digest->text();
}

}  // namespace

std::string text_of(const UniqueCount& count)
{
    if (count == UniqueCount{}) return {};
    const auto bytes = count.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string text_of(const MeanCount& count)
{
    if (count == MeanCount{}) return {};
    std::string out;
    for (const auto& one : count.counts()) {
        const auto bytes = one.bytes();
        out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return out;
}

std::size_t VisitFact::step() const
{
    return std::min<std::size_t>(streak, 4);
}

VisitFact fact_of(const VisitRecord& visit, const SketchKey& key, const std::string& currency)
{
    VisitFact fact;
    fact.member = visit.member;
    fact.member_hash = key.hash(visit.member_name);
    fact.first = visit.ordinal == 0;
    fact.purchase = visit.outcome() == VisitOutcome::purchase;
    fact.partly_blind = visit.partly_blind();
    fact.streak = visit.streak;
    fact.dwell = visit.dwell();
    for (const auto& [zone, span] : visit.zones)
        if (span.count() > 0) fact.zones[zone] = span;
    for (const auto& receipt : visit.receipts) {
        if (!receipt.counts()) continue;
        const Money paid = receipt.total - receipt.undone;
        if (receipt.currency != currency) {
            auto& other = fact.other_currencies[receipt.currency];
            ++other.transactions;
            other.revenue += paid;
            continue;
        }
        fact.spend += paid;
        ++fact.transactions;
        if (receipt.units > Money{}) ++fact.itemised;
        fact.units += receipt.units;
    }
    fact.uncertain = visit.uncertain();
    return fact;
}

void add_up(const PeriodFacts& facts, Summary& sum)
{
    MeanCount unique;
    std::set<MemberId> members;
    std::vector<double> dwell;
    std::vector<double> spend;
    for (const auto& [id, visit] : facts.visits) {
        add_visit(visit, sum);
        members.insert(visit.member);
        unique.add(visit.member_hash);
        if (visit.dwell) dwell.push_back(seconds_of(*visit.dwell));
        if (visit.transactions > 0) spend.push_back(visit.spend.units());
    }
    sum.members = static_cast<std::uint32_t>(members.size());
    sum.members_sketch = text_of(unique);
    if (!dwell.empty()) sum.dwell_digest = Quantiles{std::move(dwell)}.text();
    if (!spend.empty()) sum.spend_digest = Quantiles{std::move(spend)}.text();

    sum.passers_by = facts.passers_by;
    sum.rotating_sketch = text_of(facts.rotating);
    sum.rotating = rounded(facts.rotating.estimate());
    sum.anonymous_sketch = text_of(facts.anonymous);
    sum.anonymous = rounded(facts.anonymous.estimate());
    sum.late_refunds = facts.late_refunds;
    for (const auto& [name, receipt] : facts.receipts)
        ++(receipt.attribution == Attribution::token ? sum.receipts.matched
                                                     : sum.receipts.inferred);
    sum.receipts.ambiguous = facts.ambiguous;
    sum.receipts.unmatched = facts.unmatched;
    sum.receipts.foreign = facts.foreign;
    for (const auto& [what, member] : facts.coupons) add_coupon(what.second, sum.coupons);
}

Summary merge(const Summary& one, const Summary& other)
{
    Summary sum = one;
    sum.disclosed = {};
    sum.from = std::min(one.from, other.from);
    sum.to = std::max(one.to, other.to);
    sum.day = std::min(one.day, other.day);
    for (const auto each :
         {&Summary::observed_minutes, &Summary::visits, &Summary::new_members,
          &Summary::purchase_visits, &Summary::purchase_visits_uncertain,
          &Summary::non_purchase_visits, &Summary::non_purchase_returns,
          &Summary::returns_with_purchase, &Summary::partly_blind, &Summary::conversion_visits,
          &Summary::conversion_purchases, &Summary::dwell_visits, &Summary::passers_by}) {
        sum.*each += other.*each;
    }
    sum.dwell += other.dwell;
    sum.members_sketch = united_count<MeanCount>(one.members_sketch, other.members_sketch);
    sum.members = rounded(count_of<MeanCount>(sum.members_sketch).estimate());
    sum.anonymous_sketch = united_count<UniqueCount>(one.anonymous_sketch, other.anonymous_sketch);
    sum.anonymous = rounded(count_of<UniqueCount>(sum.anonymous_sketch).estimate());
    sum.rotating_sketch = united_count<UniqueCount>(one.rotating_sketch, other.rotating_sketch);
    sum.rotating = rounded(count_of<UniqueCount>(sum.rotating_sketch).estimate());
    sum.dwell_digest = united_digest(one.dwell_digest, other.dwell_digest);

    if (one.currency.empty()) sum.currency = other.currency;
    const bool same = other.currency.empty() || other.currency == sum.currency;
    if (same) {
        sum.transactions += other.transactions;
        sum.itemised += other.itemised;
        sum.units += other.units;
        sum.revenue += other.revenue;
        sum.late_refunds += other.late_refunds;
        sum.spend_digest = united_digest(one.spend_digest, other.spend_digest);
    } else if (other.transactions > 0) {
        sum.other_currencies[other.currency].transactions += other.transactions;
        sum.other_currencies[other.currency].revenue += other.revenue;
    }
    for (const auto& [currency, foreign] : other.other_currencies) {
        if (currency == sum.currency) {
            sum.transactions += foreign.transactions;
            sum.revenue += foreign.revenue;
            continue;
        }
        sum.other_currencies[currency].transactions += foreign.transactions;
        sum.other_currencies[currency].revenue += foreign.revenue;
    }
    for (std::size_t i = 0; i < sum.visits_to_purchase.size(); ++i) {
        sum.visits_to_purchase[i] += other.visits_to_purchase[i];
        if (same) sum.spend_by_visits_to_purchase[i] += other.spend_by_visits_to_purchase[i];
    }

    using Receipts = Summary::Receipts;
    for (const auto each : {&Receipts::matched, &Receipts::inferred, &Receipts::ambiguous,
                            &Receipts::unmatched, &Receipts::foreign})
        sum.receipts.*each += other.receipts.*each;
    using Coupons = Summary::Coupons;
    for (const auto each : {&Coupons::triggered, &Coupons::withheld, &Coupons::delivered,
                            &Coupons::redeemed, &Coupons::expired, &Coupons::revoked})
        sum.coupons.*each += other.coupons.*each;
    for (const auto& [name, zone] : other.zones) {
        Summary::Zone& into = sum.zones[name];
        into.visits += zone.visits;
        into.purchase_visits += zone.purchase_visits;
        into.dwell += zone.dwell;
    }
    return sum;
}

}  // namespace raiten
