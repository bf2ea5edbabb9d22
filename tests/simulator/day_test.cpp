#include "tests/simulator/scenarios.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace raiten;
using namespace raiten::simulator;
using namespace raiten::test;

namespace {

using Kind = Arrival::Kind;

constexpr std::uint32_t days = 5;

std::vector<Day> week(std::uint64_t seed, const Scenario& scenario = small_scenario())
{
    Store store{scenario, seed};
    std::vector<Day> out;
    for (std::uint32_t n = 0; n < days; ++n) out.push_back(store.day(n));
    return out;
}

}  // namespace

TEST_CASE("truth: everybody leaves after coming in, and is in one place at a time", "[simulator]")
{
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    for (const auto& day : week(seed)) {
        CAPTURE(day.number);
        std::map<std::uint32_t, Instant> gone;
        Instant before = day.span.from;
        REQUIRE(!day.truth.visits.empty());
        for (const auto& visit : day.truth.visits) {
            CHECK(visit.span.from < visit.span.to);
            CHECK(visit.span.to - visit.span.from < std::chrono::hours{2});
            CHECK(within(visit.span, day.span));
            CHECK(visit.span.from >= before);
            before = visit.span.from;
            if (visit.person) {
                const auto last = gone.find(*visit.person);
                if (last != gone.end()) CHECK(last->second < visit.span.from);
                gone[*visit.person] = visit.span.to;
            }
            // Zones and absences fill the visit, from the door to the door.
            Millis inside{};
            for (const auto& stay : visit.zones) {
                CHECK(within(stay.span, visit.span));
                inside += stay.span.to - stay.span.from;
            }
            Millis outside{};
            for (const auto& away : visit.away) {
                CHECK(within(away, visit.span));
                CHECK(away.to - away.from <= std::chrono::minutes{8});
                outside += away.to - away.from;
            }
            const auto missing = visit.span.to - visit.span.from - inside - outside;
            CHECK(missing >= Millis{0});
            CHECK(missing < std::chrono::seconds{3});
        }
        for (const auto& one : day.truth.passers_by) {
            CHECK(one.span.from < one.span.to);
            CHECK(one.nearest_m > 0.5);
        }
        for (const auto& one : day.truth.outages) CHECK(within(one.span, day.span));
    }
}

TEST_CASE("truth: what is bought is bought during a visit, at one register at a time",
          "[simulator]")
{
    auto scenario = small_scenario();
    scenario.crowd = Crowd::crowded;
    const auto seed = GENERATE(4U, 5U);
    CAPTURE(seed);
    std::size_t undone = 0;
    for (const auto& day : week(seed, scenario)) {
        REQUIRE(day.truth.purchases.size() == day.slips.size());
        std::map<std::pair<std::uint16_t, std::string>, const Slip*> sales;
        std::map<std::uint16_t, Instant> last;
        for (const auto& purchase : day.truth.purchases) {
            const auto& slip = day.slips[purchase.slip];
            REQUIRE(purchase.visit.has_value());
            const auto& visit = day.truth.visits[*purchase.visit];
            CHECK(visit.person == purchase.person);
            CHECK(slip.at > visit.span.from);
            CHECK(slip.at < visit.span.to);
            // At the till, in the truth of zones too.
            CHECK(std::any_of(visit.zones.begin(), visit.zones.end(), [&](const ZoneStay& stay) {
                return stay.zone == Zone::till && stay.span.from <= slip.at
                       && slip.at < stay.span.to;
            }));
            Money sum;
            for (const auto& line : slip.lines) sum += line.amount;
            CHECK(sum == slip.total);
            if (slip.card) CHECK(purchase.person.has_value());
            if (slip.kind == ReceiptKind::sale) {
                CHECK(std::count(visit.slips.begin(), visit.slips.end(), purchase.slip) == 1);
                CHECK(sales.emplace(std::pair{slip.reader, slip.number}, &slip).second);
            } else {
                ++undone;
                const auto sale = sales.find({slip.reader, slip.refers_to});
                REQUIRE(sale != sales.end());
                CHECK(sale->second->total == slip.total);
                CHECK(sale->second->at < slip.at);
                CHECK_FALSE(visit.bought);
            }
            if (last.contains(slip.reader)) CHECK(last[slip.reader] <= slip.at);
            last[slip.reader] = slip.at;
        }
    }
    CHECK(undone > 0);
}

TEST_CASE("arrivals: in order, within bounds, and none while a reader is deaf", "[simulator]")
{
    auto scenario = small_scenario();
    scenario.outages_per_day = 4;
    const auto seed = GENERATE(6U, 7U);
    CAPTURE(seed);
    std::size_t late = 0;
    std::size_t sightings = 0;
    std::size_t outages = 0;
    for (const auto& day : week(seed, scenario)) {
        Instant before = day.span.from;
        std::map<std::pair<std::uint16_t, Instant>, bool> changes;
        for (const auto& arrival : day.arrivals) {
            REQUIRE(arrival.received_at >= before);
            before = arrival.received_at;
            const auto lateness = arrival.received_at - arrival.at;
            REQUIRE(lateness >= Millis{0});
            if (is_sighting(arrival)) {
                ++sightings;
                late += lateness >= std::chrono::seconds{1} ? 1U : 0U;
                REQUIRE(lateness <= std::chrono::minutes{4} + std::chrono::seconds{3});
                for (const auto& outage : day.truth.outages) {
                    const Millis clock{50};
                    const bool during = arrival.reader == outage.reader
                                        && arrival.at > outage.span.from + clock
                                        && arrival.at < outage.span.to - clock;
                    REQUIRE_FALSE(during);
                }
            } else if (arrival.kind == Kind::receipt) {
                CHECK(lateness <= std::chrono::hours{3} + std::chrono::seconds{3});
                CHECK(arrival.at == day.slips[arrival.number].at);
            } else if (arrival.kind != Kind::check_in) {
                changes[{arrival.reader, arrival.at}] = arrival.kind == Kind::reader_up;
            }
        }
        CHECK(before < day.span.to);
        outages += day.truth.outages.size();
        for (const auto& outage : day.truth.outages) {
            CHECK(changes.at({outage.reader, outage.span.from}) == false);
            CHECK(changes.at({outage.reader, outage.span.to}) == true);
        }
    }
    CHECK(outages > 20);
    const double share = static_cast<double>(late) / static_cast<double>(sightings);
    CHECK(share == Approx(scenario.late_sightings).margin(0.003));
}

TEST_CASE("arrivals: every receipt of the truth comes, and no other", "[simulator]")
{
    for (const auto& day : week(8)) {
        std::set<std::uint32_t> told;
        for (const auto& arrival : day.arrivals)
            if (arrival.kind == Kind::receipt) told.insert(arrival.number);
        CHECK(told.size() == day.slips.size());
    }
}
