#include "daemon/engine/exit_times.hpp"

#include "tests/engine/store_day.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

/// Half-hour stays of a tag that advertises every `interval` seconds and is received with
/// probability `heard`: what ExitTimes is told of them.
void stays(ExitTimes& exits, std::uint8_t place, int visits, double interval, double heard,
           std::uint64_t seed)
{
    stage::Dice dice{seed};
    for (int visit = 0; visit < visits; ++visit) {
        double last = 0;
        for (double at = interval; at < 1800; at += interval) {
            if (dice.share() >= heard) continue;
            exits.note_gap(place, Millis{static_cast<std::int64_t>((at - last) * 1000)});
            last = at;
        }
        exits.note_visit(place);
    }
}

}  // namespace

TEST_CASE("exit times: with nothing learned the configured time-out holds", "[engine][exits]")
{
    const VisitRules rules;
    ExitTimes exits{rules};
    const auto place = exits.place(7);
    CHECK(exits.timeout(place) == rules.exit_timeout);
    stays(exits, place, 10, 1, 0.9, 1);
    CHECK_FALSE(exits.learn());  // ten visits say nothing about one in fifty
    CHECK(exits.timeout(place) == rules.exit_timeout);
}

TEST_CASE("exit times: what is learned keeps the false exits that the formula expects",
          "[engine][exits]")
{
    VisitRules rules;
    rules.exit_timeout_min = 15s;
    struct Tag {
        double interval, heard;
    };
    for (const auto& tag : {Tag{1, 0.3}, Tag{1, 0.9}, Tag{5, 0.5}, Tag{10, 0.5}, Tag{10, 0.3}}) {
        INFO(tag.interval << " s, " << tag.heard);
        ExitTimes exits{rules};
        const auto place = exits.place(7);
        stays(exits, place, 2000, tag.interval, tag.heard, 42);
        CHECK(exits.learn());
        CHECK(exits.models()[place].false_exits() <= ExitTimes::false_exits_max);

        // (1800/Ta) p (1-p)^(T/Ta), one step shorter would be too short, one longer is enough
        const auto expected = [&](double timeout) {
            return 1800 / tag.interval * tag.heard
                   * std::pow(1 - tag.heard, std::floor(timeout / tag.interval));
        };
        const double chosen = std::chrono::duration<double>(exits.timeout(place)).count();
        CHECK(expected(chosen) < 2 * ExitTimes::false_exits_max);
        for (std::size_t i = 1; i < ExitTimes::steps_s.size(); ++i)
            if (static_cast<double>(ExitTimes::steps_s[i]) == chosen)
                CHECK(expected(static_cast<double>(ExitTimes::steps_s[i - 1]))
                      > 0.5 * ExitTimes::false_exits_max);
    }
}

TEST_CASE("exit times: never shorter than the configured least, nor longer than the most",
          "[engine][exits]")
{
    const VisitRules rules;
    ExitTimes exits{rules};
    stays(exits, exits.place(1), 500, 1, 0.9, 3);
    stays(exits, exits.place(2), 500, 300, 0.5, 3);
    exits.learn();
    CHECK(exits.timeout(exits.place(1)) == rules.exit_timeout_min);
    CHECK(exits.timeout(exits.place(2)) == rules.exit_timeout);
}

TEST_CASE("exit times: more makes than there is room for share the configured time-out",
          "[engine][exits]")
{
    const VisitRules rules;
    ExitTimes exits{rules};
    for (std::uint32_t id = 1; id <= 1000; ++id) exits.place(id);
    CHECK(exits.models().size() == ExitTimes::models_max);
    const auto shared = exits.place(5000);
    stays(exits, shared, 500, 1, 0.9, 3);
    exits.learn();
    CHECK(exits.timeout(shared) == rules.exit_timeout);
}

TEST_CASE("exit times: a store learns from its days, and leaves are known sooner",
          "[engine][exits]")
{
    StoreDay day;
    const auto visit = [&](int on, const std::string& who, int hour) {
        char text[96];
        std::snprintf(text, sizeof text, "%d+%02d:00:00-%d+%02d:20:00 see %s floor -60 3", on, hour,
                      on, hour, who.c_str());
        auto events = day.events(text);
        for (auto& event : events) std::get<Sighting>(event.what).token.model = 99;
        std::vector<std::string> lines;
        for (const auto& event : events)
            for (auto& line : day.tell(event)) lines.push_back(line);
        return lines;
    };
    for (int on = 0; on < 4; ++on)
        for (int hour = 8; hour < 20; ++hour)
            for (const auto* who : {"ann", "bob", "cid"}) visit(on, who, hour);
    day.settle();
    const auto& learned = day.engine().exit_times();
    REQUIRE(learned.size() == 2);
    CHECK(learned[1].id == 99);
    CHECK(learned[1].visits >= 100);
    CHECK(learned[1].timeout == 2min);

    visit(5, "ann", 10);
    CHECK(day.settle().front() == "5+10:22:00 ended ann left 5+10:20:00 after 1200s");

    SECTION("and knows it after a restart")
    {
        Remembered remembered;
        remembered.engine_time = day.engine().now();
        remembered.exits = learned;
        StoreDay again;
        again.engine().restore(remembered);
        CHECK(again.engine().exit_times() == learned);
    }
}
