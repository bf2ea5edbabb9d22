#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace std::chrono_literals;

TEST_CASE("time: an instant is read with its offset and written in the store's", "[base]")
{
    const auto at = parse_instant("2026-11-22T10:00:00.120+09:00");
    REQUIRE(at.has_value());
    CHECK(format_instant(*at, 9h) == "2026-11-22T10:00:00.120+09:00");
    CHECK(format_instant(*at, 0min) == "2026-11-22T01:00:00.120+00:00");
    CHECK(format_instant(*at, -210min) == "2026-11-21T21:30:00.120-03:30");
    CHECK(*parse_instant("2026-11-22T01:00:00.12Z") == *at);
    CHECK(*parse_instant("2026-11-22T01:00:00.1209999Z") == *at);
}

TEST_CASE("time: what is not an instant is refused with advice", "[base]")
{
    for (const auto* text :
         {"", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T10:00:00Z", "2026-11-22T25:00:00Z",
          "2026-11-22T10:00:00.Z", "1969-01-01T00:00:00Z", "2026-11-22T10:00:00+9",
          "2026-11-22T10:00:00Zx", "x026-11-22T10:00:00Z"}) {
        INFO(text);
        const auto at = parse_instant(text);
        CHECK_FALSE(at.has_value());
    }
}
