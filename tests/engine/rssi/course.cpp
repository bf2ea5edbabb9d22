#include "tests/engine/rssi/course.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::test {

double metres(const Place& a, const Place& b)
{
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

std::vector<std::string> by_distance(const std::map<std::string, Place>& sensors,
                                     const Place& where)
{
    std::vector<std::pair<double, std::string>> all;
    for (const auto& [name, place] : sensors) all.emplace_back(metres(place, where), name);
    std::sort(all.begin(), all.end());
    std::vector<std::string> names;
    for (const auto& each : all) names.push_back(each.second);
    return names;
}

Course follow(Walk& walk, const std::string& tag, const Recording& heard,
              const std::map<std::string, Place>& sensors)
{
    Course course;
    std::map<std::string, std::int16_t> raw;  // newest level of each sensor
    std::map<std::string, Millis> near_to;
    std::string zone;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const auto& each = heard[i];
        walk.tell(each);
        if (each.rssi_dbm) raw[each.reader] = *each.rssi_dbm;
        const auto now = walk.zone_of(tag);
        course.moves += !zone.empty() && now != zone ? 1U : 0U;
        zone = now;
        if (zone.empty() || i + 1 == heard.size()) continue;
        const auto span = std::max(heard[i + 1].at - each.at, Millis{0});
        const double seconds = static_cast<double>(span.count()) / 1000;
        const auto& where = each.where.value();
        const auto near = by_distance(sensors, where);
        const auto is_near = [&](const std::string& name) {
            return name == near[0] || name == near[1];
        };
        course.whole += span;
        if (zone == near[0]) course.nearest += span;
        if (is_near(zone)) course.near += span;
        const auto loudest =
            std::max_element(raw.begin(), raw.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        if (is_near(loudest->first)) course.loudest_near += span;
        near_to[near[0]] += span;
        near_to[near[1]] += span;
        course.to_zone += seconds * metres(sensors.at(zone), where);
        course.to_nearest += seconds * metres(sensors.at(near[0]), where);
        for (const auto& [name, place] : sensors)
            course.to_any += seconds * metres(place, where) / static_cast<double>(sensors.size());
    }
    for (const auto& [name, span] : near_to) course.fixed_near = std::max(course.fixed_near, span);
    return course;
}

}  // namespace raiten::test
