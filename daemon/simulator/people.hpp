#pragma once

#include "daemon/simulator/scenario.hpp"
#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <vector>

namespace raiten::simulator {

/// The fleet's iBeacon UUID and Eddystone namespace: tokens begin with these.
inline constexpr const char* fleet_uuid = "6f1d2c3a-5b70-4e8f-9a51-0c3d7e9b2f44";
inline constexpr const char* fleet_namespace = "72616974656e2d73696d";  // "raiten-sim"

struct People {
    std::vector<Person> list;  ///< members, fixtures, staff
    std::vector<Tag> tags;
    std::uint32_t members{};
    std::uint32_t fixtures{};
    std::uint32_t staff{};
};

/// Who has what in the pocket; the shares are in README.md.
People make_people(const Scenario& scenario, std::uint64_t seed);

/// A stranger's device: "ble:…" with an address of its own, that rotates or is static.
Tag stranger_tag(std::uint64_t address_bits, bool rotating, Millis advertising);

}  // namespace raiten::simulator
