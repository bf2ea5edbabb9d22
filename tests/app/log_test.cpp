#include "daemon/app/log.hpp"
#include "daemon/app/notify.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstdlib>

using namespace raiten;
using namespace raiten::app;
using namespace std::chrono_literals;

TEST_CASE("log: a line is a name and its fields", "[log]")
{
    CHECK(log::line_of("reader.up", {{"reader", "ent-1"}, {"zone", "back door"}, {"n", 3}})
          == "reader.up reader=ent-1 zone=\"back door\" n=3");
    CHECK(log::line_of("x", {{"a", ""}, {"b", true}, {"c", 0.5}}) == "x a=\"\" b=true c=0.5");
    CHECK(log::line_of("x", {{"a", "one\ntwo \"q\" \x01"}}) == R"(x a="one\ntwo \"q\" \x01")");
    CHECK(log::line_of("x", {{"a", std::string(10'000, 'y')}}).size() <= log::line_bytes_max);
}

TEST_CASE("log: no token comes through", "[log]")
{
    CHECK(log::hide_tokens("no member for card:2900000000018") == "no member for card:…");
    CHECK(log::hide_tokens("'ble:e6:45:00:11:22:33' seen, felica:01 too")
          == "'ble:…' seen, felica:… too");
    CHECK(log::line_of("x", {{"token", "IBEACON:f7826da6/1/7"}}) == "x token=IBEACON:…");
    CHECK(log::hide_tokens("possible: yes, card: none, tcp:host:1")
          == "possible: yes, card: none, tcp:host:1");
}

TEST_CASE("log: a flood of one event does not drown the others", "[log]")
{
    log::Limiter limiter;
    std::vector<std::string> reports;
    const auto report = [&](std::string_view event, std::uint64_t count) {
        reports.push_back(std::string{event} + " " + std::to_string(count));
    };
    int written = 0;
    for (int i = 0; i < 1000; ++i) written += limiter.admit("ndjson.refused", 1s, report) ? 1 : 0;
    CHECK(written == 20);
    CHECK(limiter.admit("reader.up", 1s, report));
    CHECK(reports.empty());
    CHECK(limiter.admit("ndjson.refused", 61s, report));
    CHECK(reports == std::vector<std::string>{"ndjson.refused 980"});
    for (int i = 0; i < 30; ++i) limiter.admit("ndjson.refused", 62s, report);
    limiter.sweep(63s, report);
    CHECK(reports.size() == 1);
    limiter.sweep(200s, report);
    CHECK(reports.back() == "ndjson.refused 11");
}

TEST_CASE("log: made-up event names share one limit", "[log]")
{
    log::Limiter limiter;
    int written = 0;
    for (int i = 0; i < 5000; ++i)
        written += limiter.admit("e" + std::to_string(i), 1s, [](auto, auto) {}) ? 1 : 0;
    CHECK(written == static_cast<int>(log::Limiter::names_max + log::Limiter::lines_per_minute));
}

TEST_CASE("notify: systemd is told in its own words", "[log]")
{
    // An abstract socket: no file, no port.
    const std::string name = "raiten-notify-" + std::to_string(::getpid());
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), length) == 0);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    const auto heard = [socket] {
        std::array<char, 512> buffer{};
        const auto n = ::recv(socket, buffer.data(), buffer.size(), 0);
        return n < 0 ? std::string{} : std::string{buffer.data(), static_cast<std::size_t>(n)};
    };
    notify::ready("two\nlines");
    CHECK(heard() == "READY=1\nSTATUS=two lines");
    notify::watchdog();
    CHECK(heard() == "WATCHDOG=1");
    notify::reloading();
    CHECK(heard().find("RELOADING=1\nMONOTONIC_USEC=") == 0);
    notify::stopping("bye");
    CHECK(heard() == "STOPPING=1\nSTATUS=bye");
    CHECK(notify::watchdog_interval() == 30s);
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    CHECK_FALSE(notify::watchdog_interval().has_value());
    ::close(socket);
}
