#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/simulator/radio.hpp"

#include <chrono>
#include <cstdint>

namespace raiten::simulator {

/// How much goes on: README.md says how many visits and passers-by that is.
enum class Crowd : std::uint8_t { quiet, normal, crowded };

inline constexpr std::uint32_t members_max = 1'000'000;

/// What a store is like. Together with a seed it says everything that happens in it.
struct Scenario {
    std::uint32_t members{1'000};  ///< 1 to 1,000,000; staff come on top
    Crowd crowd{Crowd::normal};
    Millis advertising{std::chrono::seconds{3}};  ///< of members' beacons, 100 ms to 60 s
    /// Share of a member's advertisements that a reader gets of those above the radio's floor, 0.01
    /// to 1: collisions, other channels, busy controllers. Independent of each other.
    double reception{0.6};
    double outages_per_day{0.25};  ///< expected, of each Bluetooth reader, 0 to 20
    double member_share{0.3};      ///< of receipts, 0.01 to 1, cards shown or not
    double cards_forgotten{0.25};  ///< share of members' receipts that do not name them
    double late_receipts{0.02};    ///< share of receipts that a register keeps up to three hours
    double late_sightings{0.02};   ///< share of sightings that come up to four minutes late
    double doubled{0.002};         ///< share of events that come twice
    std::chrono::sys_days first_day{std::chrono::year{2026} / 1 / 1};
    StoreClock clock;  ///< the store's wall clock; `day_start` is left aside: days begin at 00:00
    Radio radio{Radio::fitted()};
};

/// What is wrong with it: `where` is the name of the value, `advice` what is right.
Result<void> check(const Scenario& scenario);

}  // namespace raiten::simulator
