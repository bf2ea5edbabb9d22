#pragma once

#include "daemon/decision/decisions.hpp"
#include "daemon/engine/backlog.hpp"
#include "daemon/engine/checkin_book.hpp"
#include "daemon/engine/crowd.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/hearing.hpp"
#include "daemon/engine/presence.hpp"
#include "daemon/engine/receipt_book.hpp"
#include "daemon/kpi/figures.hpp"

#include <array>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

namespace raiten {

/// The parts of the engine and how they are fed:
///
///     event ──► dedupe ──► live presence ──────────────► opened, ended, return, coupon
///                  │                                              │
///                  └─► backlog (event order, lateness behind)     ▼
///                          └─► settled presence ──► settle ──► streaks, figures, amendments
class Engine::Impl {
 public:
    static constexpr std::string_view register_zone = "register";
    static constexpr std::string_view entrance_zone = "entrance";

    Impl(Setup setup, Members& members, Segments& segments);

    Consequence apply(const Event& event);
    void restore(const Remembered& remembered);
    template <class Archive>
    void archive(Archive& a);
    std::string snapshot();
    /// Another one, as it was when the snapshot was made. This one must be new still.
    Result<std::unique_ptr<Impl>> resumed(std::string_view snapshot) const;
    Checkpoint checkpoint();
    std::vector<Summary> figures() const { return figures_.present(now_); }
    std::optional<Instant> next_due() const;
    std::optional<ReaderId> reader(const std::string& name, bool passive);
    std::vector<VisitRecord> present();
    ScoreCard card(MemberId member, Instant at);
    void replace_campaigns(std::vector<Campaign> campaigns);

    Setup setup_;
    Instant now_{};
    EngineCounts counts_;
    Decisions decisions_;
    std::shared_ptr<const scoring::Models> models_;
    std::unordered_map<std::string, ReaderId> reader_ids_;

    std::size_t unsettled() const;
    const std::vector<ExitTimes::Model>& exit_times() const { return exits_.models(); }

 private:
    /// A member who is near, or whose last visit is not settled yet.
    struct Hot {
        bool touched{};
        bool out{};  ///< in no result: see MemberRecord::left_out
        Presence::Person* live{};
        Presence::Person* settled{};
        Guest guest;
        std::optional<VisitId> current;  ///< the visit that the live presence is in
        std::vector<VisitRecord> open;   ///< not settled, ascending
        MemberRecord record;
        std::vector<Stay> behind;  ///< after a restart: those that the settled presence, which has
                                   ///< room for one, comes to later

        /// What it has in the two presences is found again by its number.
        template <class Archive>
        void archive(Archive& a)
        {
            a(out, guest, current, open, record, behind);
        }

        void audible(const Hearing::Readers& readers)
        {
            guest.audible = live->guest.audible = settled->guest.audible = readers;
        }
    };
    enum class Clockwork : std::uint8_t {
        live,
        backlog,
        settled,
        withdraw,
        figures,
        expiry,
        planned,
        lease,
        learn,
    };

    // a whole state as bytes (snapshot.cpp)
    std::uint64_t ground() const;
    bool find_places();

    // events (engine.cpp)
    void on(const Event& event, const Sighting& seen);
    void on(const Event& event, const CheckIn& shown);
    void on(const Event& event, const Receipt& receipt);
    void on(const Event& event, const ReaderState& state);
    void on(const Event& event, const Redemption& wish);
    void on(const Event& event, const Delivery& shown);
    void on(const Event& event, const MemberNotice& notice);
    void on(const Event& event, const StageMove& move);
    void on(const Event& event, const VisitForecast& told);
    void on(const Event& event, const Birthday& birthday);
    void on(const Event& event, const SurveyAnswered& answer);
    void on(const Event& event, const LeaseGrant& grant);
    void on(const Event& event, const Tick& tick);

    // time (timeline.cpp)
    std::optional<std::pair<Instant, Clockwork>> next() const;
    void advance(Instant to);
    void fire(Clockwork which, Instant due);
    void release(const Backlog::Held& held);
    void forget_old();
    void learn();
    Instant horizon() const { return now_ - setup_.rules.lateness; }

    // the live side (live.cpp)
    void on_live(const Transitions& transitions);
    VisitRecord new_visit(Hot& hot, Instant opened_at);
    void open_visit(Hot& hot, const Transition& opened);

    // what a campaign can answer (moments.cpp)
    struct Said {  ///< by the moment itself
        const VisitRecord* visit{};
        const Receipt* receipt{};
        const StageMove* move{};
        std::optional<std::uint8_t> survey_score{};
    };
    struct Planned {
        Instant due;
        Millis lead{};
        MemberId member;
        auto operator<=>(const Planned&) const = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(due, lead, member);
        }
    };
    void decide(Hot& hot, const Occasion& occasion, const Said& said);
    void decide_opened(Hot& hot, const VisitRecord& visit, bool returned, Instant at);
    void decide_left(Hot& hot, const VisitRecord& visit, Instant at);
    void decide_bought(Hot& hot, const Event& event, const Receipt& receipt);
    void tell_moment(ScoreCard& card, const MemberRecord& member, const Said& said,
                     Instant at) const;
    Expected expected_of(const Campaign& campaign, const ScoreCard& card) const;
    const scoring::CampaignUplift* uplift_of(const std::string& campaign) const;
    SegmentSet& segments_of(Moment moment);
    double local_hour(Instant at) const;
    static std::string occasion_of(const std::string& pos, const std::string& number,
                                   std::chrono::sys_days day);
    void plan();
    void unplan(MemberId member);
    void invite(const Planned& planned, Instant at);

    // what is known of a member (cards.cpp)
    ScoreCard card_of(const MemberRecord& member, const VisitRecord* visit, Instant at);
    std::optional<double> propensity_of(const MemberRecord& member, const VisitRecord& visit,
                                        const ScoreCard& card, Instant at) const;

    // the settled side (settling.cpp)
    void on_settled(const Transitions& transitions);
    bool stayed_outside(const Hot& hot, const Stay& stay) const;
    void settle(Hot& hot, const Stay& stay, Instant at);
    void withdraw(MemberId member, VisitId visit, Instant at);
    void drop_visit(Hot& hot, VisitRecord& visit, Instant at);
    void part_with(Hot& hot, CloseReason reason);
    void note_presence(Hot& hot, std::chrono::sys_days day);
    void note_long_day(Hot& hot, std::chrono::sys_days day);
    void settle_alone(Hot& hot, Instant at, const Source& source, OpenedBy by,
                      const VisitReceipt* receipt);
    void amend(Hot& hot, VisitRecord& visit, const std::string& reason);
    void rechain_after(Hot& hot, std::size_t first);
    void recheck_open(Hot& hot);
    void correct_return(Hot& hot, VisitRecord& visit, std::uint32_t was);
    void account(MemberRecord& member, const VisitRecord& visit, int sign);
    /// After this visit's receipts were undone: the last purchase is the last one that stands, see
    /// MemberRecord::last_purchase_at.
    static void recall_purchase(MemberRecord& member, const VisitRecord& visit);
    void take_undone(VisitRecord& visit, MemberId member);

    // receipts (receipts.cpp)
    void sell(const Event& event, const Receipt& receipt, std::optional<MemberId> member);
    void undo(const Event& event, const Receipt& receipt);
    void late_sale(Hot& hot, const VisitReceipt& receipt, Instant at);
    enum class Inferred : std::uint8_t { one, several, none };
    Inferred infer(Presence& presence, VisitReceipt receipt, Transitions& out);
    void note_missed(Inferred how, Instant at);
    /// Once a visit is over: takes away, and gives, inferred receipts that are more likely somebody
    /// else's.
    std::vector<VisitReceipt> doubt(std::vector<VisitReceipt>& receipts, Instant left_at) const;
    std::optional<double> register_confidence(const Presence& presence,
                                              const Presence::Person& person, Instant at) const;

    // members
    Hot* identify(const Token& token);
    Hot& hot(MemberId member);
    /// As of `lateness` ago.
    const Stay* settled_stay(Hot& hot);
    void make_room(Hot& hot);
    VisitRecord* open_visit_of(Hot& hot, VisitId id);
    static void write(VisitRecord& visit, const Stay& stay);
    void changed(const VisitRecord& visit);
    void changed(Hot& hot) { members_changed_.insert(hot.record.id); }
    void changed(const CouponRecord& coupon);
    void effect(Instant at, decltype(Effect::what) what);
    void collect();

    // coupons (coupons.cpp)
    CouponRecord* coupon_of(Hot& hot, CouponId id);
    struct Expiry;
    void expire(const Expiry& due);
    void answered(CouponRecord& coupon, Instant at);
    void answered_by_sale(Hot& hot, Instant at);
    void close_coupon(Hot& hot, CouponRecord& coupon, CouponState state, Instant at,
                      std::string where);
    void revoke(Hot& hot, const std::function<bool(const CouponRecord&)>& which,
                const std::string& reason);
    void revoke_about(Hot& hot, VisitId visit, Moment moment, const std::string& reason);

    const Source& source_of(ReaderId reader) const { return sources_.at(reader.value()); }
    Hearing::Readers audible(TokenKinds kinds) const;
    Hearing::Readers in_zone(std::string_view zone) const;
    std::uint32_t observed_minutes(Instant from, Instant to) const;

    Members& members_;
    Segments& segments_;
    std::vector<ReaderInfo>& readers_;
    const std::size_t readers_configured_;  ///< the first of them
    std::vector<Source> sources_;           ///< the same readers
    Hearing hearing_;
    ExitTimes exits_;
    std::optional<Instant> learn_due_;
    Presence live_;
    Presence settled_;
    Backlog backlog_;
    CheckInBook checkins_;
    CheckInBook settled_checkins_;
    ReceiptBook receipts_;
    Crowd crowd_;
    Figures figures_;
    std::unordered_map<MemberId, Hot> hot_;

    struct Withdrawal {
        Instant due;
        MemberId member;
        VisitId visit;
        auto operator<=>(const Withdrawal&) const = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(due, member, visit);
        }
    };
    struct Expiry {
        Instant due;
        CouponId coupon;
        MemberId member;
        auto operator<=>(const Expiry&) const = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(due, coupon, member);
        }
    };
    std::set<Withdrawal> withdrawals_;
    std::set<Expiry> expiries_;
    struct Forecast {
        Instant visit_at;
        std::uint32_t after_visits{};
        std::chrono::sys_days first_expected{};
        Instant from;  ///< nothing is due before
        Instant due(Millis lead) const { return std::max(visit_at - lead, from); }
        template <class Archive>
        void archive(Archive& a)
        {
            a(visit_at, after_visits, first_expected, from);
        }
    };
    static constexpr std::size_t forecasts_max = 500'000;  ///< beyond, no further ones are taken
    std::map<MemberId, Forecast> forecasts_;
    std::set<Planned> planned_;
    std::vector<Millis> planned_leads_;  ///< of the campaigns that planned_ was made for
    std::array<std::unique_ptr<SegmentSet>, moment_count> segment_sets_;
    Instant forgotten_until_{};
    Instant campaigns_kept_at_{};

    Consequence* out_{};
    std::vector<VisitRecord> visits_changed_;
    std::vector<CouponRecord> coupons_changed_;
    std::set<MemberId> members_changed_;
    std::vector<Hot*> touched_;
};

}  // namespace raiten
