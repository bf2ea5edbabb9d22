#include "drivers/gateway/gathering.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace raiten;
using drivers::gateway::Gathering;

namespace {

Instant at(int ms)
{
    return Instant{Millis{1'700'000'000'000 + ms}};
}

TokenSeen word(std::string token, std::optional<int> rssi)
{
    return TokenSeen{std::move(token), rssi, false};
}

struct Story {
    std::vector<std::string> lines;
    Gathering::Emit emit = [this](const std::string& reader, const TokenSeen& seen) {
        lines.push_back(reader + " " + seen.token + " "
                        + (seen.rssi_dbm ? std::to_string(*seen.rssi_dbm) : "?")
                        + (seen.rotating ? " rotating" : ""));
    };
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("three gateways hear one badge: one observation, at the strongest")
{
    Story story;
    Gathering gathering;
    CHECK_FALSE(gathering.due());
    gathering.put(at(0), "door", word("ble:a", -80), story.emit);
    gathering.put(at(4), "desk", word("ble:a", -61), story.emit);
    gathering.put(at(9), "wall", word("ble:a", std::nullopt), story.emit);
    gathering.put(at(20), "wall", word("ble:b", -90), story.emit);
    CHECK(story.lines.empty());
    CHECK(gathering.due() == at(1'000));
    gathering.take(at(999), story.emit);
    CHECK(story.lines.empty());
    gathering.take(at(1'000), story.emit);
    CHECK(story.lines == Told{"desk ble:a -61"});
    gathering.take(at(1'020), story.emit);
    CHECK(story.lines == Told{"desk ble:a -61", "wall ble:b -90"});
    CHECK_FALSE(gathering.due());
}

TEST_CASE("equals go by name, the unknown strength last, and one word is enough to rotate")
{
    Story story;
    Gathering gathering;
    gathering.put(at(0), "b", word("x", -70), story.emit);
    gathering.put(at(0), "a", word("x", -70), story.emit);
    gathering.put(at(0), "z", word("y", -126), story.emit);
    auto rotating = word("y", std::nullopt);
    rotating.rotating = true;
    gathering.put(at(0), "a", rotating, story.emit);
    gathering.take(at(1'000), story.emit);
    CHECK(story.lines == Told{"a x -70", "z y -126 rotating"});
}

TEST_CASE("a badge that is heard without pause is told at the end of each window")
{
    Story story;
    Gathering gathering{Millis{1'000}};
    for (int ms = 0; ms < 10'000; ms += 10)
        gathering.put(at(ms), "door", word("x", -70), story.emit);
    CHECK(story.lines.size() == 9);  // nobody took: putting tells what is due
    gathering.take(at(20'000), story.emit);
    CHECK(story.lines.size() == 10);
}

TEST_CASE("a flood of addresses: the oldest are told early, nothing is lost")
{
    Story story;
    Gathering gathering;
    const int many = static_cast<int>(Gathering::waiting_max) + 1'000;
    for (int i = 0; i < many; ++i)
        gathering.put(at(0), "door", word("t" + std::to_string(1'000'000 + i), -70), story.emit);
    CHECK(gathering.waiting() == Gathering::waiting_max);
    CHECK(story.lines.size() == 1'000);
    gathering.take(at(1'000), story.emit);
    CHECK(gathering.waiting() == 0);
    std::sort(story.lines.begin(), story.lines.end());
    CHECK(std::unique(story.lines.begin(), story.lines.end()) == story.lines.end());
    CHECK(story.lines.size() == static_cast<std::size_t>(many));
}

TEST_CASE("whatever comes within a window, its order does not matter")
{
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    const auto draw = [&](int below) { return static_cast<int>(dice() % unsigned(below)); };
    for (int round = 0; round < 200; ++round) {
        std::vector<std::pair<std::string, TokenSeen>> words;
        for (int i = 0, n = 1 + draw(30); i < n; ++i) {
            auto seen = word("t" + std::to_string(draw(4)),
                             draw(5) == 0 ? std::nullopt : std::optional{-90 + draw(3)});
            seen.rotating = draw(6) == 0;
            seen.heard_by = std::to_string(draw(2));
            if (draw(2) == 0) seen.told_at = ToldTime{at(draw(3))};
            words.emplace_back("r" + std::to_string(draw(3)), seen);
        }
        const auto run = [&] {
            Story story;
            std::vector<std::string> more;
            Gathering gathering;
            const Gathering::Emit emit = [&](const std::string& reader, const TokenSeen& seen) {
                more.push_back(
                    seen.heard_by
                    + (seen.told_at ? std::to_string(seen.told_at->time.time_since_epoch().count())
                                    : "-"));
                story.emit(reader, seen);
            };
            for (const auto& [reader, seen] : words) gathering.put(at(0), reader, seen, emit);
            gathering.take(at(1'000), emit);
            story.lines.insert(story.lines.end(), more.begin(), more.end());
            return story.lines;
        };
        const auto first = run();
        for (int again = 0; again < 5; ++again) {
            std::shuffle(words.begin(), words.end(), dice);
            REQUIRE(run() == first);
        }
    }
}
