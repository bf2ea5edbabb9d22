#pragma once

#include "daemon/simulator/walk.hpp"

#include <cstdint>
#include <optional>

namespace raiten::simulator {

/// What one visitor does between coming and going, in two parts: up to the queue, and from the
/// till to the street. In between stands the till, which serves one at a time.
class Errand {
 public:
    /// Comes in at `entry`, browses, perhaps tries something on, perhaps steps out to the car.
    Errand(const FloorPlan& plan, Instant entry, bool wants, Dice dice);

    bool wants() const { return wants_; }
    Instant ready() const { return walk_.now(); }  ///< at the queue, or about to leave

    /// Queues for `wait` and pays at till `number` for `service`; where it is too long for them
    /// they go without.
    void pay(std::size_t number, Millis wait, Millis service);
    /// Stays about for a while and comes back to the till.
    void stay_about(Millis time);
    void serve(Millis time) { walk_.stand(time, dice_); }
    /// Out of the door and down the street.
    void leave();

    const Walk& walk() const { return walk_; }
    Instant entry() const { return entry_; }
    Instant exit() const { return exit_; }
    const std::vector<Span>& away() const { return away_; }
    Dice& dice() { return dice_; }

 private:
    void browse(Millis time);
    void step_out();

    Dice dice_;
    Instant entry_;
    Instant exit_;
    bool wants_;
    Walk walk_;
    std::vector<Span> away_;
};

/// From the street's end to the door, at a walking pace.
Millis approach_time();

/// Along the street in front of the shop; some stop at the window. The walk crosses the middle of
/// the front at about `at`.
Walk pass_by(const FloorPlan& plan, Instant at, Dice& dice);

/// A day's work of one of the staff: tills, shelves, cabins.
Walk shift(const FloorPlan& plan, Span span, Dice& dice);

}  // namespace raiten::simulator
