#pragma once

#include "daemon/simulator/errand.hpp"
#include "daemon/simulator/people.hpp"
#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace raiten::simulator {

/// Somebody in the shop on this day.
struct Visitor {
    std::optional<std::uint32_t> person;
    Errand errand;
    std::uint64_t draw{};  ///< of what is bought
    std::vector<std::uint32_t> slips;
    bool bought{};
};

/// The registers. Each serves one after the other, in the order in which people are ready; who
/// would have to wait for more than eight minutes goes without. Some sales are voided on the spot,
/// some refunded minutes later, both in full. Gives everybody's slips, in order of time, and ends
/// every errand with leaving.
class Tills {
 public:
    Tills(const Scenario& scenario, const FloorPlan& plan, const People& people,
          std::uint64_t seed);

    /// Fills the day's slips and purchases; `visit` of a purchase is the visitor's place in the
    /// list.
    void serve(std::vector<Visitor>& visitors, Day& day) const;

 private:
    struct Rung {
        Slip slip;
        std::size_t visitor{};
        std::optional<std::size_t> undoes;  ///< place in the list of what was rung up
    };
    void ring_up(Visitor& visitor, std::size_t place, std::size_t till, std::vector<Rung>& rung,
                 const Day& day) const;

    const Scenario& scenario_;
    const FloorPlan& plan_;
    const People& people_;
    std::uint64_t seed_;
};

}  // namespace raiten::simulator
