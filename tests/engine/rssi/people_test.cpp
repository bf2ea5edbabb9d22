#include "daemon/base/iso8601.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/engine/rssi/recordings.hpp"
#include "tests/engine/rssi/walk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>

// People who carry a phone: eighteen at lunch and in an office under cameras (DP-3T), one with
// phones in pocket, purse and at the ear (MIT Lincoln Laboratory), two who stand 0.2 to 5 m apart
// with the phone in the hand or the pocket (pcng).

using namespace raiten;
using namespace raiten::test;

namespace {

const std::string folder = "data/captures/rssi/";

double mean_of(const Recording& heard)
{
    double sum = 0;
    for (const auto& each : heard) sum += each.rssi_dbm.value();
    return sum / static_cast<double>(heard.size());
}

std::size_t known_levels(const Recording& heard)
{
    return static_cast<std::size_t>(std::count_if(
        heard.begin(), heard.end(), [](const Heard& h) { return h.rssi_dbm.has_value(); }));
}

}  // namespace

TEST_CASE("DP-3T: eighteen people who stay are eighteen visits", "[shared][rssi]")
{
    const auto at = shared_folder(folder + "dp3t");
    if (!at) return;
    const VisitRules rules;
    for (const std::string name : {"scenario01-lunch", "scenario03-office"}) {
        INFO(name);
        const auto heard = read_dp3t(*at / (name + ".sqlite"));
        REQUIRE(heard.size() > 6000);
        CHECK(known_levels(heard) == heard.size());

        // Every phone is a reader and a tag. Each listens for four seconds in five minutes only.
        // They hear each other at -85 dBm in the mean, so whoever is to be let in needs a lower
        // level.
        VisitRules faint = rules;
        faint.enter_rssi_dbm = -92;
        Walk walk{heard, Walk::Zones::one, faint};
        walk.play(heard);
        std::map<std::string, Recording> by_tag;
        std::map<std::pair<std::string, std::string>, Recording> pairs;
        for (const auto& each : heard) {
            by_tag[each.tag].push_back(each);
            pairs[{each.reader, each.tag}].push_back(each);
        }
        CHECK(by_tag.size() == 18);
        unsigned false_exits = 0, visits = 0;
        Millis silence{};
        for (const auto& [tag, rows] : by_tag) {
            silence = std::max(silence, longest_silence(rows, rules.stay_rssi_dbm));
            false_exits += walk.story(tag).ended_while_played;
            visits += walk.story(tag).opened;
        }
        walk.settle();
        for (const auto& [tag, rows] : by_tag) {
            INFO("tag " << tag);
            CHECK(walk.story(tag).opened == 1);
            REQUIRE(walk.story(tag).visits.size() == 1);
            const auto last = std::find_if(rows.rbegin(), rows.rend(), [&](const Heard& h) {
                return *h.rssi_dbm >= rules.stay_rssi_dbm;
            });
            CHECK(walk.story(tag).visits[0].left_at == last->at);
        }

        // One phone alone, as the only reader of a store: its bursts are shorter than enter_dwell
        // and further apart than enter_window, so by default nobody comes in. Such a reader needs
        // a window and a timeout of more than two of its rounds.
        VisitRules patient = rules;
        patient.enter_window = std::chrono::minutes{12};
        patient.exit_timeout = std::chrono::minutes{12};
        patient.enter_rssi_dbm = -92;
        unsigned tried = 0, by_default = 0, by_patience = 0, doubled = 0, exits = 0;
        for (const auto& [pair, rows] : pairs) {
            if (rows.size() < 30) continue;
            ++tried;
            Walk strict{rows, Walk::Zones::one, rules};
            strict.play(rows);
            strict.settle();
            by_default += strict.story(pair.second).opened > 0 ? 1U : 0U;
            Walk calm{rows, Walk::Zones::one, patient};
            calm.play(rows);
            exits += calm.story(pair.second).ended_while_played;
            calm.settle();
            by_patience += calm.story(pair.second).opened > 0 ? 1U : 0U;
            doubled += calm.story(pair.second).opened > 1 ? 1U : 0U;
        }
        std::cout << "dp3t/" << name << ": " << heard.size() << " rows, 18 tags, " << visits
                  << " visits, " << false_exits << " exits meanwhile, longest silence of a tag "
                  << silence.count() / 1000 << " s; one phone as the only reader: of " << tried
                  << " pairs " << by_default << " open by default, " << by_patience
                  << " with a window of 12 min (" << doubled << " twice, " << exits
                  << " exits meanwhile)\n";
        CHECK(false_exits == 0);
        REQUIRE(tried > 50);
        CHECK(by_patience * 20 >= tried * 19);  // 86 of 87 and 77 of 79
        CHECK(doubled == 0);
        CHECK(exits * 20 <= tried);  // 3 of 87 and 0 of 79 are seen
    }
}

TEST_CASE("DP-3T: the cameras' distances are those of the table", "[shared][rssi]")
{
    const auto at = shared_folder(folder + "dp3t");
    if (!at) return;
    const auto camera = read_camera(read_zipped(*at / "0_lunch.zip", "0_lunch/lunch.json"));
    const auto heard = read_dp3t(*at / "scenario01-lunch.sqlite");
    REQUIRE(camera.people.size() == 16);
    REQUIRE(camera.frames.size() == 45000);
    for (const auto& [name, places] : camera.people) {
        INFO("person " << name);
        CHECK(places.size() == camera.frames.size());
    }
    CHECK(std::is_sorted(camera.frames.begin(), camera.frames.end()));

    // It holds positions alone, no levels: what it can vouch for is the table's distance.
    constexpr std::chrono::hours swiss_summer{2};
    std::size_t compared = 0, agreeing = 0;
    for (const auto& each : heard) {
        if (!each.metres) continue;
        const auto frame =
            std::lower_bound(camera.frames.begin(), camera.frames.end(), each.at + swiss_summer);
        if (frame == camera.frames.end()) continue;
        const auto n = static_cast<std::size_t>(frame - camera.frames.begin());
        const auto one = camera.people.find(each.reader);
        const auto other = camera.people.find(each.tag);
        if (one == camera.people.end() || other == camera.people.end()) continue;
        const auto& a = one->second[n];
        const auto& b = other->second[n];
        if (!a || !b) continue;
        ++compared;
        const auto apart = std::hypot((*a)[0] - (*b)[0], (*a)[1] - (*b)[1]);
        agreeing += std::abs(apart - *each.metres) <= 0.5 ? 1U : 0U;
    }
    std::cout << "dp3t/0_lunch.zip: " << camera.people.size() << " people in "
              << camera.frames.size() << " frames; of " << compared << " distances " << agreeing
              << " agree with the table within 0.5 m\n";
    CHECK(compared > 1000);
    CHECK(agreeing * 10 >= compared * 9);
}

TEST_CASE("mitll: phones in pocket and purse and at the ear", "[shared][rssi]")
{
    const auto at = shared_folder(folder + "mitll");
    if (!at) return;
    const auto page = read_file(*at / "README.txt");
    const std::string description{reinterpret_cast<const char*>(page.data()), page.size()};
    CHECK(description.find("TestPhone2\t\tPurse (right side)") != std::string::npos);
    CHECK(description.find("All collects were done with 6' separation") != std::string::npos);

    const auto rows =
        rows_of(*at / "5-MayConferenceRoom_iPhone_log_2020-05-05_15.32.49.119_225.txt", ',');
    Recording heard;
    std::map<std::string, std::size_t> kinds;
    for (const auto& row : rows) {
        REQUIRE(row.size() >= 3);
        ++kinds[row[1]];
        if (row[1] != "Bluetooth") continue;
        REQUIRE(row.size() == 7);
        std::string when = row[0] + "Z";
        when[10] = 'T';
        const auto time = parse_instant(when);
        REQUIRE(time.has_value());
        // Phones without a name are strangers: nobody enrolled them.
        heard.push_back({*time,
                         "iphone",
                         row[4] == "None" ? row[2] : row[4],
                         level(std::stol(row[3])),
                         {},
                         1.83});
    }
    std::cout << "mitll: " << rows.size() << " rows, " << heard.size() << " levels\n";
    CHECK(kinds["Device"] + kinds["Range"] + kinds["Angle"] + kinds["Accelerometer"]
              + kinds["Gyroscope"] + kinds["Bluetooth"]
          == rows.size());
    REQUIRE(heard.size() == 3251);
    CHECK(known_levels(heard) == heard.size());

    const std::set<std::string> members{"TestPhone2", "TestPhone3", "TestPhone4"};
    Walk walk{heard, Walk::Zones::one, {}, members};
    walk.play(heard);
    std::size_t known = 0;
    for (const auto& member : members) {
        INFO(member);
        Recording own;
        std::copy_if(heard.begin(), heard.end(), std::back_inserter(own),
                     [&](const Heard& h) { return h.tag == member; });
        known += own.size();
        std::cout << "  " << member << ": " << own.size() << " levels, mean " << mean_of(own)
                  << " dBm\n";
        CHECK(walk.story(member).opened == 1);
        CHECK(walk.story(member).ended_while_played == 0);
    }
    walk.settle();
    for (const auto& member : members) {
        INFO(member);
        const auto last = std::find_if(heard.rbegin(), heard.rend(),
                                       [&](const Heard& h) { return h.tag == member; });
        REQUIRE(walk.story(member).visits.size() == 1);
        CHECK(walk.story(member).visits[0].left_at == last->at);
    }
    CHECK(walk.counts().unknown_tokens == heard.size() - known);
}

TEST_CASE("pcng: a phone in the pocket is weaker, and still one visit", "[shared][rssi]")
{
    const auto at = shared_folder(folder + "pcng");
    if (!at) return;
    const VisitRules rules;
    std::map<std::pair<std::string, long>, std::map<std::string, Recording>> stands;
    std::map<std::string, std::map<std::string, Recording>> sessions;  // by way, by phone
    for (const std::string way : {"HH", "HP"}) {
        std::size_t rows = 0;
        for (const auto& row : rows_of(*at / ("RSS_human" + way + "_testingData.csv"), ',')) {
            if (row.at(0) == "device") continue;
            REQUIRE(row.size() == 7);
            const Instant when{Millis{std::lround(std::stod(row[1]) * 1000)}};
            const std::string phone = row[0] == "HTC One M9" ? "htc" : row[0];
            const Heard heard{
                when, phone, "other", level(std::stol(row[2])), {}, std::stod(row[5]) / 100};
            REQUIRE(heard.rssi_dbm.has_value());
            stands[{phone, std::stol(row[5])}][way].push_back(heard);
            sessions[way][phone].push_back(heard);
            ++rows;
        }
        std::cout << "pcng/" << way << ": " << rows << " rows\n";
        CHECK(rows > 3000);
    }

    double lower = 0;
    unsigned both = 0;
    std::cout << "pcng: cm, phone, mean in the hand, in the pocket\n";
    for (const auto& [stand, ways] : stands) {
        if (ways.size() != 2) continue;  // not every stand was repeated
        const auto hand = mean_of(ways.at("HH"));
        const auto pocket = mean_of(ways.at("HP"));
        std::cout << "  " << stand.second << " " << stand.first << " " << hand << " " << pocket
                  << '\n';
        lower += hand - pocket;
        if (stand.second <= 80) CHECK(pocket < hand);  // nearer than walls and floor
        ++both;
    }
    std::cout << "pcng: the pocket takes " << lower / both << " dB in the mean\n";
    CHECK(lower / both > 0);

    // The two walk towards each other from 5 m to 0.2 m: one coming in, no going out meanwhile.
    for (auto& [way, phones] : sessions)
        for (auto& [phone, heard] : phones) {
            INFO(way << " " << phone);
            std::stable_sort(heard.begin(), heard.end(),
                             [](const Heard& a, const Heard& b) { return a.at < b.at; });
            Walk walk{heard, Walk::Zones::one, rules};
            walk.play(heard);
            CHECK(walk.story("other").opened == 1);
            CHECK(walk.story("other").ended_while_played == 0);
            walk.settle();
            REQUIRE(walk.story("other").visits.size() == 1);
            const auto& visit = walk.story("other").visits[0];
            std::cout << "  " << way << " " << phone << ": "
                      << (visit.left_at - visit.opened_at).count() / 1000 << " s of "
                      << (heard.back().at - heard.front().at).count() / 1000
                      << " s, longest silence "
                      << longest_silence(heard, rules.stay_rssi_dbm).count() / 1000 << " s\n";
        }

    // Each stand by itself, about a minute long: near enough, it opens.
    for (const auto& [stand, ways] : stands)
        for (const auto& [way, heard] : ways) {
            Walk walk{heard, Walk::Zones::one, rules};
            walk.play(heard);
            walk.settle();
            INFO(way << " " << stand.second << " cm " << stand.first << ", mean "
                     << mean_of(heard));
            CHECK(walk.story("other").opened <= 1);
            if (stand.second <= 80) CHECK(walk.story("other").opened == 1);
            if (walk.story("other").opened == 0)
                std::cout << "  no visit: " << way << " " << stand.second << " cm " << stand.first
                          << ", mean " << mean_of(heard) << '\n';
        }
}
