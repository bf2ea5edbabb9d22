#include "daemon/app/member_desk.hpp"
#include "tests/members/shelf.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <optional>

using namespace raiten;
using namespace std::chrono_literals;
using test::Shelf;

namespace {

constexpr Millis day = 24h;
const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

/// A desk before a ledger that grows.
struct Room {
    Room() { come(1); }
    void come(std::uint64_t member)
    {
        shelf.database().begin();
        shelf.member(member);
        shelf.put(shelf.visit(member, 0, {start + day}));
        shelf.end();
    }
    /// How many members there are by the desk's word.
    std::uint64_t members(const Period& period, Instant now)
    {
        std::optional<std::uint64_t> members;
        desk->ask(period, now, [&](const Result<std::string>& json) {
            REQUIRE(json.has_value());
            members = nlohmann::json::parse(*json).at("members").get<std::uint64_t>();
        });
        CHECK_FALSE(members.has_value());  // never from within
        while (!members) REQUIRE(loop.run_one_for(10s) == 1);
        return *members;
    }

    Shelf shelf;
    boost::asio::io_context loop;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open{
        loop.get_executor()};
    std::optional<app::MemberDesk> desk{
        std::in_place, loop.get_executor(), shelf.path(), LifetimeCosts{}, "JPY", StoreClock{}};
};

}  // namespace

TEST_CASE("members: figures are kept for five minutes", "[members]")
{
    Room room;
    const Period period{start, start + 5 * day};
    CHECK(room.members(period, start + 5 * day) == 1);
    room.come(2);
    CHECK(room.members(period, start + 5 * day + 4min) == 1);
    CHECK(room.members({start, start + 6 * day}, start + 5 * day + 4min) == 2);
    CHECK(room.members(period, start + 5 * day + 5min) == 2);
}

TEST_CASE("members: many who ask for one period wait for one answer; too many periods are refused",
          "[members]")
{
    Room room;
    std::size_t good = 0;
    std::size_t bad = 0;
    const auto count = [&](const Result<std::string>& json) { ++(json ? good : bad); };
    const Instant now = start + 99 * day;
    for (int i = 0; i < 5; ++i) room.desk->ask({start, start + 5 * day}, now, count);
    for (int i = 0; i < 6; ++i) room.desk->ask({start, start + (10 + i) * day}, now, count);
    while (good + bad < 11) REQUIRE(room.loop.run_one_for(10s) == 1);
    CHECK(good == 5 + app::MemberDesk::waiting_max - 1);
    CHECK(bad == 6 - (app::MemberDesk::waiting_max - 1));
}

TEST_CASE("members: key experiences are kept by their window, beside the figures", "[members]")
{
    Room room;
    const auto recent = [&](std::chrono::days window, Instant now) {
        std::optional<std::uint64_t> members;
        room.desk->ask_insights(window, now, [&](const Result<std::string>& json) {
            REQUIRE(json.has_value());
            const auto answer = nlohmann::json::parse(*json);
            CHECK(answer.at("window_days") == window.count());
            members = answer.at("members").at("too_recent").get<std::uint64_t>();
        });
        CHECK_FALSE(members.has_value());
        while (!members) REQUIRE(room.loop.run_one_for(10s) == 1);
        return *members;
    };
    CHECK(recent(std::chrono::days{30}, start) == 1);
    room.come(2);
    CHECK(recent(std::chrono::days{30}, start + 4min) == 1);
    CHECK(recent(std::chrono::days{14}, start + 4min) == 2);
    CHECK(room.members({start, start + 5 * day}, start + 4min) == 2);
    CHECK(recent(std::chrono::days{30}, start + 5min) == 2);
}

TEST_CASE("members: a desk that closes breaks off, and nobody hears of it", "[members]")
{
    Room room;
    bool told = false;
    room.desk->ask({start, start + 5 * day}, start + 9 * day,
                   [&](const Result<std::string>&) { told = true; });
    room.desk.reset();
    room.loop.poll();
    CHECK_FALSE(told);
}

TEST_CASE("members: a ledger that cannot be read is said so", "[members]")
{
    Room room;
    app::MemberDesk desk{
        room.loop.get_executor(), room.shelf.path() + ".gone", {}, "JPY", StoreClock{}};
    std::string why;
    desk.ask({start, start + day}, start,
             [&](const Result<std::string>& json) { why = json ? "" : json.error().text(); });
    while (why.empty()) REQUIRE(room.loop.run_one_for(10s) == 1);
    CHECK(why.find(".gone") != std::string::npos);
}
