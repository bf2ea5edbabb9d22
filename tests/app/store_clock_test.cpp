#include "daemon/app/store_clock.hpp"
#include "daemon/app/files.hpp"
#include "daemon/app/zone_file.hpp"
#include "daemon/base/iso8601.hpp"

#include <date/tz.h>
#include <catch2/catch.hpp>

#include <random>

using namespace raiten;
using namespace raiten::app;
using namespace std::chrono;

namespace {

StoreClock clock_of(const std::string& zone, minutes day_start = minutes{0})
{
    const auto clock = make_store_clock(zone, day_start);
    REQUIRE(clock.has_value());
    return clock.value();
}

Instant at(const char* text)
{
    return parse_instant(text).value();
}

sys_days ymd(int y, unsigned m, unsigned d)
{
    return sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)};
}

}  // namespace

TEST_CASE("store clock: Tokyo knows no summer time", "[clock]")
{
    const auto tokyo = clock_of("Asia/Tokyo", minutes{240});
    CHECK(tokyo.offset_at(at("2026-07-01T00:00:00Z")) == hours{9});
    CHECK(tokyo.day_of(at("2026-11-22T03:59:59.999+09:00")) == ymd(2026, 11, 21));
    CHECK(tokyo.day_of(at("2026-11-22T04:00:00+09:00")) == ymd(2026, 11, 22));
    CHECK(tokyo.start_of(ymd(2026, 11, 22)) == at("2026-11-22T04:00:00+09:00"));
}

TEST_CASE("store clock: days of 23 and 25 hours", "[clock]")
{
    const auto berlin = clock_of("Europe/Berlin");
    CHECK(berlin.start_of(ymd(2026, 3, 30)) - berlin.start_of(ymd(2026, 3, 29)) == hours{23});
    CHECK(berlin.start_of(ymd(2026, 10, 26)) - berlin.start_of(ymd(2026, 10, 25)) == hours{25});
    CHECK(berlin.start_of(ymd(2026, 6, 2)) - berlin.start_of(ymd(2026, 6, 1)) == hours{24});
    // With a late start of the day, the short day is the one before the change's date.
    const auto late = clock_of("America/New_York", minutes{240});
    CHECK(late.start_of(ymd(2026, 3, 8)) - late.start_of(ymd(2026, 3, 7)) == hours{23});
    CHECK(late.start_of(ymd(2026, 11, 1)) - late.start_of(ymd(2026, 10, 31)) == hours{25});
}

TEST_CASE("store clock: a day that starts in the skipped or the repeated hour", "[clock]")
{
    const auto berlin = clock_of("Europe/Berlin", minutes{150});  // 02:30
    CHECK(berlin.start_of(ymd(2026, 3, 29)) == at("2026-03-29T03:00:00+02:00"));
    const auto first_time = at("2026-10-25T02:30:00+02:00");
    CHECK(berlin.start_of(ymd(2026, 10, 25)) == first_time);
    CHECK(berlin.day_of(first_time - Millis{1}) == ymd(2026, 10, 24));
    CHECK(berlin.day_of(at("2026-10-25T02:10:00+01:00")) == ymd(2026, 10, 25));
}

TEST_CASE("store clock: Lord Howe moves by half an hour", "[clock]")
{
    const auto howe = clock_of("Australia/Lord_Howe");
    CHECK(howe.start_of(ymd(2026, 4, 6)) - howe.start_of(ymd(2026, 4, 5)) == minutes{24 * 60 + 30});
    CHECK(howe.start_of(ymd(2026, 10, 5)) - howe.start_of(ymd(2026, 10, 4))
          == minutes{24 * 60 - 30});
    const auto back = at("2026-04-05T01:30:00+10:30");
    CHECK(howe.hour_of(back + minutes{10}) == back);
    CHECK(howe.hour_of(back - minutes{10}) == at("2026-04-05T01:00:00+11:00"));
    CHECK(howe.hour_of(back + minutes{30}) == at("2026-04-05T02:00:00+10:30"));
}

TEST_CASE("store clock: every instant has one day, every day one start", "[clock]")
{
    const unsigned seed = 7;
    INFO("seed " << seed);
    std::mt19937_64 dice{seed};
    std::size_t days_checked = 0;
    for (const auto* zone :
         {"Asia/Tokyo",        "Europe/Berlin",       "Europe/London",      "Europe/Dublin",
          "America/New_York",  "America/St_Johns",    "America/Santiago",   "America/Havana",
          "America/Sao_Paulo", "America/Nuuk",        "Africa/Casablanca",  "Africa/Cairo",
          "Asia/Kolkata",      "Asia/Kathmandu",      "Asia/Tehran",        "Asia/Beirut",
          "Asia/Gaza",         "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Chatham",
          "Pacific/Apia",      "Pacific/Kiritimati",  "Antarctica/Troll",   "UTC"})
        for (const int start : {0, 60, 150, 240}) {
            const auto clock = clock_of(zone, minutes{start});
            for (auto d = ymd(2020, 1, 1); d < ymd(2031, 1, 1); d += days{1}) {
                ++days_checked;
                const auto begin = clock.start_of(d);
                const auto end = clock.start_of(d + days{1});
                const auto within = begin + Millis{static_cast<std::int64_t>(dice() % 80'000'000)};
                if (clock.day_of(begin) == d && clock.day_of(begin - Millis{1}) == d - days{1}
                    && clock.day_of(within) == d && end - begin >= hours{22}
                    && end - begin <= hours{26} && clock.hour_of(begin) <= begin
                    && clock.hour_of(clock.hour_of(within)) == clock.hour_of(within))
                    continue;
                FAIL(zone << " " << format_day(d) << " with day_start " << start << " min");
            }
        }
    CHECK(days_checked == 24U * 4U * 4018U);
}

TEST_CASE("store clock: offsets agree with an independent reading of the time zones", "[clock]")
{
    const unsigned seed = 11;
    INFO("seed " << seed);
    std::mt19937_64 dice{seed};
    std::size_t compared = 0;
    for (std::size_t i = 0; i < zone_names().size(); ++i) {
        const auto& name = zone_names()[i];
        const date::time_zone* peer = nullptr;
        try {
            peer = date::locate_zone(name);
        } catch (const std::exception&) {
            continue;  // the peer leaves out some old names
        }
        const auto clock = clock_of(name);
        for (int k = 0; k < 60; ++k) {
            // 1973 to 2037: before, offsets have seconds; after, the peer ends.
            const sys_seconds t{
                seconds{94'694'400 + static_cast<std::int64_t>(dice() % 2'000'000'000)}};
            const auto theirs = duration_cast<seconds>(peer->get_info(t).offset);
            if (clock.offset_at(t) != theirs)
                FAIL(name << " at " << format_instant(t, minutes{0}) << ": "
                          << clock.offset_at(t).count() << " min, not " << theirs.count() / 60);
            ++compared;
        }
    }
    CHECK(compared > 20'000);
}

TEST_CASE("store clock: summer time goes on after the listed years", "[clock]")
{
    const auto berlin = clock_of("Europe/Berlin");
    CHECK(berlin.offset_at(at("2099-07-01T00:00:00Z")) == hours{2});
    CHECK(berlin.offset_at(at("2099-12-01T00:00:00Z")) == hours{1});
    CHECK(berlin.offset_at(at("2050-03-27T00:59:59Z")) == hours{1});
    CHECK(berlin.offset_at(at("2050-03-27T01:00:00Z")) == hours{2});
    const auto howe = clock_of("Australia/Lord_Howe");
    CHECK(howe.offset_at(at("2080-01-01T00:00:00Z")) == hours{11});
    CHECK(howe.offset_at(at("2080-07-01T00:00:00Z")) == minutes{630});
}

TEST_CASE("store clock: an unknown zone is named with the one that was meant", "[clock]")
{
    CHECK(make_store_clock("Asia/Tokio", minutes{0}).error().advice
          == "did you mean 'Asia/Tokyo'?");
    CHECK_FALSE(make_store_clock("../../etc/passwd", minutes{0}).has_value());
    CHECK_FALSE(make_store_clock("", minutes{0}).has_value());
}

TEST_CASE("store clock: damaged zone files are refused, never believed blindly", "[clock]")
{
    CHECK_FALSE(parse_zone_file("").has_value());
    CHECK_FALSE(parse_zone_file("TZif").has_value());
    CHECK_FALSE(parse_zone_file(std::string(44, '\xff')).has_value());
    const unsigned seed = 29;
    INFO("seed " << seed);
    std::mt19937_64 dice{seed};
    const auto whole = read_file("/usr/share/zoneinfo/Europe/Berlin", 65536).value();
    REQUIRE(parse_zone_file(whole).has_value());
    for (int i = 0; i < 500; ++i) {
        auto bytes = whole.substr(0, i % 3 == 0 ? dice() % whole.size() : whole.size());
        for (auto k = dice() % 4; k > 0 && !bytes.empty(); --k)
            bytes[dice() % bytes.size()] = static_cast<char>(dice() % 256);
        const auto read = parse_zone_file(bytes);
        if (!read) continue;
        const auto offsets = read.value();
        REQUIRE(offsets.front().from == Instant::min());
        for (std::size_t n = 1; n < offsets.size(); ++n)
            REQUIRE(offsets[n - 1].from <= offsets[n].from);
    }
}

TEST_CASE("store clock: what a register's wall showed", "[clock]")
{
    const auto berlin = clock_of("Europe/Berlin");
    const auto wall = [](const char* text) { return at(text); };  // a local time, as if it were UTC
    const auto noon = at("2026-10-25T12:00:00+01:00");
    CHECK(berlin.instant_of(wall("2026-07-01T10:00:00Z"), noon) == at("2026-07-01T10:00:00+02:00"));
    CHECK(berlin.instant_of(wall("2026-01-01T10:00:00Z"), noon) == at("2026-01-01T10:00:00+01:00"));

    SECTION("an hour that comes twice is the one nearer to the log's arrival")
    {
        const auto twice = wall("2026-10-25T02:30:00Z");
        CHECK(berlin.instant_of(twice, at("2026-10-25T02:31:00+02:00"))
              == at("2026-10-25T02:30:00+02:00"));
        CHECK(berlin.instant_of(twice, at("2026-10-25T02:31:00+01:00"))
              == at("2026-10-25T02:30:00+01:00"));
    }
    SECTION("an hour that never was")
    {
        CHECK(berlin.instant_of(wall("2026-03-29T02:30:00Z"), noon)
              == at("2026-03-29T03:30:00+02:00"));
    }
    SECTION("every quarter of an hour of a year, in zones of all kinds, comes back")
    {
        for (const auto* zone : {"Europe/Berlin", "America/New_York", "Asia/Tokyo",
                                 "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"}) {
            const auto clock = clock_of(zone);
            for (auto t = at("2026-01-01T00:00:00Z"); t < at("2027-01-01T00:00:00Z");
                 t += minutes{15}) {
                INFO(zone << " " << format_instant(t, minutes{0}));
                if (clock.instant_of(t + clock.offset_at(t), t) != t) FAIL();
            }
        }
    }
}
