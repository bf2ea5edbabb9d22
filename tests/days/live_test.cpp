#include "tests/days/story.hpp"

#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace raiten::test;
using Json = nlohmann::json;

namespace {

const Door::Fields ndjson{{"Content-Type", "application/x-ndjson"}};

void deliver(const Service& service, const std::string& body)
{
    const auto heard = service.door().ask("POST", "/api/v1/events", body, ndjson);
    INFO(heard.body);
    REQUIRE(heard.status == 200);
    const auto said = Json::parse(heard.body);
    REQUIRE(said.at("refused") == 0);
    REQUIRE(said.at("lines").size() == lines_of(body).size());
}

/// All that the stream told before Zoe, who comes only to mark its end.
std::string told(const Service& service, const std::string& day)
{
    deliver(service, R"({"type":"checkin","at":")" + tick_time(day)
                         + R"(","reader":"desk","token":"card:2900000000998"})" + "\n");
    const auto data = service.door().stream_through(R"("member":"zoe")");
    return data.substr(0, data.rfind('\n', data.size() - 2) + 1);
}

enum class How { one_body, random_bodies, lines };

void deliver_day(const Service& service, const std::string& day, How how, raiten::stage::Dice& dice)
{
    if (how == How::one_body) return deliver(service, day);
    std::string body;
    std::size_t left = 0;
    for (const auto& line : lines_of(day)) {
        if (left == 0) left = how == How::lines ? 1 : std::size_t{1} + dice.below(12);
        body += line + "\n";
        if (--left > 0) continue;
        deliver(service, body);
        body.clear();
    }
    if (!body.empty()) deliver(service, body);
}

/// Members come in by both doors: into the ledger before the start, or over the API.
void live_as_replayed(How how)
{
    INFO("repeat with --rng-seed " << Catch::rngSeed());
    raiten::stage::Dice dice{Catch::rngSeed()};
    for (const auto& name : stories()) {
        DYNAMIC_SECTION(name)
        {
            const Store store;
            const auto day = day_file(name + ".ndjson");
            const auto replayed = store.replay(day).out;
            if (how == How::one_body) REQUIRE(store.import_members().code == 0);
            Service service{store};
            if (how != How::one_body) REQUIRE(store.import_members().code == 0);
            deliver_day(service, day, how, dice);
            CHECK(told(service, day) == replayed);
            CHECK(service.stop() == 0);
        }
    }
}

}  // namespace

TEST_CASE("days: the running service tells each day byte for byte as a replay: in one body",
          "[days][live]")
{
    live_as_replayed(How::one_body);
}

TEST_CASE("days: the running service tells each day byte for byte as a replay: in any bodies",
          "[days][live]")
{
    live_as_replayed(How::random_bodies);
}

TEST_CASE("days: the running service tells each day byte for byte as a replay: line by line",
          "[days][live]")
{
    live_as_replayed(How::lines);
}

TEST_CASE("days: a day told twice is a day told once", "[days]")
{
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const Service service{store};
    const auto day = day_file("purchase-by-card.ndjson");
    deliver(service, day);
    const auto again = Json::parse(service.door().ask("POST", "/api/v1/events", day, ndjson).body);
    std::size_t receipts = 0;
    for (const auto& line : again.at("lines")) {
        if (line.at("line") != 5) continue;
        ++receipts;
        CHECK(line.at("result") == "duplicate");
    }
    CHECK(receipts == 1);
    CHECK(told(service, day) == store.replay(day).out);
}

TEST_CASE("days: a day cut in two by a restart is the same day", "[days]")
{
    // Whoever is in the store when the service stops is kept; with clock = "events" no time
    // passes while it is away.
    const Store store;
    REQUIRE(store.import_members().code == 0);
    const auto day = day_file("late-receipt.ndjson");
    const auto lines = lines_of(day);
    for (std::size_t cut : {5U, 8U, 9U}) {
        DYNAMIC_SECTION("after line " << cut)
        {
            std::string first, second;
            for (std::size_t i = 0; i < lines.size(); ++i)
                (i < cut ? first : second) += lines[i] + "\n";
            {
                Service service{store};
                deliver(service, first);
                CHECK(service.stop() == 0);
            }
            const Service service{store};
            deliver(service, second);
            CHECK(told(service, day) == store.replay(day).out);
        }
    }
}
