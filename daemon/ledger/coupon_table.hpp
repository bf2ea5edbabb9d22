#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

/// Decisions: few enough a day for an index by id and one by member.
namespace raiten::ledger {

/// Writes the coupon as it is now. `created`: engine time.
void put_coupon(Database& database, const CouponRecord& coupon, Instant created);

/// A member's coupons decided at or after `since`, or expiring after `now`: the newest
/// `count_max`, and of the older ones the newest 1,000 that are still open, in order of decision.
std::vector<CouponRecord> hot_coupons(Database& database, MemberId member, Instant now,
                                      Instant since, std::size_t count_max);

/// Of which something happened since: decided, delivered, or closed.
std::vector<CouponRecord> coupons_since(Database& database, Instant since);

/// Triggered or delivered: those that can still expire.
std::vector<CouponRecord> unexpired_coupons(Database& database);

std::optional<MemberId> owner_of_coupon(Database& database, CouponId coupon);
std::optional<CouponRecord> coupon_with(Database& database, CouponId coupon);

inline constexpr std::size_t coupons_page_max = 1000;
CouponPage coupons_page(Database& database, std::optional<MemberId> member,
                        std::optional<std::uint64_t> before, std::size_t limit);

}  // namespace raiten::ledger
