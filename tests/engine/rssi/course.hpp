#pragma once

#include "tests/engine/rssi/recordings.hpp"
#include "tests/engine/rssi/walk.hpp"

#include <map>
#include <string>
#include <vector>

/// Where a tag was believed to be, beside where it was.
namespace raiten::test {

double metres(const Place& a, const Place& b);

/// The sensors, nearest first.
std::vector<std::string> by_distance(const std::map<std::string, Place>& sensors,
                                     const Place& where);

/// What a walk shows, each a sum over time.
struct Course {
    Millis whole{};
    Millis nearest{};  ///< the zone was the nearest sensor's
    Millis near{};     ///< … or that of one of the two nearest
    Millis loudest_near{};
    Millis fixed_near{};                       ///< the best zone that never changes
    double to_zone{}, to_nearest{}, to_any{};  ///< metre-seconds from the beacon to a sensor
    unsigned moves{};

    double share(Millis part) const  ///< in per cent
    {
        return 100.0 * static_cast<double>(part.count()) / static_cast<double>(whole.count());
    }
    double metres_of(double sum) const { return 1000 * sum / static_cast<double>(whole.count()); }
};

/// Plays a walk, whose rows all say where the tag truly was, and compares the zone at each moment.
/// `walk` must have a zone for each reader.
Course follow(Walk& walk, const std::string& tag, const Recording& heard,
              const std::map<std::string, Place>& sensors);

}  // namespace raiten::test
