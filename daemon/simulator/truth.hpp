#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/simulator/floor_plan.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// What really happened. People, tags, readers and slips are numbers into the lists of Store and
/// Day; who is no member has no number.
namespace raiten::simulator {

struct Span {
    Instant from;
    Instant to;

    friend bool operator==(const Span&, const Span&) = default;
};

struct ZoneStay {
    Zone zone{};
    Span span;
};

/// One visit, from the door to the door. Stepping out to the car and back is one visit.
struct TrueVisit {
    std::optional<std::uint32_t> person;  ///< nothing: a customer who is no member
    Span span;
    std::vector<ZoneStay> zones;       ///< ascending, without gaps but for `away`
    std::vector<Span> away;            ///< outside in between, each at most eight minutes
    std::vector<std::uint32_t> tags;   ///< that were carried and advertise
    std::vector<std::uint32_t> slips;  ///< sales rung up during it, also those undone later
    bool bought{};                     ///< a sale that was neither voided nor refunded that day
};

/// Somebody who went by outside, a member or not.
struct PasserBy {
    std::optional<std::uint32_t> person;
    Span span;
    std::vector<std::uint32_t> tags;
    double nearest_m{};  ///< distance to the door
};

/// A reader that heard nothing: its reports went nowhere.
struct Outage {
    std::uint16_t reader{};
    Span span;
};

/// Staff at work.
struct Shift {
    std::uint32_t person{};
    Span span;
};

/// A device that was enrolled as a member's and stands in the shop day and night.
struct Fixture {
    std::uint32_t person{};
    std::uint32_t tag{};
    Span span;
};

/// Whose a slip is.
struct Purchase {
    std::uint32_t slip{};
    std::optional<std::uint32_t> person;  ///< nothing: no member
    std::optional<std::uint32_t> visit;   ///< number in `visits`
};

struct Truth {
    std::vector<TrueVisit> visits;    ///< ascending by entry; those of one person do not overlap
    std::vector<Purchase> purchases;  ///< one for each slip, in the slips' order
    std::vector<PasserBy> passers_by;
    std::vector<Outage> outages;
    std::vector<Shift> shifts;
    std::vector<Fixture> fixtures;
};

}  // namespace raiten::simulator
