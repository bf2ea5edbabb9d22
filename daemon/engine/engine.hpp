#pragma once

#include "daemon/base/result.hpp"
#include "daemon/decision/decisions.hpp"
#include "daemon/engine/exit_times.hpp"
#include "daemon/engine/ports.hpp"
#include "daemon/kpi/unique_count.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/effect.hpp"
#include "daemon/model/event.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/score_card.hpp"
#include "daemon/scoring/models.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten {

/// A source of sightings or check-ins as the configuration describes it.
struct ReaderInfo {
    std::string name;
    std::string zone;    ///< "" if unknown
    bool passive{};      ///< hears tokens by itself
    TokenKinds hears{};  ///< passive readers: which kinds

    template <class Archive>
    void archive(Archive& a)
    {
        a(name, zone, passive, hears);
    }
};

/// What became of an event.
enum class Verdict : std::uint8_t {
    accepted,
    duplicate,  ///< told before; nothing changed
    conflict,   ///< the same receipt key with other content: the first stays
    late,       ///< a sighting older than the lateness: dropped
    unknown,    ///< nobody enrolled this token, or nothing is known by this number
    left_out,   ///< staff, or a member without consent
    refused,    ///< against a rule; `reason` says which
};

/// Everything that follows from one event, to be made durable as one whole.
struct Consequence {
    Verdict verdict{Verdict::accepted};
    std::string reason;
    Effects effects;
    std::vector<VisitRecord> visits;     ///< as they are now, each changed one once
    std::vector<MemberRecord> members;   ///< likewise
    std::vector<CouponRecord> coupons;   ///< likewise
    std::optional<CouponRecord> coupon;  ///< the one that a redemption or delivery was about
    std::optional<VisitId> visit;  ///< the one that a check-in or receipt belongs to, if known now
    std::vector<ExitTimes::Model> exits;  ///< all of them, where they were learned anew
    std::vector<LeaseRow> leases;         ///< those that changed
    bool timers_fired{};
};

/// What the engine must be given back after a restart, as the ledger kept it.
struct Remembered {
    Instant engine_time;                 ///< largest received_at or tick that was committed
    std::vector<VisitRecord> unsettled;  ///< open and ended
    std::vector<VisitRecord> settled;    ///< those of the summaries that may still be corrected
    std::vector<Summary> summaries;      ///< the newest of those, issued or not
    struct ReceiptKey {
        std::string pos;
        std::string number;
        ReceiptKind kind{};
        std::chrono::sys_days day{};
        std::uint64_t content{};  ///< Engine::content_of()
        Instant at;
        Money total;
        std::string refers_to;
    };
    std::vector<ReceiptKey> receipts;  ///< ascending by `at`
    struct CheckInKey {
        std::string reader;
        TokenKey token;
        std::string id;
        Instant at;
    };
    std::vector<CheckInKey> checkins;                      ///< ascending by `at`
    std::map<std::string, Decisions::Recalled> standings;  ///< by campaign
    std::string campaigns_learned;                         ///< Checkpoint::campaigns_learned
    struct ReaderChange {
        std::string name;
        bool passive{};
        Instant at;
        bool up{};
    };
    std::vector<ReaderChange> readers;     ///< ascending by `at`, of the last two days
    std::vector<CouponRecord> unexpired;   ///< coupons whose expiry is still to come
    std::vector<VisitForecast> forecasts;  ///< of the last night, still to come
    std::vector<ExitTimes::Model> exits;
    std::vector<CouponRecord> coupons;  ///< of which something happened since those summaries began
};

struct Checkpoint {
    std::vector<VisitRecord> visits;
    std::vector<Summary> summaries;
    std::vector<ExitTimes::Model> exits;
    std::optional<std::string> campaigns_learned;  ///< Decisions::learned(), once an hour
};

/// Counts since the start, or of the life before too where its whole state was taken up, by reason;
/// for metrics and the doctor.
struct EngineCounts {
    std::uint64_t sightings{}, checkins{}, receipts{}, reader_states{}, ticks{}, redemptions{};
    std::uint64_t duplicates{}, conflicts{}, late{}, unknown_tokens{}, rotating_tokens{};
    std::uint64_t left_out{}, weak{}, ahead{}, passers_by{}, unmatched_receipts{}, suspected{};
    std::uint64_t forecasts_dropped{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(sightings, checkins, receipts, reader_states, ticks, redemptions, duplicates, conflicts,
          late, unknown_tokens, rotating_tokens, left_out, weak, ahead, passers_by,
          unmatched_receipts, suspected, forecasts_dropped);
    }
};

/// The whole store: visits, returns, decisions, figures. apply() is the only way in and its
/// return value the only way out. Pure: what it answers is a function of the sequence of events
/// (with their received_at), of what the ports answered, and of its construction; no clock, no
/// dice, no file. How often it ticks changes nothing.
class Engine {
 public:
    struct Setup {
        VisitRules rules;
        StoreClock clock;
        std::vector<ReaderInfo> readers;
        std::vector<Campaign> campaigns;
        CampaignRules campaign_rules{};
        std::uint64_t tenant_seed{};   ///< of what is the same in all stores of the tenant
        std::uint64_t seed{};          ///< of ids and draws: the same in a replay as live
        SketchKey sketch_key{};        ///< the tenant's, of unique counts
        std::string currency{};        ///< the store's
        std::uint32_t k_anonymity{1};  ///< fewest members that a told figure may describe
    };

    Engine(Setup setup, Members& members, Segments& segments);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Before the first event, after a restart.
    void restore(const Remembered& remembered);

    /// All that apply() will ever answer follows from: an engine that is given these bytes goes on
    /// as this one would, to the byte. Equal states give equal bytes. Between two events only.
    std::string snapshot() const;
    /// Before the first event, instead of the other restore(), with members() as they were at the
    /// snapshot. A Problem, and nothing changed, if the bytes are damaged, of another format, or
    /// made under other rules, readers, offsets or keys. Campaigns may be others.
    Result<void> restore(std::string_view snapshot);

    Consequence apply(const Event& event);

    /// What has changed since it was last told and is in no Consequence: the last observations of
    /// open visits, and the counts of periods that are not issued yet. Once a minute, so that a
    /// restart loses little.
    Checkpoint checkpoint();

    /// When apply(Tick) would next have something to do; nothing if only events can change that.
    std::optional<Instant> next_due() const;
    /// Largest received_at or tick so far.
    Instant now() const;

    /// The reader of that name; an unknown one is taken in with no zone, while there is room
    /// (readers_max), since a check-in at an unlisted desk is still a check-in.
    std::optional<ReaderId> reader(const std::string& name, bool passive);
    const ReaderInfo& info(ReaderId reader) const;

    void replace_campaigns(std::vector<Campaign> campaigns);
    /// What cards are made with from now on; like the campaigns, not part of a snapshot.
    void replace_models(std::shared_ptr<const scoring::Models> models);
    std::shared_ptr<const scoring::Models> models() const;
    /// All that is known of the member at that moment, which is now or later; of a visit that is
    /// open too. The same card that a campaign's `where` would see.
    ScoreCard card(MemberId member, Instant at);
    /// What the campaigns have used up, and what became of the occasions they were asked about.
    const Decisions& decisions() const;
    const EngineCounts& counts() const;
    /// What was learned of each make of tag: Token::model, and the time-out in force.
    const std::vector<ExitTimes::Model>& exit_times() const;
    /// Something is on its way: visits, candidates, or events whose turn has not come. 0 when all
    /// has settled.
    std::size_t unsettled() const;
    /// The summaries that have not been issued as they are now, up to this moment.
    std::vector<Summary> figures() const;
    /// Open and ended visits as they are at this moment.
    std::vector<VisitRecord> present() const;

    static std::uint64_t content_of(const Receipt& receipt);
    /// Of the member's visit of that number, 0 the first, under Setup::seed.
    static VisitId visit_id(std::uint64_t seed, const std::string& member, std::uint32_t ordinal);
    static constexpr std::size_t readers_max = 256;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raiten
