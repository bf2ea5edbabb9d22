#include "tests/engine/random_day.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

/// How many seeds: as given here, or in the environment (RAITEN_SEEDS=5000).
std::uint32_t seeds(std::uint32_t usual)
{
    const char* told = std::getenv("RAITEN_SEEDS");
    return told ? static_cast<std::uint32_t>(std::strtoul(told, nullptr, 10)) : usual;
}

/// The last word on every visit, without its number: that is given in order of arrival.
std::vector<std::string> settled_of(const StoreDay& day)
{
    std::map<std::string, std::string> last;
    for (const auto& effect : day.effects) {
        const VisitRecord* visit = nullptr;
        if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) visit = &settled->visit;
        if (const auto* amended = std::get_if<VisitAmended>(&effect.what)) visit = &amended->visit;
        if (!visit || visit->close_reason == CloseReason::withdrawn) continue;
        std::string zones;
        for (const auto& [zone, span] : visit->zones)
            zones += zone + ":" + std::to_string(span.count()) + " ";
        last[visit->member_name + std::to_string(visit->opened_at.time_since_epoch().count())] =
            std::to_string((visit->left_at - visit->opened_at).count()) + " "
            + std::string{text_of(visit->outcome())} + " " + visit->spend().text() + " streak "
            + std::to_string(visit->streak) + " " + zones;
    }
    std::vector<std::string> lines;
    for (const auto& [visit, what] : last) lines.push_back(visit + " " + what);
    return lines;
}

std::vector<std::string> texts(const StoreDay& day)
{
    std::vector<std::string> all;
    for (const auto& effect : day.effects) all.push_back(StoreDay::text_of_effect(effect));
    return all;
}

}  // namespace

TEST_CASE("property: what is settled does not depend on the order of arrival within the lateness",
          "[engine][property]")
{
    for (std::uint32_t seed = 1; seed <= seeds(60); ++seed) {
        INFO("seed " << seed);
        StoreDay straight;
        const auto events = random_day(straight, seed);
        for (const auto& event : events) straight.tell(event);
        straight.settle();

        StoreDay shuffled;
        std::mt19937 dice{seed};
        auto late = random_day(shuffled, seed);
        for (auto& event : late) event.received_at += std::chrono::milliseconds{dice() % 300'000};
        std::stable_sort(late.begin(), late.end(), [](const Event& a, const Event& b) {
            return a.received_at < b.received_at;
        });
        for (const auto& event : late) shuffled.tell(event);
        shuffled.settle();
        REQUIRE_FALSE(settled_of(straight).empty());
        REQUIRE(settled_of(straight) == settled_of(shuffled));
    }
}

TEST_CASE("property: how often time is told changes nothing", "[engine][property]")
{
    for (std::uint32_t seed = 1; seed <= seeds(20); ++seed) {
        INFO("seed " << seed);
        StoreDay quiet;
        const auto events = random_day(quiet, seed);
        for (const auto& event : events) quiet.tell(event);
        quiet.settle();

        StoreDay ticking;
        random_day(ticking, seed);
        std::mt19937 dice{seed};
        Instant now = events.front().at;
        for (const auto& event : events) {
            while (now < event.at) {
                ticking.tell({now, now, Tick{}});
                now += std::chrono::milliseconds{1 + dice() % 60'000};
            }
            ticking.tell(event);
        }
        ticking.settle();
        REQUIRE(texts(quiet) == texts(ticking));
    }
}

TEST_CASE("property: everything told twice counts once", "[engine][property]")
{
    for (std::uint32_t seed = 1; seed <= seeds(20); ++seed) {
        INFO("seed " << seed);
        StoreDay once;
        const auto events = random_day(once, seed);
        for (const auto& event : events) once.tell(event);
        once.settle();

        StoreDay twice;
        random_day(twice, seed);
        for (const auto& event : events) {
            twice.tell(event);
            twice.tell(event);
        }
        twice.settle();
        REQUIRE(texts(once) == texts(twice));
    }
}

TEST_CASE("property: many readers that hear the same are one", "[engine][property]")
{
    // Who was there, from when to when, what they bought: not where, which the readers decide.
    const auto visits_of = [](const StoreDay& day) {
        std::vector<std::string> out;
        for (const auto& effect : day.effects)
            if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) {
                const VisitRecord& visit = settled->visit;
                out.push_back(visit.member_name + " "
                              + std::to_string(visit.opened_at.time_since_epoch().count()) + " "
                              + std::to_string(visit.left_at.time_since_epoch().count()) + " "
                              + visit.spend().text() + " " + std::to_string(visit.streak));
            }
        std::sort(out.begin(), out.end());
        return out;
    };
    for (std::uint32_t seed = 1; seed <= seeds(40); ++seed) {
        INFO("seed " << seed);
        StoreDay one;
        StoreDay many;
        const auto events = random_day(one, seed);
        random_day(many, seed);
        for (Event event : events) {
            // Nobody is deaf, nobody stands at a register, and all is heard at one door.
            if (std::holds_alternative<ReaderState>(event.what)) continue;
            auto* seen = std::get_if<Sighting>(&event.what);
            if (seen) seen->reader = *one.engine().reader("door", true);
            one.tell(event);
            many.tell(event);
            if (!seen) continue;
            for (const auto* other : {"door-2", "door-3", "door-4"}) {
                seen->reader = *many.engine().reader(other, true);
                many.tell(event);
            }
        }
        one.settle();
        many.settle();
        REQUIRE_FALSE(visits_of(one).empty());
        REQUIRE(visits_of(one) == visits_of(many));
    }
}
