#pragma once

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
class Presence {
 public:
    Presence(const VisitRules& rules, const Hearing& hearing, Millis hold)
        : rules_{rules}, hearing_{hearing}, hold_{hold}
    {
    }

    void sighting(const Guest& guest, Instant at, const Source& source,
                  std::optional<std::int16_t> rssi_dbm, Transitions& out);

    /// A check-in or a receipt: opens a visit at once, or belongs to the one that covers it.
    /// Nothing comes of a check-in by somebody whose visit lasted too long, until silence.
    void deliberate(const Guest& guest, Instant at, const Source& source, OpenedBy by,
                    const VisitReceipt* receipt, Transitions& out);

    /// A receipt that turns out to be this member's, without being an observation.
    void attach(const Guest& guest, const VisitReceipt& receipt, Transitions& out);

    /// Fires the one timer that is due next. Call while next_due() lies before the present.
    void fire(Transitions& out);
    std::optional<Instant> next_due() const;

    /// Readers changed: deadlines may have moved.
    void rearm();

    /// Takes up a visit where it was left before a restart.
    void resume(const Guest& guest, Stay stay);

    /// Ends whatever there is of this member now, without further ado.
    std::optional<Stay> drop(MemberId member);

    const Stay* stay_of(MemberId member) const;
    /// Everybody who is anything: candidates too.
    std::size_t size() const { return people_.size(); }
    bool knows(MemberId member) const { return people_.contains(member); }

    /// Smoothed level in dBm at the strongest of these readers at about this time.
    std::optional<double> level_dbm(MemberId member, const Hearing::Readers& readers,
                                    Instant at) const;

    /// Everybody with a stay, in no particular order.
    void each(const std::function<void(MemberId, const Stay&)>& visit) const;

    /// How much of the stay nobody listened who could hear this guest; nothing of one that has only
    /// deliberate observations.
    Millis blind(const Guest& guest, const Stay& stay) const;

    /// Until when an observation still belongs to this stay.
    bool covers(const Guest& guest, const Stay& stay, Instant at) const;

 private:
    struct Heard {
        Instant at;
        std::optional<std::int16_t> rssi_dbm;
        Source source;
    };
    struct Person {
        Guest guest;
        std::optional<Stay> stay;
        std::vector<Heard> candidate;     ///< those near enough to enter, ascending
        std::optional<Instant> glimpsed;  ///< last sighting, near or not, of one without a stay
        std::vector<Level> levels;
        std::optional<Instant> muted_since;  ///< last observation of one who stayed too long
        Instant lingered_at;                 ///< then: when that was last told
        std::optional<Instant> timer;        ///< of the entry in timers_ that counts
    };
    struct Timer {
        Instant due;
        std::uint64_t rank;
        MemberId member;
        bool operator>(const Timer& other) const
        {
            return std::tie(due, rank, member) > std::tie(other.due, other.rank, other.member);
        }
    };

    Person& person(const Guest& guest);
    Hearing::Readers listeners(const Guest& guest, const Stay& stay) const;
    Millis patience(const Stay& stay) const;
    Millis grace(const Stay& stay) const;
    bool still_muted(Person& person, Instant at, Transitions& out);
    void candidate(Person& person, Heard heard, Transitions& out);
    /// Its smoothed level at that reader is enter_rssi at least.
    bool is_near(const Person& person, const Heard& heard) const;
    bool qualifies(const Person& person) const;
    void open(Person& person, Stay stay, Instant at, Transitions& out);
    void observe(Person& person, Instant at, Transitions& out);
    void note_level(Person& person, const Source& source, std::int16_t rssi_dbm, Instant at);
    const Level* level_at(const Person& person, ReaderId reader, Instant at) const;
    void choose_zone(Person& person, const Source& source, Instant at, Transitions& out);
    void enter_zone(Stay& stay, const std::string& zone, Instant at);
    void end(Person& person, Instant due, Transitions& out);
    void close(Person& person, Instant due, Transitions& out);
    std::optional<Instant> due_of(const Person& person) const;
    void arm(Person& person);
    void tell(Transition::Kind kind, Instant at, const Person& person, Transitions& out) const;

    const VisitRules& rules_;
    const Hearing& hearing_;
    Millis hold_;
    std::unordered_map<MemberId, Person> people_;
    mutable std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace raiten
