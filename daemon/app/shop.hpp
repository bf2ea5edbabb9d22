#pragma once

#include "daemon/app/envelope.hpp"
#include "daemon/app/identity.hpp"
#include "daemon/app/memory_members.hpp"
#include "daemon/app/ndjson.hpp"
#include "daemon/app/night.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ledger/ledger.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

/// What becomes of an event, once it is durable.
struct Answer {
    Verdict verdict{Verdict::accepted};
    std::string reason;
    std::optional<VisitId> visit;
    std::optional<CouponRecord> coupon;
};

/// What somebody answered when asked whether one would recommend the store.
struct SurveyAnswer {
    std::uint8_t score{};  ///< 0 to 10
    std::optional<MemberRecord> member;
    std::optional<VisitId> visit;
};

/// Where the day in the life of an event is lived: an event with a readable token comes in, the
/// engine says what follows, one batch makes it durable, and then it is told to everybody.
///
/// The same code runs live (with a ledger), in a replay into a ledger, and in a replay without
/// one, where effects are told at once. Everything happens on one thread.
class Shop {
 public:
    struct Setup {
        Engine::Setup engine;
        Sender sender;
        std::vector<std::string>
            hq_events;  ///< what goes to HQ: "coupon", "summary", "visit", "return"
        bool hq{};      ///< there is a head office: effects enter the outbox
        Millis max_ahead{5'000};
    };
    struct Told {
        std::uint64_t cursor{};
        std::string type;
        std::string json;
    };
    struct Callbacks {
        std::function<void(const Told&)> publish;  ///< each effect, durable, in order
        std::function<void(const Effect&)> noted;  ///< each effect, at once, in order
        std::function<void(Lane)> outbox_grew;
        std::function<void(const Problem&)> trouble;  ///< the ledger gave a batch up
        std::function<void()> applied;                ///< an event went through the engine
    };

    /// Without a ledger the members live in memory.
    Shop(Setup setup, Pseudonyms& pseudonyms, Segments& segments, ledger::Ledger* ledger,
         Callbacks callbacks);

    /// How the engine was taken up.
    struct Resumed {
        bool whole{};                    ///< as if it had never stopped
        std::optional<Problem> refused;  ///< there was a whole state, but it does not fit
    };
    /// With a ledger, before the first event: takes up the whole state if the last life left one,
    /// or else what the tables remember.
    Result<Resumed> resume();

    using Done = std::function<void(const Result<Answer>&)>;
    /// `received`: when it reached us. A Problem comes at once (nothing was changed) or when the
    /// ledger is given up.
    void admit(const RawEvent& event, Instant received, const Done& done);
    void redeem(CouponId coupon, const std::string& where, Instant at, const Done& done);
    void deliver(CouponId coupon, const std::string& channel, Instant at, const Done& done);
    /// A member agrees to be tracked, or not any more: then the visit, the coupons and the presence
    /// of this member end at once. `done` when directory and all that follows are durable.
    /// `channels`: by which they may be reached, from the next decision on; nothing: as before.
    void set_consent(const MemberRecord& member, bool consent, std::optional<Channels> channels,
                     Instant at, const Done& done);
    /// Somebody has looked: the device is staff or furniture (confirmed), or a customer's.
    void set_equipment(const MemberRecord& member, bool confirmed, Instant at, const Done& done);
    /// HQ leases budget and stock to this store; `duplicate` if it is not newer than the last.
    void grant(const LeaseGrant& grant, Instant at, const Done& done);
    /// Kept for the figures; of a member it is a moment for campaigns. Only with a ledger.
    void take_survey(const SurveyAnswer& answer, Instant at, const Done& done);
    /// What a night found: scores, and the moves of stage that follow, as one.
    /// `awaited`: it does not linger for company.
    void take_scores(NightSlice slice, Instant at, std::function<void(bool durable)> done,
                     bool awaited = false);
    /// A night is over: its models are in force from now on.
    void take_models(const NightOut& night);
    /// Keeps a version of a model that no night made; scores stay as they are. Only with a ledger.
    void put_model(ledger::ModelRow row, std::function<void(const Result<void>&)> done);
    /// Lets time pass.
    void tick(Instant now);
    /// Likewise; `done` when all that happened before is durable.
    void tick(Instant now, const Done& done);
    /// Keeps what changes without being an event, and the time; once a minute.
    void checkpoint();
    /// Leaves the whole state to the next life: the last thing before the ledger stops. How many
    /// bytes; a Problem if they are too many, and then nothing is left.
    Result<std::size_t> leave_state();

    /// Enrols members. A refusal changes nothing.
    Result<void> enrol(const std::vector<ledger::Enrolment>& members,
                       std::function<void(const Result<void>&)> done);

    Engine& engine() { return engine_; }
    const Sender& sender() const { return setup_.sender; }
    Pseudonyms& pseudonyms() { return pseudonyms_; }
    std::uint64_t newest_cursor() const { return cursor_; }
    Members& members();
    /// Without a ledger: what a night looks at.
    MemoryMembers& memory() { return memory_; }
    /// The last known word of a batch that is not durable yet counts as present.
    std::size_t under_way() const { return under_way_; }

 private:
    Result<Event> event_of(const RawEvent& raw, Instant received);
    void apply(const Event& event, bool awaited, const Done& done);
    void gather(const Event& event, Consequence what, ledger::Batch& batch,
                std::vector<Told>& told);
    void keep_inputs(const Event& event, const Consequence& what, ledger::Batch& batch) const;
    void number(const Consequence& what, ledger::Batch& batch, std::vector<Told>& told);
    bool goes_to_hq(const Effect& effect) const;
    void commit(ledger::Batch batch, std::vector<Told> told,
                std::function<void(const Result<void>&)> done);

    Setup setup_;
    Pseudonyms& pseudonyms_;
    ledger::Ledger* ledger_;
    Callbacks callbacks_;
    MemoryMembers memory_;
    Engine engine_;
    std::uint64_t cursor_{};
    std::array<std::uint64_t, lanes.size()> sequence_{};
    std::size_t under_way_{};
};

}  // namespace raiten::app
