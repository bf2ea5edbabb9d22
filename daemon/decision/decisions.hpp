#pragma once

#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/score_card.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace raiten {

/// One moment in a member's life, as a campaign sees it.
struct Occasion {
    Moment moment{};
    std::string key;  ///< what there is one decision for: the visit's id
    std::optional<VisitId> visit;
    Instant at;
    ScoreCard card;
};

/// Which coupon, for whom, now, and whether at all. Pure: every draw is a keyed hash of (seed,
/// campaign, member, occasion), so the same store decides the same again in a replay.
class Decisions {
 public:
    using Matches = std::function<bool(const std::string& where, const ScoreCard& card)>;

    Decisions(std::vector<Campaign> campaigns, std::uint64_t seed);

    void replace(std::vector<Campaign> campaigns);

    /// At most one decision per campaign, in order of campaign id. Takes what it decides into its
    /// own accounts (budget, per day); the caller keeps the member's `coupons`.
    std::vector<CouponRecord> decide(const Occasion& occasion, const MemberRecord& member,
                                     const StoreClock& clock, const Matches& matches);

    struct Spent {
        Money budget;
        std::chrono::sys_days day{};
        std::uint32_t on_day{};
        friend bool operator==(const Spent&, const Spent&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(budget, day, on_day);
        }
    };
    const std::map<std::string, Spent>& spent() const { return spent_; }
    void restore(const std::string& campaign, const Spent& spent) { spent_[campaign] = spent; }
    /// The accounts; campaigns come from elsewhere.
    template <class Archive>
    void archive(Archive& a)
    {
        a(spent_);
    }

    static CouponId coupon_of(std::uint64_t seed, const std::string& campaign,
                              const std::string& member, const std::string& occasion);

 private:
    bool allowed(const Campaign& campaign, const Occasion& occasion, const MemberRecord& member,
                 std::chrono::sys_days today) const;
    std::optional<CouponRecord> decide_one(const Campaign& campaign, const Occasion& occasion,
                                           const MemberRecord& member, std::chrono::sys_days today,
                                           const Matches& matches);

    std::vector<Campaign> campaigns_;  // by id
    std::uint64_t seed_;
    std::map<std::string, Spent> spent_;
};

}  // namespace raiten
