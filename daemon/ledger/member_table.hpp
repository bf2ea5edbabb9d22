#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

/// Members and tokens: the small tables in which random keys are allowed.
namespace raiten::ledger {

/// How much of a member's past a record carries.
struct Horizon {
    Millis amendable{std::chrono::hours{36}};      ///< late_receipt + max_visit
    Millis coupons{std::chrono::hours{24 * 400}};  ///< the longest limit period
};
inline constexpr std::size_t member_coupons_max = 256;

/// A member's own row, without visits and coupons.
std::optional<MemberRecord> member_basics(Database& database, MemberId member);

/// The whole record as of engine time `now`. `recent`: settled, left within horizon.amendable of
/// now, ascending by opening; `before_recent`: the last settled one before those; coupons: not
/// older than horizon.coupons or not expired, newest member_coupons_max, ascending.
std::optional<MemberRecord> load_member(Database& database, MemberId member, Instant now,
                                        const Horizon& horizon);

std::optional<MemberId> member_named(Database& database, const std::string& name);
std::optional<MemberId> member_with(Database& database, const TokenKey& token);
MemberId next_member(Database& database);

/// The fields that the engine changes; a member that is not there yet is made.
void put_history(Database& database, const MemberRecord& member);
/// The fields that the directory changes; a member that is not there yet is made.
void put_basics(Database& database, const MemberRecord& member);
void put_token(Database& database, const Token& token, MemberId member);

}  // namespace raiten::ledger
