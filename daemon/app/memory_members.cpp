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
    if (visit.state != VisitState::settled) return;
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
}

void MemoryMembers::put(ledger::ScoreRow row)
{
    const auto stage = row.card.stage.value_or(Stage::fresh);
    scores_[row.member] = {stage, row.stage_changes, std::move(row.habits)};
}

Result<void> MemoryMembers::each_member(const Take& take)
{
    for (const auto& [member, visits] : visits_) {
        const auto& record = records_.at(member);
        ledger::MemberHistory history;
        history.member = member;
        history.name = record.name;
        history.left_out = record.left_out();
        history.complete = true;
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
                                      const std::vector<Token>& tokens)
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
    for (const auto& token : tokens) {
        tokens_[token.key] = id;
        record.kinds = static_cast<TokenKinds>(record.kinds | kind_bit(token.kind));
    }
    return id;
}

}  // namespace raiten::app
