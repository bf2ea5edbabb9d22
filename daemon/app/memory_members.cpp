#include "daemon/app/memory_members.hpp"

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
    const auto found = habits_.find(member);
    if (found == habits_.end()) return std::nullopt;
    return found->second;
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
