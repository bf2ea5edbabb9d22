#pragma once

#include "daemon/decision/account.hpp"
#include "daemon/decision/arms.hpp"
#include "daemon/decision/demand_curve.hpp"
#include "daemon/decision/pacing.hpp"
#include "daemon/decision/use_counts.hpp"
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
#include <set>
#include <span>
#include <string>
#include <string_view>
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

    /// When those who are quiet at that time may be asked again: the soonest end of quiet among a
    /// moment's campaigns with this lead.
    std::optional<Instant> quiet_until(Moment moment, Millis lead, Instant at,
                                       const StoreClock& clock) const;
    /// A coupon was answered for the first time: its arm did well.
    void answered(const CouponRecord& coupon);
    /// A coupon was redeemed, has expired, or was revoked: its state says so.
    void closed(const CouponRecord& coupon, const StoreClock& clock);
    /// A visit was opened: what pacing goes by.
    void note_visit(Instant opened_at, const StoreClock& clock);

    /// HQ leases; false if it is not newer than what is known, or there is no room for another
    /// campaign.
    bool grant(const LeaseGrant& grant);
    /// When a lease has to be given back.
    std::optional<Instant> lease_due() const { return lease_due_; }
    std::vector<LeaseReport> give_back(Instant now);
    /// Those that have changed since they were last asked for.
    std::vector<LeaseRow> changed_leases();

    /// What one campaign has done so far.
    struct Standing {
        CampaignAccount account;
        Arms arms;
        Pacing pacing;
        Funnel funnel;
        double control{};  ///< the largest share that was ever withheld

        template <class Archive>
        void archive(Archive& a)
        {
            a(account, arms, pacing, funnel, control);
        }
    };
    const std::map<std::string, Standing>& standings() const { return standings_; }
    std::vector<Campaign> campaigns() const;

    /// What the ledger's rows say of a campaign, after a restart.
    struct Recalled {
        AccountRows account;  ///< without `uses` and `pieces`, which follow from `recent`
        struct Use {
            Instant decided_at;
            CouponState state{};
            std::optional<Instant> closed_at;
            bool took_stock{};
        };
        std::vector<Use> recent;  ///< of the last 32 days, neither withheld nor revoked
        struct Arm {
            std::string offer;
            std::uint32_t given{}, answered{};
        };
        std::vector<Arm> arms;  ///< the one given last stands last
        double control{};
    };
    void recall(const std::string& campaign, Recalled rows, const StoreClock& clock);
    /// All but what the ledger's rows say: pacing, the curve of visits, the funnels.
    std::string learned() const;
    /// Bytes that another version wrote are passed over.
    void recall_learned(std::string_view bytes);

    /// The standings; campaigns come from elsewhere.
    template <class Archive>
    void archive(Archive& a)
    {
        a(standings_, store_uses_, curve_, lease_due_);
        for (auto& known : campaigns_) known.standing = {};
    }

    /// Of this and former campaigns; what was before is kept, but no lease of another is taken.
    static constexpr std::size_t standings_max = 10'000;

    static CouponId coupon_of(std::uint64_t seed, const std::string& campaign,
                              const std::string& member, const std::string& occasion);

 private:
    /// Where a campaign's standing is, once it was looked for: rows of the map stay where they are.
    /// A copy has others.
    struct StandingPlace {
        StandingPlace() = default;
        StandingPlace(const StandingPlace&) {}
        StandingPlace& operator=(const StandingPlace&)
        {
            row = nullptr;
            return *this;
        }
        Standing* row{};
    };
    struct Known {
        Campaign campaign;
        std::vector<std::string> codes;                ///< of its offers
        Money dearest;                                 ///< cost of the dearest offer
        std::vector<const CardColumn*> asked_columns;  ///< that `where` names
        StandingPlace standing;
    };
    /// One occasion, while it is decided.
    struct Case {
        const Occasion& occasion;
        const MemberRecord& member;
        const StoreClock& clock;
        std::chrono::sys_days today;
    };
    /// Which group a member is in.
    struct Group {
        bool control{};
        double share{};  ///< that is in it
        std::string why;
    };
    Standing& standing_of(const std::string& campaign);
    Standing& standing_of(Known& known);
    std::optional<PassedOver> before_looking(const Known& known, const Case& of) const;
    bool quiet(const Campaign& campaign, const Case& of) const;
    std::optional<PassedOver> members_limit(const Campaign& campaign, const Case& of) const;
    std::optional<PassedOver> stores_limit(const Known& known, const Case& of) const;
    std::optional<PassedOver> paced_out(const Known& known, const Case& of, bool control);
    Group group_of(const Campaign& campaign, const Case& of);
    CouponRecord begun(const Known& known, const Case& of, CouponId id, const Look& look) const;
    void draw_arm(const Known& known, const Case& of, CouponRecord& coupon);
    void look_at_leases(const std::string& campaign);
    const std::vector<std::size_t>& of(Moment moment) const
    {
        return by_moment_.at(static_cast<std::size_t>(moment));
    }

    std::vector<Known> campaigns_;  // by id
    std::array<std::vector<std::size_t>, moment_count> by_moment_;
    Setup setup_;
    std::map<std::string, Standing> standings_;
    UseCounts store_uses_;  // of all campaigns
    DemandCurve curve_;
    std::optional<Instant> lease_due_;
    std::set<std::string> leases_changed_;
};

}  // namespace raiten
