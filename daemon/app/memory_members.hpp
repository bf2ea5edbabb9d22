#pragma once

#include "daemon/engine/ports.hpp"

#include <map>
#include <unordered_map>

namespace raiten::app {

/// A member directory that lives as long as the process: for replays without a ledger.
class MemoryMembers final : public Members {
 public:
    std::optional<MemberId> member_of(const TokenKey& token) override;
    MemberRecord load(MemberId member) override;
    std::optional<MemberId> owner_of(CouponId coupon) override;

    /// Keeps the records of a consequence, or a newly enrolled member (id 0: gets the next one).
    MemberId put(MemberRecord record);
    /// A token belongs to one member at most; false if it is another's already.
    bool attach(MemberId member, const TokenKey& token);

 private:
    std::map<MemberId, MemberRecord> records_;
    std::unordered_map<TokenKey, MemberId> tokens_;
    std::map<CouponId, MemberId> coupons_;
};

}  // namespace raiten::app
