#include "daemon/base/iso8601.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/engine/rssi/recordings.hpp"
#include "tests/engine/rssi/walk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

// One phone carried through a building full of fixed beacons, with the spot written down. A radio
// path is the same both ways: here the beacons are the readers and the phone is the tag.

using namespace raiten;
using namespace raiten::test;

namespace {

const std::string folder = "data/captures/rssi";
const std::string phone = "phone";

}  // namespace

TEST_CASE("uci: seven tours through a library are seven visits", "[shared][rssi]")
{
    const auto at = shared_folder(folder);
    if (!at) return;
    const auto rows = rows_of(*at / "uci_ibeacon_rssi_labeled.csv", ',');
    REQUIRE(rows.size() == 853);
    REQUIRE(rows[0].size() == 15);
    const auto heard = read_uci(*at / "uci_ibeacon_rssi_labeled.csv");
    std::size_t unheard = 0, out_of_range = 0;
    for (const auto& row : rows)
        unheard += static_cast<std::size_t>(std::count(row.begin(), row.end(), "-200"));
    for (const auto& each : heard) out_of_range += each.rssi_dbm ? 0U : 1U;
    REQUIRE(!heard.empty());
    CHECK(std::is_sorted(heard.begin(), heard.end(),
                         [](const Heard& a, const Heard& b) { return a.at < b.at; }));

    // The tours as the dates tell them: more than settle_grace apart.
    const VisitRules rules;
    std::vector<std::pair<Instant, Instant>> tours;
    Instant last = Instant::min();
    for (const auto& each : heard) {
        if (last == Instant::min() || each.at - last > rules.settle_grace)
            tours.emplace_back(each.at, each.at);
        tours.back().second = each.at;
        last = each.at;
    }
    Walk walk{heard, Walk::Zones::own, rules};
    walk.play(heard);
    const auto exits = walk.story(phone).ended_while_played;
    walk.settle();
    const auto& story = walk.story(phone);
    std::cout << "uci: " << rows.size() - 1 << " rows, " << heard.size() << " levels, "
              << out_of_range << " out of range, " << unheard << " not heard; " << tours.size()
              << " tours, " << story.opened << " visits, " << exits << " exits between them\n";
    CHECK(unheard + heard.size() == 852 * 13);
    CHECK(out_of_range == 15);  // -198 and -199 dBm: no radio measures that
    CHECK(tours.size() == 7);
    CHECK(story.opened == tours.size());
    CHECK(story.ended == tours.size());  // and never within a tour
    REQUIRE(story.visits.size() == tours.size());
    for (std::size_t i = 0; i < tours.size(); ++i) {
        INFO("tour " << i << " of " << format_instant(tours[i].first, std::chrono::minutes{0}));
        const auto& visit = story.visits[i];
        CHECK(visit.opened_at >= tours[i].first);
        CHECK(visit.opened_at - tours[i].first <= rules.enter_window);
        CHECK(visit.left_at == tours[i].second);
    }
}

TEST_CASE("albacete: twenty-eight sectors under six beacons", "[shared][rssi]")
{
    const auto at = shared_folder(folder + "/albacete");
    if (!at) return;
    const auto beacons = rows_of(*at / "beacon_metadata.csv", ';');
    const auto sectors = rows_of(*at / "sector_metadata.csv", ';');
    const auto book = rows_of(*at / "variable_codebook.csv", ';');
    REQUIRE(beacons.size() == 1 + 6);
    REQUIRE(sectors.size() == 1 + 28);
    REQUIRE(book.size() == 1 + 7);
    for (std::size_t i = 1; i <= 6; ++i) {
        CHECK(beacons[i][0] == "B" + std::to_string(i));
        CHECK(book[i][0] == beacons[i][0]);
        CHECK(book[i][2] == "dBm");
    }

    // The rows have no time. Their order is the recording's; that they are a second apart is ours.
    const auto rows = rows_of(*at / "Tx0.csv", ',');
    REQUIRE(rows.size() == 1 + 2800);
    Recording heard;
    std::map<std::string, std::size_t> samples;
    std::map<std::string, std::map<std::string, double>> mean;  // of a beacon in a sector
    std::string before;
    unsigned raw_moves = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (row.size() != 7) FAIL("row " << i);
        ++samples[row[6]];
        std::size_t best = 0;
        for (std::size_t k = 0; k < 6; ++k) {
            const auto dbm = level(std::stol(row[k]));
            REQUIRE(dbm.has_value());
            if (std::stol(row[k]) > std::stol(row[best])) best = k;
            mean[row[6]][rows[0][k]] += *dbm / 100.0;
            heard.push_back({Instant{std::chrono::seconds{i}}, rows[0][k], phone, dbm, {}, {}});
        }
        raw_moves += !before.empty() && before != rows[0][best] ? 1U : 0U;
        before = rows[0][best];
    }
    CHECK(samples.size() == 28);
    for (const auto& [sector, count] : samples) {
        INFO("sector " << sector);
        CHECK(count == 100);
    }

    Walk walk{heard, Walk::Zones::own};
    std::string zone;
    unsigned moves = 0;
    std::size_t loudest = 0, as_good = 0, within = 0, judged = 0;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        walk.tell(heard[i]);
        if (i % 6 != 5) continue;
        const auto now = walk.zone_of(phone);
        moves += !zone.empty() && now != zone ? 1U : 0U;
        zone = now;
        if (zone.empty()) continue;
        const auto& here = mean[rows[i / 6 + 1][6]];
        const auto most =
            std::max_element(here.begin(), here.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        loudest += zone == most->first ? 1U : 0U;
        for (const auto& [name, dbm] : here)
            within += dbm >= most->second - VisitRules{}.zone_hysteresis_db ? 1U : 0U;
        as_good += here.at(zone) >= most->second - VisitRules{}.zone_hysteresis_db ? 1U : 0U;
        ++judged;
    }
    CHECK(walk.story(phone).opened == 1);
    CHECK(walk.story(phone).ended_while_played == 0);
    walk.settle();
    REQUIRE(walk.story(phone).visits.size() == 1);
    CHECK(walk.story(phone).visits[0].left_at == heard.back().at);
    std::cout << "albacete: " << rows.size() - 1 << " rows; the loudest beacon changes "
              << raw_moves << " times, the zone " << moves << " times; it is the beacon of the "
              << "sector's highest mean in " << 100 * loudest / judged
              << " % of rows, within the hysteresis of it in " << 100 * as_good / judged
              << " % (by chance " << 100 * within / 6 / judged << " %)\n";
    CHECK(moves * 5 < raw_moves);
    CHECK(loudest * 100 >= judged * 57);  // four fifths of what is reached; chance is 17
    CHECK(as_good * 100 >= judged * 78);
    CHECK(as_good * 6 >= within * 3 / 2);  // and half as much again as by chance
}
