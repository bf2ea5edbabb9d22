#pragma once

#include "daemon/engine/exit_times.hpp"
#include "daemon/engine/stay.hpp"
#include "daemon/model/rules.hpp"

#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace raiten {

/// What presence needs to know of a member.
struct Guest {
    MemberId id;
    std::uint64_t rank{};        ///< breaks ties between timers that are due together
    Hearing::Readers audible{};  ///< passive readers able to hear one of the member's tokens

    template <class Archive>
    void archive(Archive& a)
    {
        a(id, rank, audible);
    }
};

/// One sighting of a member, in 16 bytes.
struct Glimpse {
    static constexpr std::int8_t unknown_dbm = 127;

    Instant at;
    std::uint32_t token{};  ///< tells a member's tokens apart
    ReaderId reader;
    std::int8_t rssi_dbm{unknown_dbm};
    std::uint8_t model{};  ///< ExitTimes::place

    bool operator==(const Glimpse&) const = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(at, token, reader, rssi_dbm, model);
    }
};

/// One of a candidate, and whether its smoothed level was high enough to enter by.
struct Glimpsed {
    Glimpse glimpse;
    bool near{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(glimpse, near);
    }
};

/// One change of somebody's presence. `at` is the time of the observation that caused it, or the
/// due time of the timer.
struct Transition {
    enum class Kind : std::uint8_t {
        opened,
        reopened,
        moved,
        joined,
        ended,
        closed,
        passed_by,
        lingered,  ///< still heard, another `staff_hours` after a stay that lasted too long
    };
    Kind kind{};
    Instant at;
    MemberId member;
    Stay stay;  ///< as it is after the change; empty for passed_by
};
using Transitions = std::vector<Transition>;

/// Who is in the store: a state machine for each member who can be heard.
///
///     nobody ──sighting──► candidate ──long and near enough──► open ──silence──► ended ──► closed
///        ▲                     │ enter_window over              ▲                  │ settle_grace
///        └────passed by────────┘                                └── heard again ◄──┘
///
/// The house runs two of them over the same rules. The live one is fed in order of arrival and
/// decides at once. The settled one is fed in order of event time, `lateness` behind, and so
/// depends on the set of events alone; the two differ in `hold`, the time for which a closed
/// stay waits for stragglers.
///
/// The settled one is told of sightings when they arrive (later()) and looks at a member's when
/// something asks for it: a timer of that member, an act of that member, a question. In between
/// they wait, in order of time: one look at many costs less than many looks. What is found must not
/// depend on when somebody asks, so the timer never lies beyond the earliest time at which what
/// waits could end something (wake_of).
class Presence {
 public:
    /// What presence rests on, and shares with another over the same store.
    struct Ground {
        const VisitRules& rules;
        const Hearing& hearing;
        const std::vector<Source>& sources;  ///< by ReaderId; may grow
        ExitTimes& exits;
    };
    /// `teaches`: the gaps between sightings teach the exit times.
    Presence(const Ground& ground, Millis hold, bool teaches)
        : rules_{ground.rules},
          hearing_{ground.hearing},
          sources_{ground.sources},
          exits_{ground.exits},
          hold_{hold},
          teaches_{teaches}
    {
    }

    /// All that is known of one member; what every sighting asks for first. It stays where it is
    /// until forget().
    struct Person {
        std::optional<Instant> timer;           ///< of the entry in timers_ that counts
        Instant waiting_until{Instant::min()};  ///< time of the last one in `waiting`, or later
        std::vector<Glimpse> waiting;           ///< ascending
        std::vector<Level> levels;
        std::optional<Stay> stay;
        Guest guest;
        std::optional<Instant> muted_since;  ///< last observation of one who stayed too long
        Instant lingered_at;                 ///< then: when that was last told
        std::vector<Glimpsed> candidate;     ///< ascending

        template <class Archive>
        void archive(Archive& a)
        {
            a(timer, waiting_until, waiting, levels, stay, guest, muted_since, lingered_at,
              candidate);
        }
    };
    Person& person(const Guest& guest);
    /// There is nothing of this person: nobody needs to be remembered.
    static bool idle(const Person& person);
    void forget(MemberId member);

    void sighting(Person& person, const Glimpse& glimpse, Transitions& out);

    /// The same, to be taken in when its time has come. False if it waits already.
    bool later(Person& person, const Glimpse& glimpse);
    /// Takes in what waits of this member, or of everybody, up to and including this time. No
    /// timer may be due before it.
    void catch_up(Person& person, Instant until, Transitions& out);
    void catch_up(Instant until, Transitions& out);
    std::size_t waiting() const { return waiting_; }

    /// A check-in or a receipt: opens a visit at once, or belongs to the one that covers it.
    /// Nothing comes of a check-in by somebody whose visit lasted too long, until silence.
    void deliberate(Person& person, Instant at, const Source& source, OpenedBy by,
                    const VisitReceipt* receipt, Transitions& out);

    /// A receipt that turns out to be this member's, without being an observation.
    void attach(Person& person, const VisitReceipt& receipt, Transitions& out);

    /// Fires the one timer that is due next. Call while next_due() lies before the present.
    /// Whose it was.
    std::optional<MemberId> fire(Transitions& out);
    std::optional<Instant> next_due() const;

    /// Readers changed: deadlines may have moved.
    void rearm();

    /// Takes up a visit where it was left before a restart.
    void resume(Person& person, Stay stay);

    /// Ends whatever there is of this member now, without further ado.
    void drop(Person& person);

    static const Stay* stay_of(const Person& person)
    {
        return person.stay ? &*person.stay : nullptr;
    }

    /// Smoothed level in dBm at the strongest of these readers at about this time.
    std::optional<double> level_dbm(const Person& person, const Hearing::Readers& readers,
                                    Instant at) const;

    /// Everybody with a stay, in no particular order.
    void each(const std::function<void(const Person&, const Stay&)>& visit) const;

    /// How much of the stay nobody listened who could hear this guest; nothing of one that has only
    /// deliberate observations.
    Millis blind(const Person& person, const Stay& stay) const;

    /// Nobody listens who could hear this guest: silence means nothing.
    bool frozen(const Person& person) const;

    /// Whether an observation at this time still belongs to the stay.
    bool covers(const Person& person, const Stay& stay, Instant at) const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(people_, waiting_, timers_, sure_);
    }

 private:
    struct Timer {
        Instant due;
        std::uint64_t rank;
        MemberId member;
        bool operator>(const Timer& other) const
        {
            return std::tie(due, rank, member) > std::tie(other.due, other.rank, other.member);
        }
        template <class Archive>
        void archive(Archive& a)
        {
            a(due, rank, member);
        }
    };

    Hearing::Readers listeners(const Guest& guest, const Stay& stay) const;
    Millis patience(const Stay& stay) const;
    Millis grace(const Stay& stay) const;
    bool still_muted(Person& person, Instant at, Transitions& out);
    void take_waiting(Person& person, Instant until, Transitions& out);
    bool before(const Glimpse& a, const Glimpse& b) const;
    void candidate(Person& person, const Glimpse& glimpse, Transitions& out);
    /// Its smoothed level at that reader is enter_rssi at least.
    bool is_near(const Person& person, const Glimpse& glimpse) const;
    bool qualifies(const Person& person) const;
    void open(Person& person, Stay stay, Instant at, Transitions& out);
    void observe(Person& person, Instant at, Transitions& out);
    void note_level(Person& person, const Glimpse& glimpse);
    bool fresh(const Level& level, Instant at) const;
    void choose_zone(Person& person, const Source& source, Instant at, Transitions& out);
    const Source& source_of(ReaderId reader) const { return sources_[reader.value()]; }
    static void leave_zone(Stay& stay, Instant at);
    void enter_zone(Stay& stay, const std::string& zone, Instant at);
    void end(Person& person, Instant due, Transitions& out);
    void close(Person& person, Instant due, Transitions& out);
    /// When something ends, going by what has been taken in.
    std::optional<Instant> due_of(const Person& person) const;
    /// When to look next: then, or earlier where what waits may bring the end forward.
    std::optional<Instant> wake_of(const Person& person) const;
    void arm(Person& person);
    void tell(Transition::Kind kind, Instant at, const Person& person, Transitions& out) const;

    const VisitRules& rules_;
    const Hearing& hearing_;
    const std::vector<Source>& sources_;
    ExitTimes& exits_;
    Millis hold_;
    bool teaches_;
    std::unordered_map<MemberId, Person> people_;
    std::size_t waiting_{};
    mutable std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
    mutable bool sure_{};  ///< the first of timers_ is one that counts
};

}  // namespace raiten
