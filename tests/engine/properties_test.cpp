#include "tests/engine/random_day.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

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
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
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
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
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
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
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
