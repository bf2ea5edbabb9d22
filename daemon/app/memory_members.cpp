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

std::optional<MemberId> MemoryMembers::owner_of(CouponId coupon)
{
    const auto found = coupons_.find(coupon);
    if (found == coupons_.end()) return std::nullopt;
    return found->second;
}

MemberId MemoryMembers::put(MemberRecord record)
{
    if (record.id == MemberId{}) record.id = MemberId{records_.size() + 1};
    for (const auto& coupon : record.coupons) coupons_[coupon.id] = record.id;
    const auto id = record.id;
    records_[id] = std::move(record);
    return id;
}

bool MemoryMembers::attach(MemberId member, const TokenKey& token)
{
    return tokens_.try_emplace(token, member).first->second == member;
}

}  // namespace raiten::app
