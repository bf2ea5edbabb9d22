#pragma once

#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/score_card.hpp"
#include "daemon/scoring/habits.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace raiten {

/// Who is behind a token, and what is known of a member. The promise that makes the engine
/// right across a slow disk: `load` returns what the engine was last told or itself last
/// changed, whether or not that change has reached the disk yet.
class Members {
 public:
    virtual ~Members() = default;

    /// Nothing for a token that nobody enrolled.
    virtual std::optional<MemberId> member_of(const TokenKey& token) = 0;
    /// The record of a member that member_of() named.
    virtual MemberRecord load(MemberId member) = 0;
    /// What the last night left of the member, if there was one.
    virtual std::optional<scoring::Habits> habits(MemberId member) = 0;
    /// Whose coupon it is, whether still hot or long decided.
    virtual std::optional<MemberId> owner_of(CouponId coupon) = 0;
};

/// Some expressions that are always asked together.
class SegmentSet {
 public:
    virtual ~SegmentSet() = default;
    /// For each expression, in their order, 1 where the card matches, else 0; until the next call.
    virtual std::span<const std::uint8_t> matching(const ScoreCard& card) = 0;
};

/// Whether a member belongs to a campaign's segment. The expressions were checked when the
/// campaigns came in; one that fails at run time (too many steps) does not match, and is the only
/// one that does not. An empty one means everybody.
class Segments {
 public:
    virtual ~Segments() = default;
    virtual std::unique_ptr<SegmentSet> together(const std::vector<std::string>& wheres) = 0;
};

}  // namespace raiten
