#pragma once

#include "daemon/app/memory_members.hpp"
#include "daemon/engine/engine.hpp"
#include "tests/engine/rssi/recordings.hpp"
#include "tests/support/same_segments.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace raiten::test {

/// A recording walks through a store: its tags belong to members of the same name, its readers
/// hang in zones of their own (named as they are) or all in one.
class Walk {
 public:
    enum class Zones : std::uint8_t { own, one };

    /// Enrols every tag of `heard` for which `is_member` names it (all, if empty).
    Walk(const Recording& heard, Zones zones, VisitRules rules = {},
         const std::set<std::string>& members = {});

    /// In the order of the recording: what comes late is received as late as it stands there.
    void tell(const Heard& heard);
    void play(const Recording& heard);
    /// Lets time pass until everything has settled.
    void settle();

    /// The zone in which the engine believes a tag to be; "" without an open visit.
    std::string zone_of(const std::string& tag) const;

    /// What became of a tag.
    struct Story {
        unsigned opened{};
        unsigned ended{};               ///< exits, the one after the recording included
        unsigned ended_while_played{};  ///< false exits and true ones, before settle()
        std::vector<VisitRecord> visits;
    };
    const Story& story(const std::string& tag) { return stories_[tag]; }
    const EngineCounts& counts() const { return engine_.counts(); }

 private:
    void hear(Consequence out);

    app::MemoryMembers members_;
    raiten::test::SameSegments segments_;
    Engine engine_;
    Instant now_{Instant::min()};
    bool settling_{};
    std::map<std::string, Story> stories_;
};

}  // namespace raiten::test
