#pragma once

#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/score_card.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace raiten {

/// One moment in a member's life, as a campaign sees it.
struct Occasion {
    Moment moment{};
    std::string key;  ///< what there is one decision for: see PRODUCT.md's occasions
    std::optional<VisitId> visit;
    Instant at;
    std::optional<Millis> lead;  ///< of a predicted visit: only campaigns with this lead are asked
};

/// Why a campaign had nothing for a member, in the order in which it is asked.
enum class PassedOver : std::uint8_t {
    not_in_force,    ///< before its beginning or after its end
    not_agreed,      ///< the member has not agreed to its channel
    quiet,           ///< quiet hours
    per_member,      ///< the member has had enough of it
    member_rules,    ///< … of all campaigns together
    gap,             ///< the last coupon of any campaign is too recent
    store_rules,     ///< the store has given enough of all campaigns
    per_store,       ///< … of this one
    budget,          ///< what is left does not pay the dearest offer
    stock,           ///< nothing left
    lease,           ///< nothing left of what HQ leased
    segment,         ///< `where` does not match
    target,          ///< too little effect to be expected
    pacing,          ///< kept for those who are still to come
    decided_before,  ///< this very occasion
};
inline constexpr std::size_t passed_over_count = 15;
std::string_view text_of(PassedOver);

/// What became of the occasions that a campaign was asked about.
struct Funnel {
    std::uint64_t asked{}, given{}, withheld{};
    std::array<std::uint64_t, passed_over_count> passed_over{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(asked, given, withheld, passed_over);
    }
};

/// What is known of the member, made only if a campaign asks for it.
struct Look {
    const ScoreCard* card{};
    std::span<const std::uint8_t> matches;  ///< for each campaign of the moment: is in its segment
};

/// What an offer changes for one member, as far as it was learned.
struct Expected {
    std::optional<double> uplift;  ///< share that buys with it less that without
    bool in_target{true};          ///< by the campaign's `target`; also while nothing is learned
    std::string why;               ///< for people
    std::vector<double> features;  ///< to be kept with the decision
};

/// What deciding asks of others.
struct Asked {
    std::function<Look()> look;
    std::function<bool(CouponId)> decided_before;  ///< also long ago
    std::function<Expected(const Campaign&, const ScoreCard&)> expected;
};

/// Which coupon, for whom, now, and whether at all. Pure: every draw is a keyed hash of (seed,
/// campaign, member, occasion), so the same store decides the same again in a replay.
class Decisions {
 public:
    struct Setup {
        CampaignRules rules;
        std::uint64_t seed{};         ///< of this store's numbers and draws
        std::uint64_t tenant_seed{};  ///< of what is the same in all stores: who is in a control
    };

    Decisions(Setup setup, std::vector<Campaign> campaigns);

    void replace(std::vector<Campaign> campaigns);
    /// The segments of a moment's campaigns, in the order of Look::matches.
    std::vector<std::string> wheres(Moment moment) const;
    bool listens(Moment moment) const { return !of(moment).empty(); }
    /// Different times before a predicted visit, ascending.
    std::vector<Millis> leads() const;

    /// At most one decision per campaign, in order of campaign id. Takes what it decides into its
    /// own accounts; the caller keeps the member's `coupons`.
    std::vector<CouponRecord> decide(const Occasion& occasion, const MemberRecord& member,
                                     const StoreClock& clock, const Asked& asked);

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
    /// When nobody is bothered, and until when: the soonest end of quiet of a moment's campaigns
    /// with this lead that are quiet at that time.
    std::optional<Instant> quiet_until(Moment moment, Millis lead, Instant at,
                                       const StoreClock& clock) const;
    /// A coupon was answered for the first time: its arm did well.
    void answered(const CouponRecord& coupon);
    /// A coupon was redeemed, has expired, or was revoked: its state says so.
    void closed(const CouponRecord& coupon, const StoreClock& clock);

    const std::map<std::string, Spent>& spent() const { return spent_; }
    void restore(const std::string& campaign, const Spent& spent) { spent_[campaign] = spent; }
    const std::map<std::string, Funnel>& funnels() const { return funnels_; }

    /// The accounts; campaigns come from elsewhere.
    template <class Archive>
    void archive(Archive& a)
    {
        a(spent_, funnels_, control_kept_);
        for (auto& known : campaigns_) known.funnel = {};
    }

    static CouponId coupon_of(std::uint64_t seed, const std::string& campaign,
                              const std::string& member, const std::string& occasion);

 private:
    /// Where a campaign's row in funnels_ is, once it was looked for; a copy has rows of its own.
    struct FunnelPlace {
        FunnelPlace() = default;
        FunnelPlace(const FunnelPlace&) {}
        FunnelPlace& operator=(const FunnelPlace&)
        {
            row = nullptr;
            return *this;
        }
        Funnel* row{};
    };
    struct Known {
        Campaign campaign;
        Money dearest;                                 ///< cost of the dearest offer
        std::vector<const CardColumn*> asked_columns;  ///< that `where` names
        FunnelPlace funnel;
    };
    /// One occasion, while it is decided.
    struct Case {
        const Occasion& occasion;
        const MemberRecord& member;
        const StoreClock& clock;
        std::chrono::sys_days today;
    };
    std::optional<PassedOver> before_looking(const Known& known, const Case& of) const;
    std::optional<PassedOver> members_limit(const Campaign& campaign, const Case& of) const;
    std::optional<PassedOver> stores_limit(const Known& known, const Case& of) const;
    CouponRecord begun(const Known& known, const Case& of, CouponId id, const Look& look) const;
    bool withheld(const Campaign& campaign, const Case& of, CouponRecord& coupon);
    void draw_arm(const Campaign& campaign, const Case& of, CouponRecord& coupon);
    Funnel& funnel_of(Known& known)
    {
        if (!known.funnel.row) known.funnel.row = &funnels_[known.campaign.id];
        return *known.funnel.row;
    }
    const std::vector<std::size_t>& of(Moment moment) const
    {
        return by_moment_.at(static_cast<std::size_t>(moment));
    }

    std::vector<Known> campaigns_;  // by id
    std::array<std::vector<std::size_t>, moment_count> by_moment_;
    Setup setup_;
    std::map<std::string, Spent> spent_;
    std::map<std::string, Funnel> funnels_;
    std::map<std::string, double> control_kept_;
};

}  // namespace raiten
