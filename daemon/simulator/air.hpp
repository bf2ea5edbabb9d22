#pragma once

#include "daemon/simulator/scenario.hpp"
#include "daemon/simulator/store.hpp"
#include "daemon/simulator/walk.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace raiten::simulator {

/// Something that advertises on its way.
struct Sender {
    std::uint32_t tag{};
    Millis interval{};
    std::uint64_t draw{};  ///< of all its chances
};

/// The air of one day: which advertisements which reader gets, and how strongly.
///
/// A sender advertises every `interval` and 0 to 10 ms (Core specification, Vol 6 Part B
/// 4.4.2.2.1). A reader gets it if it is not down, with the probability `reception`, and at or
/// above the radio's floor; each of them has a clock of its own, up to 40 ms wrong.
class Air {
 public:
    Air(const Scenario& scenario, const FloorPlan& plan, std::uint64_t seed);

    void begin_day(Span day, const std::vector<Outage>& outages);

    /// Adds what is heard of a sender who goes this way, with received_at = the true time.
    void hear(const Walk& walk, const Sender& sender, std::vector<Arrival>& out);
    /// The same of one who stays in one place.
    void hear(Place place, Span span, const Sender& sender, std::vector<Arrival>& out);

 private:
    struct Ear {
        Place place;
        double offset_db{};
        Millis clock_offset{};
        std::vector<Span> deaf;  ///< ascending
    };
    void hear_legs(const std::vector<Leg>& legs, const Sender& sender, std::vector<Arrival>& out);
    /// Without chance: path loss, front wall, and the body if the tag is carried.
    double steady_dbm(const Ear& ear, const Leg& leg, Place place, bool carried) const;

    const Scenario& scenario_;
    const FloorPlan& plan_;
    std::array<Ear, bluetooth_readers> ears_;
    Span day_;
};

}  // namespace raiten::simulator
