#pragma once

#include "daemon/simulator/air.hpp"
#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <vector>

namespace raiten::simulator {

/// What the devices of people who are no members send. Six in ten have one that is heard; of these
/// most change their address every fifteen minutes, the others keep it.
class StrangersDevice {
 public:
    /// Tags are numbered from `first_number`, into `day.strangers`.
    StrangersDevice(Day& day, std::uint32_t first_number) : day_{day}, first_{first_number} {}

    /// Adds what is heard of a stranger who goes this way; gives the tags that were sent, if any.
    std::vector<std::uint32_t> carry(const Walk& walk, std::uint64_t draw, Air& air);

 private:
    Day& day_;
    std::uint32_t first_;
};

/// Who goes by on this day, strangers and members, in truth and air.
class Street {
 public:
    Street(const Scenario& scenario, const FloorPlan& plan, const std::vector<Person>& people,
           const std::vector<Tag>& tags, std::uint64_t seed)
        : scenario_{scenario}, plan_{plan}, people_{people}, tags_{tags}, seed_{seed}
    {
    }

    /// `noon` is 12:00 on the wall. Members who visit on this day are left out.
    void pass(Day& day, Instant noon, Air& air, StrangersDevice& strangers) const;

 private:
    const Scenario& scenario_;
    const FloorPlan& plan_;
    const std::vector<Person>& people_;
    const std::vector<Tag>& tags_;
    std::uint64_t seed_;
};

}  // namespace raiten::simulator
