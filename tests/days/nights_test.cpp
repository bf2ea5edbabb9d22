#include "tests/days/story.hpp"

#include "daemon/base/iso8601.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

/// Ten weeks of a little store, with a night between any two days.
using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr std::chrono::minutes tokyo{540};
constexpr int days = 70;
const Instant start = *parse_instant("2026-01-05T00:00:00+09:00");

std::string at_text(Instant at)
{
    return format_instant(at, tokyo);
}

std::string card(int member)
{
    return "card:29000000" + std::to_string(10'000 + member);
}

/// The lines of the events, by their time.
using Weeks = std::multimap<Instant, std::string>;

Weeks weeks_of(std::uint64_t seed)
{
    stage::Dice dice{seed};
    Weeks lines;
    int number = 1000;
    for (int member = 1; member <= 12; ++member) {
        const double gap = dice.between(2, 12);
        const double leaves = dice.below(3) == 0 ? dice.between(5, 30) : days;
        for (double day = dice.between(0, 15); day < leaves; day += gap * dice.between(0.5, 1.5)) {
            const auto at =
                start + 24h * static_cast<int>(day) + std::chrono::minutes{600 + dice.below(480)};
            lines.emplace(at, R"({"type":"checkin","at":")" + at_text(at)
                                  + R"(","reader":"desk","token":")" + card(member) + R"("})");
            if (dice.below(3) == 0) continue;
            const auto paid = at + 7min;
            lines.emplace(paid, R"({"type":"receipt","at":")" + at_text(paid)
                                    + R"(","pos":"reg-1","number":")" + std::to_string(++number)
                                    + R"(","kind":"sale","token":")" + card(member)
                                    + R"(","total":")" + std::to_string(100 + dice.below(5000))
                                    + R"(","currency":"JPY"})");
        }
    }
    const auto end = start + days * 24h;
    lines.emplace(end, R"({"type":"tick","at":")" + at_text(end) + R"("})");
    return lines;
}

std::string text_of(const Weeks& lines, Instant from = Instant::min(),
                    Instant until = Instant::max())
{
    std::string text;
    for (const auto& [at, line] : lines)
        if (at >= from && at < until) text += line + "\n";
    return text;
}

void enrol(const Store& store)
{
    std::string list = "member,tokens,consent,staff\n";
    for (int member = 1; member <= 12; ++member)
        list += "m" + std::to_string(member) + "," + card(member) + ",yes,no\n";
    list += "zoe,card:2900000000998,yes,no\n";
    store.file("members.csv", list);
}

std::size_t moves_in(const std::string& effects)
{
    const auto lines = lines_of(effects);
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.find("raiten.stage.changed.v1") != std::string::npos;
        }));
}

void deliver(const Service& service, const std::string& body)
{
    const auto heard = service.door().ask("POST", "/api/v1/events", body,
                                          {{"Content-Type", "application/x-ndjson"}});
    INFO(heard.body);
    REQUIRE(heard.status == 200);
    REQUIRE(Json::parse(heard.body).at("refused") == 0);
}

/// So many at once that a request outlives the nights between them.
void deliver_weeks(const Service& service, const Weeks& lines, Instant from, Instant until)
{
    for (auto at = from; at < until; at += 24h * 7)
        deliver(service, text_of(lines, at, std::min(at + 24h * 7, until)));
}

/// Recorded days have nights only where they are asked for.
void score_by_events(const Store& store)
{
    std::filesystem::create_directory(store.path("raiten.d"));
    store.file("raiten.d/nights.toml", "[scoring]\nnights = \"always\"\n");
}

/// All that the stream told before Zoe, who comes only to mark its end.
std::string told(const Service& service)
{
    deliver(service, R"({"type":"checkin","at":")" + at_text(start + days * 24h)
                         + R"(","reader":"desk","token":"card:2900000000998"})" + "\n");
    const auto data = service.door().stream_through(R"("member":"zoe")");
    return data.substr(0, data.rfind('\n', data.size() - 2) + 1);
}

}  // namespace

TEST_CASE("days: nights of ten weeks are the same with a ledger and without, cut or whole",
          "[days][nights]")
{
    const auto weeks = weeks_of(1);
    const Store store;
    score_by_events(store);
    enrol(store);
    const auto whole = store.replay(text_of(weeks));
    CHECK(whole.err.empty());
    CHECK(moves_in(whole.out) > 10);
    const auto kept = store.replay(text_of(weeks), {"--db", store.path("kept.db")});
    CHECK(kept.err.empty());
    CHECK(kept.out == whole.out);

    int number = 0;
    for (const auto cut : {start + 21h, start + 24h * 45 + 3h + 30min}) {
        INFO("cut at " << at_text(cut));
        const auto db = store.path("cut" + std::to_string(++number) + ".db");
        const auto first = store.replay(text_of(weeks, Instant::min(), cut),
                                        {"--db", db, "--until", at_text(cut)});
        const auto second = store.replay(text_of(weeks, cut), {"--db", db});
        CHECK(first.err.empty());
        CHECK(second.err.empty());
        CHECK(first.out + second.out == whole.out);
    }
}

TEST_CASE("days: the running service has the nights of a replay, by its events' time",
          "[days][live][nights]")
{
    const auto weeks = weeks_of(3);
    const Store store;
    score_by_events(store);
    enrol(store);
    const auto replayed = store.replay(text_of(weeks)).out;
    REQUIRE(moves_in(replayed) > 5);
    REQUIRE(store.import_members().code == 0);
    const auto half = start + 24h * 33 + 12h;
    {
        Service service{store};
        deliver_weeks(service, weeks, start, half);
        CHECK(service.stop() == 0);
    }
    Service service{store};
    // A week at once: what lies behind a night waits for it.
    deliver_weeks(service, weeks, half, start + days * 24h + 1s);
    CHECK(told(service) == replayed);
    CHECK(service.stop() == 0);
    const auto log = service.log();
    CHECK(log.find("night.failed") == std::string::npos);
    CHECK(log.find("night.done") != std::string::npos);
}
