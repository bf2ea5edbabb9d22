#include "tests/drivers/ble/shared_data.hpp"
#include "tests/engine/rssi/course.hpp"
#include "tests/engine/rssi/recordings.hpp"
#include "tests/engine/rssi/walk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>

// A hall of 18 by 18 m with twelve sensors, each a reader with a zone of its own, and one beacon
// that a member carries: lying still for half an hour, and on four walks whose course an
// augmented-reality headset wrote down.

using namespace raiten;
using namespace raiten::test;

namespace {

const std::string folder = "data/captures/rssi/tetam";
const std::string beacon = "e78f135624ce";

Instant last_usable(const Recording& heard, int least_dbm)
{
    Instant last = Instant::min();
    for (const auto& each : heard)
        if (!each.rssi_dbm || *each.rssi_dbm >= least_dbm) last = std::max(last, each.at);
    return last;
}

/// One visit, no exit while the recording goes on, left with the last usable observation.
void check_one_visit(Walk& walk, const Recording& heard, const VisitRules& rules)
{
    const auto& story = walk.story(beacon);
    CHECK(story.opened == 1);
    CHECK(story.ended_while_played == 0);
    walk.settle();
    CHECK(story.ended == 1);
    REQUIRE(story.visits.size() == 1);
    CHECK(story.visits[0].left_at == last_usable(heard, rules.stay_rssi_dbm));
    CHECK(story.visits[0].opened_at >= heard.front().at);
    CHECK(story.visits[0].opened_at - heard.front().at <= rules.enter_window);
}

/// By how much each sensor is louder than the mean of all at equal distance in free space.
std::map<std::string, double> loudness(const Recording& heard,
                                       const std::map<std::string, Place>& sensors)
{
    std::map<std::string, std::pair<double, double>> sums;
    for (const auto& each : heard) {
        if (!each.rssi_dbm) continue;
        const double away = std::max(1.0, metres(each.where.value(), sensors.at(each.reader)));
        sums[each.reader].first += *each.rssi_dbm + 20 * std::log10(away);
        sums[each.reader].second += 1;
    }
    std::map<std::string, double> out;
    double mean = 0;
    for (const auto& [name, sum] : sums) {
        out[name] = sum.first / sum.second;
        mean += out[name] / static_cast<double>(sums.size());
    }
    for (auto& [name, louder] : out) louder -= mean;
    return out;
}

void print(const std::string& name, const Recording& heard, const Course& course)
{
    std::cout << std::fixed << std::setprecision(1) << "tetam/" << name << ": " << heard.size()
              << " rows, " << course.whole.count() / 1000 << " s of visit; zone nearest "
              << course.share(course.nearest) << " %, one of the two nearest "
              << course.share(course.near) << " % (loudest single level "
              << course.share(course.loudest_near) << " %, best zone that never changes "
              << course.share(course.fixed_near) << " %, chance " << 200.0 / 12 << " %); "
              << course.metres_of(course.to_zone) << " m to its sensor (nearest "
              << course.metres_of(course.to_nearest) << " m, any "
              << course.metres_of(course.to_any) << " m); " << course.moves << " changes of zone\n";
}

}  // namespace

TEST_CASE("tetam: the sensors' places and the pages that describe the files", "[shared][rssi]")
{
    const auto at = shared_folder(folder);
    if (!at) return;
    const auto sensors = read_sensors(*at / "cnf_tetam.dev");
    std::cout << "tetam/cnf_tetam.dev: " << sensors.size() << " sensors\n";
    REQUIRE(sensors.size() == 12);
    for (const auto& [name, place] : sensors) {
        INFO(name);
        CHECK(place[0] > 0);
        CHECK(place[0] < 19);
        CHECK(place[1] > 0);
        CHECK(place[1] < 19);
        CHECK((place[2] == 1.22 || place[2] == 2.30));
    }
    CHECK(sensors.at("b827eb4521b4") == Place{7.00, 7.09, 1.22});
    CHECK(sensors.at("000000000402") == Place{12.76, 0.27, 2.30});

    // Pages for people; what read_sensors() and read_mbd() rely on stands in them.
    const auto page = [&](const char* name) {
        const auto bytes = read_file(*at / name);
        return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    };
    CHECK(page("cnf_README.md").find("[ &lt;3D position&gt;, &lt;color&gt;, &lt;alias&gt; ]")
          != std::string::npos);
    CHECK(page("hst_README.md")
              .find("&lt;timestamp&gt;,&lt;MAC sensor&gt;,&lt;MAC beacon&gt;,&lt;RSSI&gt;")
          != std::string::npos);
    CHECK(page("trk_README.md")
              .find("&lt;coord_x&gt;,&lt;coord_y&gt;,&lt;coord_z&gt;,&lt;3x3 orientation matrix")
          != std::string::npos);
}

TEST_CASE("tetam: a beacon that lies still for half an hour is one visit", "[shared][rssi]")
{
    const auto at = shared_folder(folder);
    if (!at) return;
    const auto sensors = read_sensors(*at / "cnf_tetam.dev");
    const Place place{10.36, 6.57, 1.90};  // as the files' names say
    const VisitRules rules;

    Recording together;
    for (const std::string alias : {"sensor10", "sensor20", "sensor30", "sensor40"}) {
        const auto heard = read_mbd(*at / (alias + "_10.36_6.57_1.90.mbd"));
        REQUIRE(heard.size() > 3000);
        std::set<std::string> readers;
        double sum = 0;
        for (const auto& each : heard) {
            readers.insert(each.reader);
            CHECK(each.tag == beacon);
            REQUIRE(each.rssi_dbm.has_value());
            sum += *each.rssi_dbm;
        }
        REQUIRE(readers.size() == 1);
        const auto mean = sum / static_cast<double>(heard.size());
        std::cout << "tetam/" << alias << ": " << heard.size() << " rows, mean " << mean
                  << " dBm at " << metres(sensors.at(*readers.begin()), place)
                  << " m, longest silence " << longest_silence(heard, rules.stay_rssi_dbm).count()
                  << " ms\n";

        // As the only reader of a store. sensor30 hears the beacon at -79 to -87 dBm: with the
        // default level nobody has come in, as it should be; a store whose only reader is so
        // far away sets enter_rssi lower.
        INFO(alias);
        VisitRules fitting = rules;
        if (alias == "sensor30") {
            Walk deaf{heard, Walk::Zones::own, rules};
            deaf.play(heard);
            deaf.settle();
            CHECK(deaf.story(beacon).opened == 0);
            CHECK(deaf.counts().passers_by > 0);
            fitting.enter_rssi_dbm = -86;
        }
        Walk walk{heard, Walk::Zones::own, fitting};
        walk.play(heard);
        check_one_visit(walk, heard, fitting);
        together.insert(together.end(), heard.begin(), heard.end());
    }

    std::stable_sort(together.begin(), together.end(),
                     [](const Heard& a, const Heard& b) { return a.at < b.at; });
    for (const auto timeout : {rules.exit_timeout, Millis{30'000}}) {
        INFO("exit_timeout " << timeout.count() << " ms");
        VisitRules impatient = rules;
        impatient.exit_timeout = timeout;
        Walk walk{together, Walk::Zones::own, impatient};
        unsigned moves = 0;
        std::string zone;
        for (const auto& each : together) {
            walk.tell(each);
            const auto now = walk.zone_of(beacon);
            moves += !zone.empty() && now != zone ? 1U : 0U;
            zone = now;
        }
        check_one_visit(walk, together, impatient);

        // -70 dBm from sensor40 at 2.9 m, -71 dBm from sensor20 at 5.7 m: either is right by
        // what was heard, and the hysteresis keeps the one that came first.
        const auto& visit = walk.story(beacon).visits.at(0);
        Millis two{};
        for (const auto& [name, span] : visit.zones) {
            std::cout << "  " << name << " " << span.count() / 1000 << " s\n";
            if (name == "b827ebfd7811" || name == "b827eb917e19") two += span;
        }
        std::cout << "tetam still: " << together.size() << " rows, " << moves
                  << " changes of zone in half an hour\n";
        CHECK(two * 100 > (visit.left_at - visit.opened_at) * 95);
        CHECK(moves <= 5);
    }
}

TEST_CASE("tetam: a walk is one visit, and its zones follow the walker", "[shared][rssi]")
{
    const auto at = shared_folder(folder);
    if (!at) return;
    const auto sensors = read_sensors(*at / "cnf_tetam.dev");
    REQUIRE(sensors.size() == 12);
    const VisitRules rules;

    // The floors are four fifths of what the engine reaches (59, 55, 73 and 56 % near; 58, 50, 43
    // and 52 % nearest): the radio itself, taken as it comes, names one of the two nearest sensors
    // in 46 to 58 % of the time, and chance in 17 %.
    struct Known {
        std::string name;
        double near_percent_least;
        double nearest_percent_least;
        unsigned unknown_levels;
    };
    const std::vector<Known> walks{
        {"straight_01", 47, 46, 0},
        {"straight_05", 44, 39, 2},  // +42 and +29 dBm: no radio measures that
        {"rectangular_without_rotation", 58, 34, 0},
        {"zigzagging_without_rotation", 45, 41, 0},
    };
    for (const auto& known : walks) {
        INFO(known.name);
        const auto heard = read_mbd(*at / (known.name + "_all_sensors.mbd"));
        REQUIRE(heard.size() > 1000);
        unsigned unknown = 0;
        std::set<std::string> readers;
        for (const auto& each : heard) {
            unknown += each.rssi_dbm ? 0U : 1U;
            readers.insert(each.reader);
            REQUIRE(each.where.has_value());
        }
        CHECK(unknown == known.unknown_levels);
        CHECK(readers.size() == sensors.size());

        Walk walk{heard, Walk::Zones::own, rules};
        const auto course = follow(walk, beacon, heard, sensors);
        check_one_visit(walk, heard, rules);
        print(known.name, heard, course);
        CHECK(course.share(course.near) >= known.near_percent_least);
        CHECK(course.share(course.nearest) >= known.nearest_percent_least);
        CHECK(course.share(course.near) >= course.share(course.loudest_near));
        // 46 to 51 % of what a zone picked by chance would be away.
        CHECK(course.to_zone <= 0.62 * course.to_any);

        // A zone lasts: five seconds and more in the mean; without hysteresis one to three.
        CHECK(course.moves * std::chrono::seconds{5} <= course.whole);
        VisitRules nervous = rules;
        nervous.zone_hysteresis_db = 0;
        Walk again{heard, Walk::Zones::own, nervous};
        const auto trembling = follow(again, beacon, heard, sensors);
        print(known.name + ", no hysteresis", heard, trembling);
        CHECK(trembling.moves >= 2 * course.moves);
    }
}

TEST_CASE("tetam: readers put on a par find the zone far more often", "[shared][rssi]")
{
    const auto at = shared_folder(folder);
    if (!at) return;
    const auto sensors = read_sensors(*at / "cnf_tetam.dev");

    // What limits the zones of the walks above is not the rule: at equal distance the sensors hear
    // 14 dB apart, more than twice the hysteresis. One walk is enough to learn by how much; it is
    // taken off the levels of the others before the engine hears them. (straight_01 is the same
    // course at another time, the other two are other courses.)
    const auto louder = loudness(read_mbd(*at / "straight_05_all_sensors.mbd"), sensors);
    REQUIRE(louder.size() == sensors.size());
    double least = 0, most = 0;
    for (const auto& [name, by] : louder) {
        least = std::min(least, by);
        most = std::max(most, by);
        std::cout << "  " << name << " louder by " << by << " dB\n";
    }
    CHECK(most - least > 6);

    struct Known {
        std::string name;
        double near_percent_least;  ///< four fifths of what is reached: 99, 83 and 89 %
    };
    const std::vector<Known> walks{{"straight_01", 79},
                                   {"rectangular_without_rotation", 66},
                                   {"zigzagging_without_rotation", 71}};
    for (const auto& known : walks) {
        INFO(known.name);
        auto heard = read_mbd(*at / (known.name + "_all_sensors.mbd"));
        for (auto& each : heard)
            each.rssi_dbm = level(std::lround(*each.rssi_dbm - louder.at(each.reader)));
        Walk walk{heard, Walk::Zones::own};
        const auto course = follow(walk, beacon, heard, sensors);
        check_one_visit(walk, heard, {});
        print(known.name + ", on a par", heard, course);
        CHECK(course.share(course.near) >= known.near_percent_least);
        CHECK(course.moves * std::chrono::seconds{5} <= course.whole);
    }
}
