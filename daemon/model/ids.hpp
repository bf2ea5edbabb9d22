#pragma once

#include "daemon/base/id.hpp"

#include <compare>
#include <cstdint>
#include <functional>

namespace raiten {

/// A member's row in this store's directory. Outside the device a member is known by `name` only
/// (see MemberRecord): the number differs from store to store.
using MemberId = Id<struct MemberTag>;

/// Place of a reader in the engine's table: configured readers first, then as they appear.
using ReaderId = Id<struct ReaderTag, std::uint16_t>;

/// Place of a zone in the engine's table.
using ZoneId = Id<struct ZoneTag, std::uint16_t>;

/// A visit: keyed hash of (member's name, how many visits the member had here before), so that
/// it is the same in a replay, after a restart, and in whatever order late events arrived.
using VisitId = Id<struct VisitTag>;

/// A coupon: keyed hash of (member's name, campaign, occasion): one decision for each.
using CouponId = Id<struct CouponTag>;

/// 128 bits of HMAC-SHA-256 over a token, under the tenant token key.
struct TokenKey {
    std::uint64_t high{};
    std::uint64_t low{};
    friend constexpr auto operator<=>(const TokenKey&, const TokenKey&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(high, low);
    }
};

}  // namespace raiten

template <>
struct std::hash<raiten::TokenKey> {
    std::size_t operator()(const raiten::TokenKey& key) const noexcept
    {
        return static_cast<std::size_t>(key.low);  // already a keyed hash
    }
};
