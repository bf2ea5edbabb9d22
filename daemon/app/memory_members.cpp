#include "daemon/app/memory_members.hpp"

#include <algorithm>
#include <tuple>

namespace raiten::app {

std::optional<MemberId> MemoryMembers::member_of(const TokenKey& token)
{
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) return std::nullopt;
    return found->second;
}

MemberRecord MemoryMembers::load(MemberId member)
{
    return records_.at(member);
}

std::optional<scoring::Habits> MemoryMembers::habits(MemberId member)
{
    const auto found = scores_.find(member);
    return found == scores_.end() ? std::nullopt : found->second.habits;
}

std::optional<MemberId> MemoryMembers::owner_of(CouponId coupon)
{
    const auto found = coupons_.find(coupon);
    if (found == coupons_.end()) return std::nullopt;
    return found->second;
}

void MemoryMembers::put(MemberRecord record)
{
    for (const auto& coupon : record.coupons) coupons_[coupon.id] = record.id;
    const auto id = record.id;
    records_[id] = std::move(record);
}

void MemoryMembers::put(const VisitRecord& visit)
{
    if (visit.state != VisitState::settled) {
        unsettled_[visit.member][visit.ordinal] = visit.opened_at;
        return;
    }
    if (const auto open = unsettled_.find(visit.member); open != unsettled_.end())
        open->second.erase(visit.ordinal);
    auto& all = visits_[visit.member];
    if (visit.close_reason == CloseReason::withdrawn) {
        all.erase(visit.ordinal);
        return;
    }
    ledger::SettledVisit& kept = all[visit.ordinal];
    kept.opened_at = visit.opened_at;
    kept.ordinal = visit.ordinal;
    kept.purchase = visit.outcome() == VisitOutcome::purchase;
    kept.streak = visit.streak;
    kept.spend = visit.spend();
    kept.uncertain = visit.uncertain();
    kept.left_at = visit.left_at;
    kept.dwell = visit.dwell();
    kept.passive = visit.passive;
    kept.blind = visit.blind;
    kept.doubtful = visit.doubtful;
    kept.zones = visit.zones;
    kept.readers = visit.readers;
    kept.receipts = visit.receipts;
}

void MemoryMembers::put(const CouponRecord& coupon)
{
    auto& decided = decided_[coupon.campaign];
    const auto [place, fresh] = decided.place.try_emplace(coupon.id, decided.all.size());
    if (fresh)
        decided.all.push_back(coupon);
    else
        decided.all[place->second] = coupon;
}

std::vector<ledger::OutcomeVisit> MemoryMembers::outcome_visits(MemberId member) const
{
    std::vector<ledger::OutcomeVisit> out;
    if (const auto settled = visits_.find(member); settled != visits_.end())
        for (const auto& [ordinal, visit] : settled->second)
            out.push_back({visit.opened_at, visit.left_at, true, visit.uncertain,
                           visit.blind * 5 > visit.left_at - visit.opened_at, visit.receipts});
    if (const auto open = unsettled_.find(member); open != unsettled_.end())
        for (const auto& [ordinal, opened_at] : open->second)
            out.push_back({opened_at, opened_at, false, false, false, {}});
    return out;
}

Result<void> MemoryMembers::each_decision(const std::string& campaign, Instant settled_before,
                                          const TakeDecision& take)
{
    const auto decided = decided_.find(campaign);
    if (decided == decided_.end()) return {};
    std::map<MemberId, std::vector<const CouponRecord*>> by_member;
    for (const auto& coupon : decided->second.all)
        if (coupon.state != CouponState::revoked && coupon.expires_at < settled_before
            && coupon.decided_at < settled_before)
            by_member[coupon.member].push_back(&coupon);
    for (const auto& [member, coupons] : by_member) {
        const auto& record = records_.at(member);
        if (record.left_out()) continue;
        const auto visits = outcome_visits(member);
        for (const auto* coupon : coupons) {
            ledger::PastDecision one;
            one.id = coupon->id;
            one.member = member;
            one.member_name = record.name;
            one.decided_at = coupon->decided_at;
            one.expires_at = coupon->expires_at;
            one.withheld = coupon->state == CouponState::withheld;
            one.redeemed = coupon->state == CouponState::redeemed;
            one.offer = coupon->offer;
            one.arm_probability = coupon->arm_probability;
            one.control = coupon->control;
            one.uplift = coupon->uplift;
            one.features = coupon->features;
            one.cost = coupon->cost;
            if (ledger::find_outcome(one, visits) && !take(one)) return {};
        }
    }
    return {};
}

void MemoryMembers::put(const ledger::ReceiptRow& receipt)
{
    const auto& key = receipt.key;
    ledger::Basket basket;
    basket.row = baskets_.size() + 1;
    basket.at = key.at;
    basket.day = key.day;
    basket.pos = key.pos;
    basket.number = key.number;
    basket.kind = key.kind;
    basket.refers_to = key.refers_to;
    basket.lines = receipt.lines;
    if (key.kind == ReceiptKind::sale)
        sales_.emplace(Sale{key.day, key.pos, key.number}, baskets_.size());
    baskets_.push_back(std::move(basket));
}

Result<std::vector<ledger::Basket>> MemoryMembers::baskets_after(std::uint64_t row,
                                                                 std::size_t limit)
{
    std::vector<ledger::Basket> out;
    for (auto i = row; i < baskets_.size() && out.size() < limit; ++i) out.push_back(baskets_[i]);
    return out;
}

Result<std::vector<ReceiptLine>> MemoryMembers::sold(const VisitReceipt& receipt)
{
    const auto found = sales_.find({receipt.day, receipt.pos, receipt.number});
    return found == sales_.end() ? std::vector<ReceiptLine>{} : baskets_[found->second].lines;
}

void MemoryMembers::put(ledger::ScoreRow row)
{
    const auto stage = row.card.stage.value_or(Stage::fresh);
    scores_[row.member] = {stage, row.stage_changes, std::move(row.habits), true,
                           row.card.next_visit_at};
}

void MemoryMembers::drop_score(MemberId member)
{
    const auto found = scores_.find(member);
    if (found == scores_.end()) return;
    found->second.habits.reset();
    found->second.scored = false;
}

Result<void> MemoryMembers::each_member(const Take& take, ledger::Detail)
{
    for (const auto& [member, visits] : visits_) {
        const auto& record = records_.at(member);
        ledger::MemberHistory history;
        history.member = member;
        history.name = record.name;
        history.left_out = record.left_out();
        history.birth_month = record.birth_month;
        history.opened = record.visits;
        history.complete = true;
        for (const auto& coupon : record.coupons)
            if (coupon.state != CouponState::withheld)
                history.in_hand.push_back(
                    {coupon.decided_at, coupon.closed_at.value_or(coupon.expires_at)});
        for (const auto& [ordinal, visit] : visits) history.visits.push_back(visit);
        std::sort(history.visits.begin(), history.visits.end(), [](auto& a, auto& b) {
            return std::tie(a.opened_at, a.ordinal) < std::tie(b.opened_at, b.ordinal);
        });
        if (!take(history)) break;
    }
    return {};
}

Result<std::optional<ledger::StoredScore>> MemoryMembers::score(MemberId member)
{
    const auto found = scores_.find(member);
    if (found == scores_.end()) return std::optional<ledger::StoredScore>{};
    return std::optional{found->second};
}

Result<MemberId> MemoryMembers::enrol(const std::string& name, bool staff, bool consent,
                                      std::optional<std::uint8_t> birth_month,
                                      const std::vector<Token>& tokens,
                                      std::optional<Channels> channels)
{
    const auto known = names_.find(name);
    const auto id = known == names_.end() ? MemberId{records_.size() + 1} : known->second;
    for (const auto& token : tokens) {
        const auto owner = tokens_.find(token.key);
        if (owner != tokens_.end() && owner->second != id)
            return Problem{"a token belongs to " + records_.at(owner->second).name + " already",
                           name, "one token, one member"};
    }
    names_[name] = id;
    MemberRecord& record = records_[id];
    record.id = id;
    record.name = name;
    record.staff = staff;
    record.consent = consent;
    record.birth_month = birth_month;
    if (channels) record.channels = *channels;
    for (const auto& token : tokens) {
        tokens_[token.key] = id;
        record.kinds = static_cast<TokenKinds>(record.kinds | kind_bit(token.kind));
    }
    return id;
}

}  // namespace raiten::app
