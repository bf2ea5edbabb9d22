#include "daemon/simulator/event_text.hpp"
#include "daemon/simulator/streams.hpp"
#include "daemon/simulator/truth_text.hpp"
#include "tests/simulator/scenarios.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace raiten;
using namespace raiten::simulator;
using namespace raiten::test;

namespace {

/// Everything that a day says, as text.
std::string told(const Store& store, const Day& day)
{
    std::string out;
    EventText{store}.write(day, 0, day.arrivals.size(), out);
    write_truth(store, day, out);
    return out;
}

std::string told(const Scenario& scenario, std::uint64_t seed, std::uint32_t number)
{
    Store store{scenario, seed};
    const auto day = store.day(number);
    return told(store, day);
}

}  // namespace

TEST_CASE("a seed says everything: the same again, another one otherwise", "[simulator]")
{
    const auto once = told(small_scenario(), 11, 0);
    CHECK((once == told(small_scenario(), 11, 0)));  // megabytes: not to be printed
    CHECK((once != told(small_scenario(), 12, 0)));
    CHECK(members_csv(Store{small_scenario(), 11}) == members_csv(Store{small_scenario(), 11}));
    CHECK(members_csv(Store{small_scenario(), 11}) != members_csv(Store{small_scenario(), 12}));
}

TEST_CASE("a day is the same whichever days were asked for before", "[simulator]")
{
    const auto alone = told(small_scenario(), 13, 4);
    Store store{small_scenario(), 13};
    Day day;
    for (const std::uint32_t number : {0U, 1U, 2U, 3U, 4U}) store.day(number, day);
    CHECK((told(store, day) == alone));
    store.day(9, day);
    store.day(4, day);  // and back
    CHECK((told(store, day) == alone));
}

TEST_CASE("people: every token is one person's, and some have no Bluetooth", "[simulator]")
{
    const Store store{small_scenario(2'000), 14};
    std::set<std::string> seen;
    for (const auto& tag : store.tags()) CHECK(seen.insert(tag.token).second);
    std::set<std::uint32_t> owned;
    std::size_t silent = 0;
    for (const auto& person : store.people()) {
        for (const auto tag : person.tags) CHECK(owned.insert(tag).second);
        silent += person.carried ? 0U : 1U;
    }
    CHECK(owned.size() == store.tags().size());
    CHECK(static_cast<double>(silent) / 2'000 == Approx(0.24).margin(0.04));
}

TEST_CASE("rates: reception is the share of advertisements that a near reader gets", "[simulator]")
{
    auto scenario = small_scenario();
    scenario.outages_per_day = 0;
    scenario.doubled = 0;
    scenario.advertising = std::chrono::seconds{GENERATE(1, 3)};
    scenario.reception = GENERATE(0.3, 0.9);
    CAPTURE(scenario.advertising.count(), scenario.reception);
    Store store{scenario, 15};
    double heard = 0;
    double sent = 0;
    for (std::uint32_t number = 0; number < 2; ++number) {
        const auto day = store.day(number);
        std::map<std::uint32_t, std::size_t> at_floor;  // by tag: what the reader in the middle got
        for (const auto& arrival : day.arrivals)
            if (is_sighting(arrival) && arrival.reader == 1) ++at_floor[arrival.number];
        const double interval_ms = static_cast<double>(scenario.advertising.count()) + 5;
        for (const auto& visit : day.truth.visits) {
            if (!visit.person || visit.tags.empty() || !visit.away.empty()) continue;
            // And on the street, where the reader hears most of it too.
            const auto span = visit.span.to - visit.span.from + std::chrono::seconds{23};
            sent += static_cast<double>(span.count()) / interval_ms;
            heard += static_cast<double>(at_floor[visit.tags.front()]);
        }
    }
    REQUIRE(sent > 1'000);
    CHECK(heard / sent == Approx(scenario.reception).margin(0.02));
}

TEST_CASE("rates: members' share of receipts, and of these the cards that were shown",
          "[simulator]")
{
    auto scenario = small_scenario(4'000);
    scenario.advertising = std::chrono::seconds{60};
    scenario.member_share = GENERATE(0.1, 0.3, 0.6);
    CAPTURE(scenario.member_share);
    Store store{scenario, 16};
    Day day;
    double all = 0;
    double members = 0;
    double shown = 0;
    for (std::uint32_t number = 0; number < 7; ++number) {
        store.day(number, day);
        for (const auto& purchase : day.truth.purchases) {
            all += 1;
            members += purchase.person ? 1 : 0;
            shown += day.slips[purchase.slip].card ? 1 : 0;
        }
    }
    REQUIRE(members > 550);  // so that 0.07 are four standard deviations
    CHECK(members / all == Approx(scenario.member_share).margin(0.05));
    CHECK(shown / members == Approx(1 - scenario.cards_forgotten).margin(0.07));
}

TEST_CASE("rates: a crowded store sees more than a normal one, and that more than a quiet one",
          "[simulator]")
{
    const auto visits = [](Crowd crowd) {
        auto scenario = small_scenario();
        scenario.crowd = crowd;
        scenario.advertising = std::chrono::seconds{60};
        Store store{scenario, 17};
        std::size_t count = 0;
        for (std::uint32_t number = 0; number < 4; ++number)
            count += store.day(number).truth.visits.size();
        return count;
    };
    CHECK(visits(Crowd::quiet) * 3 < visits(Crowd::normal) * 2);
    CHECK(visits(Crowd::normal) * 3 < visits(Crowd::crowded) * 2);
}

TEST_CASE("a day follows the store's wall clock, also where it is set forward", "[simulator]")
{
    auto scenario = small_scenario(50);
    const auto change = std::chrono::sys_days{std::chrono::year{2026} / 3 / 29};
    scenario.first_day = change;
    scenario.clock.offsets = {{Instant::min(), std::chrono::hours{1}},
                              {Instant{change} + std::chrono::hours{1}, std::chrono::hours{2}}};
    Store store{scenario, 18};
    const auto day = store.day(0);
    CHECK(day.span.to - day.span.from == std::chrono::hours{23});
    CHECK(day.span.to == store.day(1).span.from);
}

TEST_CASE("scenarios that cannot be are refused, with what is right", "[simulator]")
{
    CHECK(check(small_scenario()).has_value());
    auto scenario = small_scenario();
    scenario.reception = 1.5;
    REQUIRE(check(scenario).has_error());
    CHECK(check(scenario).error().where == "reception");
    scenario = small_scenario(0);
    CHECK(check(scenario).has_error());
    scenario = small_scenario();
    scenario.advertising = Millis{1};
    CHECK(check(scenario).has_error());
}
