#pragma once

#include "daemon/simulator/dice.hpp"
#include "daemon/simulator/floor_plan.hpp"
#include "daemon/simulator/truth.hpp"

#include <vector>

namespace raiten::simulator {

/// A straight piece of a way, or a stop where `from` and `to` are one place.
struct Leg {
    Span span;
    Place from;
    Place to;
    double heading_x{};  ///< where the body looks, a unit vector
    double heading_y{};

    Place place_at(Instant at) const;
    bool standing() const { return from == to; }
};

/// Where somebody is, from when to when; legs follow each other without gaps.
class Walk {
 public:
    Walk(const FloorPlan& plan, Instant begin, Place place)
        : plan_{&plan}, now_{begin}, here_{place}
    {
    }

    /// In a straight line, at `metres_per_second`.
    void go(Place there, double metres_per_second);
    /// Stands, and turns about every fifteen seconds.
    void stand(Millis time, Dice& dice);

    Instant now() const { return now_; }
    Place here() const { return here_; }
    const FloorPlan& plan() const { return *plan_; }
    const std::vector<Leg>& legs() const { return legs_; }

 private:
    const FloorPlan* plan_;
    Instant now_;
    Place here_;
    std::vector<Leg> legs_;
};

/// The zones of a walk between two moments, neighbours of one kind joined, parts outside left out.
std::vector<ZoneStay> zones_of(const Walk& walk, Span span);

}  // namespace raiten::simulator
