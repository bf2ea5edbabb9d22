#pragma once

#include "daemon/kpi/quantiles.hpp"
#include "daemon/kpi/unique_count.hpp"
#include "tests/support/dice.hpp"

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace raiten::test {

/// What one store tells of one day.
struct FleetDay {
    std::uint64_t store{};
    std::uint64_t day{};
    MeanCount members{};
    Quantiles dwell{};
};

/// 50 stores over 20 days, 60 visits a day: every store has 300 members of its own, of whom some
/// come often, and each tenth visit is by a member of another store.
struct Fleet {
    std::vector<FleetDay> days;
    std::set<std::uint64_t> members;  ///< the truth
    std::vector<double> dwell_s;      ///< the truth
};

inline Fleet fleet_of(std::uint64_t seed)
{
    stage::Dice dice{seed};
    const SketchKey key{dice.word(), dice.word()};
    Fleet fleet;
    for (std::uint64_t store = 0; store < 50; ++store) {
        for (std::uint64_t day = 0; day < 20; ++day) {
            FleetDay told{store, day};
            std::vector<double> dwell_s;
            for (int visit = 0; visit < 60; ++visit) {
                const auto home = dice.below(10) == 0 ? dice.below(50) : store;
                const double often = dice.share();
                const auto member = home * 300 + static_cast<std::uint64_t>(300 * often * often);
                told.members.add(key.hash("member-" + std::to_string(member)));
                fleet.members.insert(member);
                dwell_s.push_back(std::round(std::exp(6 + dice.normal())));
            }
            fleet.dwell_s.insert(fleet.dwell_s.end(), dwell_s.begin(), dwell_s.end());
            told.dwell = Quantiles{dwell_s};
            fleet.days.push_back(std::move(told));
        }
    }
    return fleet;
}

}  // namespace raiten::test
