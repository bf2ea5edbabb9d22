#include "tests/wire/loop.hpp"
#include "tests/wire/said.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::wire;
using namespace raiten::test;
namespace net = boost::asio;

TEST_CASE("process: what it says to stderr goes to the log, within limits", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = once();
    limits.log_lines_burst = 10;
    Process process{
        io.get_executor(),
        shell("echo hello >&2; head -c 5000 /dev/zero | tr '\\0' x >&2; echo >&2; seq 1 2000 >&2"),
        limits, said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    REQUIRE(said.log.size() >= 5);
    CHECK(said.log.size() <= 20);
    CHECK(said.log[0] == "hello");
    CHECK(said.log[1] == "1");
    CHECK(said.lines.empty());
    CHECK(said.log.size() + process.counters().log_lines_left_out == 2'002);
}

TEST_CASE("process: a flood is slowed down, told once, and nothing of it is lost",
          "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = once();
    limits.lines_per_second = 20'000;
    limits.lines_burst = 100;
    Process process{io.get_executor(), shell("seq 1 6000"), limits, said.callbacks(), no_dice};
    const auto begin = std::chrono::steady_clock::now();
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    CHECK(std::chrono::steady_clock::now() - begin >= Millis{(6'000 - 100) / 20});
    REQUIRE(said.lines.size() == 6'000);
    for (std::size_t i = 0; i < said.lines.size(); ++i)
        REQUIRE(said.lines[i] == std::to_string(i + 1));
    CHECK(said.floods == 1);
    CHECK(process.counters().throttled >= 1);
}

TEST_CASE("process: an endless flood takes no more than it is given", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = quick();
    limits.lines_per_second = 100;
    limits.lines_burst = 50;
    Process process{io.get_executor(), shell("exec yes"), limits, said.callbacks(), no_dice};
    const auto begin = std::chrono::steady_clock::now();
    process.start();
    REQUIRE(run_until(io, [&] { return said.lines.size() >= 80; }));
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    CHECK(static_cast<double>(said.lines.size()) <= 50 + 100 * seconds + 1);
    CHECK(process.counters().bytes_in < 200'000);  // the program waits, its output is not buffered
    const auto pid = process.pid();
    process.stop();
    CHECK(run_until(io, [&] { return dead(pid); }));
}

TEST_CASE("process: a line without an end is left out, and the next one is told", "[wire][process]")
{
    net::io_context io;
    Said said;
    Process process{io.get_executor(),
                    shell("echo before; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo after;"
                          "head -c 65536 /dev/zero | tr '\\0' y; echo"),
                    once(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    REQUIRE(said.lines.size() == 3);
    CHECK(said.lines[0] == "before");
    CHECK(said.lines[1] == "after");
    CHECK(said.lines[2] == std::string(64 * 1024, 'y'));
    CHECK(process.counters().lines_too_long == 1);
    CHECK(process.counters().bytes_in > 3'000'000);
}
