#include "tests/faults/shop_script.hpp"
#include "tests/support/hq_ear.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>

/// raitend as systemd meets it: started, stopped, reloaded, and refused what it needs.
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

std::string broker_section(const Mosquitto& broker)
{
    return "[mqtt]\nbrokers = [\"" + broker.uri() + "\"]\n";
}

std::size_t campaigns_loaded(const StoreBox& box)
{
    std::size_t times = 0;
    const auto log = box.log();
    for (auto at = log.find("campaigns.loaded"); at != log.npos;
         at = log.find("campaigns.loaded", at + 1))
        ++times;
    return times;
}

}  // namespace

TEST_CASE("SIGTERM: it says goodbye to HQ and ends well, within 5 s", "[faults]")
{
    Mosquitto broker;
    broker.start();
    boost::asio::io_context io;
    HqEar ear{io, broker};
    StoreBox box{StoreBox::Clock::system, broker_section(broker) + script_readers()};
    box.start();
    const auto state = [&]() -> std::string {
        const auto heard = ear.on("raiten/v1/acme/ginza/box-1/status");
        return heard.empty() ? "" : Json::parse(heard.back().payload)["data"]["state"];
    };
    REQUIRE(run_until(io, [&] { return state() == "online"; }));

    // An open stream must not keep it.
    const auto began = std::chrono::steady_clock::now();
    CHECK(box.stop() == 0);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{5});
    CHECK(run_until(io, [&] { return state() == "offline"; }));

    boost::asio::io_context later;
    HqEar late{later, broker};
    REQUIRE(run_until(later, [&] { return !late.heard().empty(); }));
    CHECK(late.heard().front().retained);
    CHECK(Json::parse(late.heard().front().payload)["data"]["state"] == "offline");
}

TEST_CASE("SIGTERM: broker frozen and a client that never reads: still within 5 s", "[faults]")
{
    Mosquitto broker;
    broker.start();
    boost::asio::io_context io;
    HqEar ear{io, broker};
    StoreBox box{StoreBox::Clock::system, broker_section(broker) + script_readers()};
    box.start();
    REQUIRE(run_until(io, [&] { return !ear.heard().empty(); }));
    broker.freeze();
    const auto began = std::chrono::steady_clock::now();
    CHECK(box.stop() == 0);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{5});
    broker.thaw();
}

TEST_CASE("SIGHUP: campaigns are read again", "[faults]")
{
    StoreBox box{StoreBox::Clock::events, script_readers()};
    box.start();
    box.enrol("m", script_token(0));
    const auto come = [&](const char* at) {
        return box.post("/api/v1/checkins", std::string{R"({"reader":"desk","at":")"} + at
                                                + R"(","token":")" + script_token(0) + "\"}");
    };
    REQUIRE(come("2090-01-10T10:00:00+09:00").status == 200);
    REQUIRE(come("2090-01-10T16:00:00+09:00").status == 200);
    const auto coupons = [&] {
        return Json::parse(box.get("/api/v1/coupons").body)["coupons"].size();
    };
    CHECK(coupons() == 0);

    box.write_campaign("back", script_campaign());
    const auto before = campaigns_loaded(box);
    box.signal(SIGHUP);
    boost::asio::io_context io;
    REQUIRE(run_until(io, [&] { return campaigns_loaded(box) > before; }));
    REQUIRE(come("2090-01-10T22:00:00+09:00").status == 200);
    CHECK(coupons() == 1);

    // One that makes no sense is refused and named; it does not take the service down.
    box.write_campaign("broken", "{\"id\": 7");
    box.signal(SIGHUP);
    REQUIRE(run_until(io, [&] { return campaigns_loaded(box) > before + 1; }));
    CHECK(box.log().find("broken.json") != std::string::npos);
    CHECK(box.get("/readyz").status == 200);
    CHECK(box.stop() == 0);
}

TEST_CASE("a second raitend on the same ledger does not start, and says why", "[faults]")
{
    StoreBox box{StoreBox::Clock::system, script_readers()};
    box.start();
    CHECK(box.run_to_end() == 75);
    CAPTURE(box.log());
    CHECK(box.log().find("raitend.cannot_start") != std::string::npos);
    CHECK(box.log().find("raiten.db") != std::string::npos);
    CHECK(box.get("/healthz").status == 200);  // the first one serves on
    CHECK(box.stop() == 0);
}

TEST_CASE("without its token key raitend does not start, and says what to do", "[faults]")
{
    StoreBox box{StoreBox::Clock::system, script_readers()};
    const auto key = box.file("token.key");
    SECTION("missing")
    {
        std::filesystem::remove(key);
    }
    SECTION("readable by others")
    {
        ::chmod(key.c_str(), 0644);
    }
    const int code = box.run_to_end();
    CAPTURE(code, box.log());
    CHECK((code == 75 || code == 78));
    CHECK(box.log().find("token.key") != std::string::npos);
    CHECK(box.log().find("advice") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(box.file("raiten.db")));
}

TEST_CASE("a port or socket in use is named", "[faults]")
{
    StoreBox first{StoreBox::Clock::system, script_readers()};
    first.start();
    const auto at = first.log().find("127.0.0.1:");
    REQUIRE(at != std::string::npos);
    const auto address = first.log().substr(at, first.log().find_first_of(" \"\n", at) - at);

    StoreBox second{StoreBox::Clock::system, script_readers()};
    std::filesystem::create_directory(second.file("raiten.d"));
    std::string wanted;
    SECTION("port")
    {
        second.write("raiten.d/port.toml", "[http]\nlisten = \"" + address + "\"\n");
        wanted = address.substr(address.find(':') + 1);
    }
    SECTION("socket")
    {
        second.write("raiten.d/socket.toml", "[http]\nsocket = \"" + first.socket() + "\"\n");
        wanted = first.socket();
    }
    const int code = second.run_to_end();
    CAPTURE(code, second.log());
    CHECK(code == 75);
    CHECK(second.log().find(wanted) != std::string::npos);
    CHECK(first.get("/healthz").status == 200);
}
