// Presence and nearest reader on recorded signals, beside what cameras, tape measures and a headset
// say. Without the recordings it says "skipped" and measures nothing.

#include "daemon/base/iso8601.hpp"
#include "tests/bench/bench.hpp"
#include "tests/engine/rssi/course.hpp"
#include "tests/engine/rssi/recordings.hpp"
#include "tests/engine/rssi/walk.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

using namespace raiten;
using namespace raiten::test;

namespace {

using Folder = std::filesystem::path;

void presence(const std::string& name, double found, double truth)
{
    bench::print((name + ": visits").c_str(), found, "visits", {"that were", truth});
}

void share(const std::string& name, double percent, double by_chance)
{
    char chance[32];
    std::snprintf(chance, sizeof chance, " (chance %.0f %%)", by_chance);
    bench::print((name + chance).c_str(), percent, "%", {"of the time", 100});
}

/// How many visits these tags were given; none of them ever left meanwhile.
std::size_t visits_of(const Recording& heard, const std::set<std::string>& tags)
{
    Walk walk{heard, Walk::Zones::one, {}, tags};
    walk.play(heard);
    walk.settle();
    std::size_t visits = 0;
    for (const auto& tag : tags) visits += walk.story(tag).visits.size();
    return visits;
}

void tetam(const Folder& folder)
{
    const std::string beacon = "e78f135624ce";
    const auto sensors = read_sensors(folder / "cnf_tetam.dev");
    const auto chance = 100.0 / static_cast<double>(sensors.size());
    const auto tell = [&](const std::string& name, const Recording& heard) {
        presence(name, static_cast<double>(visits_of(heard, {beacon})), 1);
        Walk walk{heard, Walk::Zones::own};
        const auto course = follow(walk, beacon, heard, sensors);
        share(name + ": nearest reader", course.share(course.nearest), chance);
        share(name + ": one of two nearest", course.share(course.near), 2 * chance);
    };
    Recording still;
    for (const std::string alias : {"sensor10", "sensor20", "sensor30", "sensor40"}) {
        auto heard = read_mbd(folder / (alias + "_10.36_6.57_1.90.mbd"));
        presence("tetam still, " + alias + " alone",
                 static_cast<double>(visits_of(heard, {beacon})), 1);
        still.insert(still.end(), heard.begin(), heard.end());
    }
    std::stable_sort(still.begin(), still.end(),
                     [](const Heard& a, const Heard& b) { return a.at < b.at; });
    for (auto& each : still) each.where = Place{10.36, 6.57, 1.90};
    tell("tetam still", still);
    for (const std::string name : {"straight_01", "straight_05", "rectangular", "zigzagging"}) {
        const bool turned = name[0] == 's';
        tell("tetam " + name,
             read_mbd(folder / (name + (turned ? "" : "_without_rotation") + "_all_sensors.mbd")));
    }
}

/// Phones as readers: the nearest is by the distances that the cameras told last.
void dp3t(const Folder& folder)
{
    for (const std::string name : {"lunch", "office"}) {
        const auto heard = read_dp3t(
            folder / ((name == "lunch" ? "scenario01-" : "scenario03-") + name + ".sqlite"));
        std::set<std::string> tags;
        for (const auto& each : heard) tags.insert(each.tag);
        presence("dp3t " + name, static_cast<double>(visits_of(heard, tags)),
                 static_cast<double>(tags.size()));

        Walk walk{heard, Walk::Zones::own};
        std::map<std::string, std::map<std::string, double>> apart;  // by tag, then reader
        std::size_t judged = 0, nearest = 0, near = 0;
        double chance = 0;
        for (const auto& each : heard) {
            walk.tell(each);
            if (each.metres) apart[each.tag][each.reader] = *each.metres;
            const auto zone = walk.zone_of(each.tag);
            const auto& known = apart[each.tag];
            const auto own = known.find(zone);
            if (own == known.end()) continue;
            const auto nearer = std::count_if(known.begin(), known.end(), [&](const auto& other) {
                return other.second < own->second;
            });
            ++judged;
            nearest += nearer == 0 ? 1U : 0U;
            near += nearer <= 1 ? 1U : 0U;
            chance += 100.0 / static_cast<double>(known.size());
        }
        if (judged == 0) continue;
        const auto of = static_cast<double>(judged);
        share("dp3t " + name + ": nearest phone", 100 * static_cast<double>(nearest) / of,
              chance / of);
        share("dp3t " + name + ": one of two nearest", 100 * static_cast<double>(near) / of,
              2 * chance / of);
    }
}

void mitll(const Folder& folder)
{
    Recording heard;
    for (const auto& row :
         rows_of(folder / "5-MayConferenceRoom_iPhone_log_2020-05-05_15.32.49.119_225.txt", ',')) {
        if (row.size() != 7 || row[1] != "Bluetooth") continue;
        std::string when = row[0] + "Z";
        when[10] = 'T';
        if (const auto at = parse_instant(when))
            heard.push_back({*at, "iphone", row[4], level(std::stol(row[3])), {}, 1.83});
    }
    presence("mitll",
             static_cast<double>(visits_of(heard, {"TestPhone2", "TestPhone3", "TestPhone4"})), 3);
}

void pcng(const Folder& folder)
{
    for (const std::string way : {"HH", "HP"}) {
        std::map<std::string, Recording> phones;
        for (const auto& row : rows_of(folder / ("RSS_human" + way + "_testingData.csv"), ','))
            if (row.size() == 7 && row[0] != "device")
                phones[row[0]].push_back({Instant{Millis{std::lround(std::stod(row[1]) * 1000)}},
                                          "phone",
                                          "other",
                                          level(std::stol(row[2])),
                                          {},
                                          std::stod(row[5]) / 100});
        std::size_t visits = 0;
        for (auto& [phone, heard] : phones) {
            std::stable_sort(heard.begin(), heard.end(),
                             [](const Heard& a, const Heard& b) { return a.at < b.at; });
            visits += visits_of(heard, {"other"});
        }
        presence(way == "HH" ? "pcng in the hand" : "pcng in the pocket",
                 static_cast<double>(visits), static_cast<double>(phones.size()));
    }
}

/// The tours are those of the dates: more than settle_grace apart.
void uci(const Folder& file)
{
    const auto heard = read_uci(file);
    std::size_t tours = 0;
    for (std::size_t i = 0; i < heard.size(); ++i)
        tours += i == 0 || heard[i].at - heard[i - 1].at > VisitRules{}.settle_grace ? 1U : 0U;
    presence("uci", static_cast<double>(visits_of(heard, {"phone"})), static_cast<double>(tours));
}

/// No times and no places: rows count as a second apart, and the right zone is the beacon with the
/// highest mean of the sector.
void albacete(const Folder& folder)
{
    const auto rows = rows_of(folder / "Tx0.csv", ',');
    Recording heard;
    std::map<std::string, std::map<std::string, double>> sum;
    for (std::size_t i = 1; i < rows.size(); ++i)
        for (std::size_t k = 0; k < 6; ++k) {
            const auto dbm = level(std::stol(rows[i].at(k)));
            sum[rows[i].at(6)][rows[0][k]] += dbm.value_or(-100);
            heard.push_back({Instant{std::chrono::seconds{i}}, rows[0][k], "phone", dbm, {}, {}});
        }
    presence("albacete", static_cast<double>(visits_of(heard, {"phone"})), 1);
    Walk walk{heard, Walk::Zones::own};
    std::size_t judged = 0, first = 0, second = 0;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        walk.tell(heard[i]);
        const auto zone = walk.zone_of("phone");
        if (i % 6 != 5 || zone.empty()) continue;
        const auto& here = sum[rows[i / 6 + 1][6]];
        const auto louder = std::count_if(here.begin(), here.end(), [&](const auto& other) {
            return other.second > here.at(zone);
        });
        ++judged;
        first += louder == 0 ? 1U : 0U;
        second += louder <= 1 ? 1U : 0U;
    }
    const auto of = static_cast<double>(judged);
    share("albacete: beacon of the sector", 100 * static_cast<double>(first) / of, 100.0 / 6);
    share("albacete: one of the two", 100 * static_cast<double>(second) / of, 200.0 / 6);
}

}  // namespace

int main()
{
    const char* shared = std::getenv("RAITEN_SHARED");
    const Folder at =
        Folder{shared ? shared : RAITEN_SOURCE_DIR "/../shared"} / "data/captures/rssi";
    if (!std::filesystem::is_directory(at)) {
        std::fprintf(stderr, "skipped: no shared data in %s\n", at.c_str());
        return 0;
    }
    tetam(at / "tetam");
    dp3t(at / "dp3t");
    mitll(at / "mitll");
    pcng(at / "pcng");
    uci(at / "uci_ibeacon_rssi_labeled.csv");
    albacete(at / "albacete");
}
