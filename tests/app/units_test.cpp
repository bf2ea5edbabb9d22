#include "daemon/app/units.hpp"
#include "daemon/app/host_port.hpp"
#include "daemon/app/nearest.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace raiten;
using namespace raiten::app;
using namespace std::chrono_literals;

TEST_CASE("units: durations carry their units", "[units]")
{
    CHECK(parse_duration("10min").value() == 10min);
    CHECK(parse_duration("90s").value() == 90s);
    CHECK(parse_duration("90d").value() == 90 * 24h);
    CHECK(parse_duration("250ms").value() == 250ms);
    CHECK(parse_duration("1h30min").value() == 90min);
    for (const auto* wrong : {"", "10", "min", "-5s", "1.5h", "5 min", "30min1h", "1h1h", "10m",
                              "99999999999d", "99999999999999999999s"})
        CHECK_FALSE(parse_duration(wrong).has_value());
    CHECK(parse_duration("600").error().text()
          == "'600' has no unit (write \"600s\" or \"600min\", whichever is meant)");
}

TEST_CASE("units: whatever is written can be read again", "[units]")
{
    const unsigned seed = 20261122;
    INFO("seed " << seed);
    std::mt19937_64 dice{seed};
    for (int i = 0; i < 2000; ++i) {
        const Millis span{static_cast<std::int64_t>(dice() >> (24 + dice() % 36))};
        CHECK(parse_duration(duration_text(span)).value() == span);
        const auto bytes = static_cast<std::int64_t>(dice() >> (15 + dice() % 40));
        CHECK(parse_size(size_text(bytes)).value() == bytes);
    }
}

TEST_CASE("units: levels, differences, sizes and times of day", "[units]")
{
    CHECK(parse_level("-80dBm").value() == -80);
    CHECK(parse_level_difference("6dB").value() == 6);
    CHECK_FALSE(parse_level("-80").has_value());
    CHECK_FALSE(parse_level("-80dB").has_value());
    CHECK_FALSE(parse_level("-300dBm").has_value());
    CHECK_FALSE(parse_level_difference("6dBm").has_value());
    CHECK(parse_size("64KiB").value() == 65536);
    CHECK_FALSE(parse_size("64KB").has_value());
    CHECK_FALSE(parse_size("64").has_value());
    CHECK(parse_time_of_day("04:30").value() == 270min);
    for (const auto* wrong : {"4:30", "24:00", "04:60", "04-30", "04:3"})
        CHECK_FALSE(parse_time_of_day(wrong).has_value());
}

TEST_CASE("units: addresses with a port", "[units]")
{
    CHECK(parse_host_port("[::1]:0").value().loopback());
    CHECK(parse_host_port("127.1.2.3:1").value().loopback());
    CHECK_FALSE(parse_host_port("0.0.0.0:1").value().loopback());
}

TEST_CASE("units: the word that was probably meant", "[units]")
{
    const std::vector<std::string> known{"exit_timeout", "enter_window", "enter_dwell"};
    CHECK(nearest("exit_timout", known) == "exit_timeout");
    CHECK(nearest("enter_widnow", known) == "enter_window");
    CHECK_FALSE(nearest("colour", known).has_value());
    CHECK_FALSE(nearest(std::string(10'000, 'x'), known).has_value());
}
