#include "tests/engine/store_day.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

/// A busy day in random order of everything: walks with gaps, taps, sales with and without
/// token, voids, deaf readers. Times are whole seconds.
std::vector<Event> random_day(StoreDay& day, std::uint32_t seed)
{
    std::mt19937 dice{seed};
    const auto pick = [&](int low, int high) {
        return static_cast<int>(low
                                + static_cast<int>(dice() % static_cast<unsigned>(high - low + 1)));
    };
    const auto clock = [](int second) {
        char text[16];
        std::snprintf(text, sizeof text, "%02d:%02d:%02d", second / 3600, second / 60 % 60,
                      second % 60);
        return std::string{text};
    };
    std::string script;
    int sale = 0;
    for (const std::string who : {"ann", "bob", "cid"}) {
        for (int second = 9 * 3600; second < 13 * 3600; second += pick(30, 2400)) {
            const char* readers[] = {"door", "floor", "till"};
            const int until = second + pick(5, 900);
            for (int at = second; at < until; at += pick(1, 40))
                script += clock(at) + " see " + who + " " + readers[pick(0, 2)] + " -"
                          + std::to_string(pick(50, 95)) + "\n";
            if (pick(0, 4) == 0) script += clock(pick(second, until)) + " tap " + who + " desk\n";
            if (pick(0, 3) == 0)
                script += clock(pick(second, until)) + " sale " + std::to_string(++sale) + " 500 "
                          + who + "\n";
            if (pick(0, 4) == 0)
                script += clock(pick(second, until)) + " sale " + std::to_string(++sale) + " 300\n";
            if (sale > 0 && pick(0, 5) == 0)
                script +=
                    clock(until + pick(0, 60)) + " void " + std::to_string(pick(1, sale)) + "\n";
            if (pick(0, 6) == 0) {
                script += clock(second + 10) + " down door\n" + clock(second + pick(60, 1500))
                          + " up door\n";
            }
            second = until;
        }
    }
    auto events = day.events(script);
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    for (auto& event : events) event.received_at = event.at;
    return events;
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
