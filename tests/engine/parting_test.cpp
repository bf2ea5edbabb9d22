#include "tests/engine/store_day.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST_CASE("story: who withdraws is settled there and then, and not seen again", "[engine][story]")
{
    StoreDay day;
    CHECK(
        day.play("10:00:00-10:05:00 see ann door -60 10\n"
                 "10:05:30 withdraw ann\n"
                 "10:05:40-10:30:00 see ann door -60 10\n"
                 "10:31 tap ann desk\n"
                 "10:32 sale 1 500 ann")
        == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                 "10:05:30 settled ann 10:00:00..10:05:00 no_purchase streak 0 consent_withdrawn"});
    CHECK(day.last_verdict == Verdict::left_out);
    CHECK(day.settle() == Lines{});
    CHECK(day.engine().present().empty());
}

TEST_CASE("story: who withdraws before the visit was one leaves nothing", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:00:10 see ann door -60 5\n"
                    "10:00:12 withdraw ann\n"
                    "10:00:15-10:10:00 see ann door -60 5")
          == Lines{});
}

TEST_CASE("story: a tag that is here for six hours on four days is furniture until somebody looks",
          "[engine][story]")
{
    StoreDay day;
    const auto long_day = [](int n) {
        const auto d = std::to_string(n) + "+";
        return d + "10:00:00-" + d + "16:00:00 see ann floor -60 60\n";
    };
    for (const int n : {0, 1, 3}) {
        day.play(long_day(n));
        CHECK(day.settle().size() == 2);
        CHECK(day.member("ann").equipment == Equipment::no);
    }
    CHECK(day.member("ann").long_days.size() == 3);
    day.play(long_day(4));
    day.settle();
    CHECK(day.member("ann").equipment == Equipment::suspected);
    CHECK(day.member("ann").settled_visits == 4);  // what settled stands
    CHECK(day.play(long_day(5)) == Lines{});
    CHECK(day.last_verdict == Verdict::left_out);

    SECTION("rejected: a customer who likes to stay, and is never suspected again")
    {
        day.play("6+09:00 reject ann");
        for (const int n : {6, 7, 8, 9, 10}) {
            day.play(long_day(n));
            day.settle();
        }
        CHECK(day.member("ann").settled_visits == 9);
        CHECK(day.member("ann").equipment == Equipment::rejected);
    }
    SECTION("confirmed: left out for good")
    {
        day.play("6+09:00 confirm ann");
        CHECK(day.play(long_day(20)) == Lines{});
        CHECK(day.member("ann").equipment == Equipment::confirmed);
    }
}

TEST_CASE("story: three long days in a week, every week, are a good customer", "[engine][story]")
{
    StoreDay day;
    for (const int n : {0, 2, 4, 7, 9, 11, 14}) {
        const auto d = std::to_string(n) + "+";
        day.play(d + "10:00:00-" + d + "16:00:00 see ann floor -60 60\n");
        day.settle();
    }
    CHECK(day.member("ann").equipment == Equipment::no);
}

TEST_CASE("story: a beacon screwed to the wall is found out although it has one visit only",
          "[engine][story]")
{
    StoreDay day;
    day.play("0+08:00:00-5+08:00:00 see ann floor -60 60");
    CHECK(day.member("ann").equipment == Equipment::suspected);
    CHECK(day.member("ann").settled_visits == 1);
}

TEST_CASE("story: a visit says how much of it nobody listened", "[engine][story]")
{
    StoreDay day;
    day.play(
        "10:00:00-10:05:00 see ann door -60 10\n"
        "10:06:00 down door\n"
        "10:26:00 up door\n"
        "10:27:00-10:40:00 see ann door -60 10\n");
    day.settle();
    const auto& visit = std::get<VisitSettled>(day.effects.back().what).visit;
    CHECK(visit.blind == 20min);
    CHECK(visit.partly_blind());
    CHECK(visit.confidence() == 0.5);
}

TEST_CASE("story: another reader that hears the visit makes it seeing again", "[engine][story]")
{
    StoreDay day;
    day.play(
        "10:00:00-10:20:00 see ann door -60 10\n"
        "10:00:05-10:20:05 see ann floor -70 10\n"
        "10:06:00 down door\n"
        "10:16:00 up door\n");
    day.settle();
    const auto& visit = std::get<VisitSettled>(day.effects.back().what).visit;
    CHECK(visit.blind == 0min);
    CHECK_FALSE(visit.partly_blind());
}

TEST_CASE("story: while nobody listens it is not known whether a member is here", "[engine][story]")
{
    StoreDay day;
    day.play("10:00:00-10:05:00 see ann door -60 10\n10:05 tap bob desk");
    const auto frozen = [&](std::size_t n) { return day.engine().present().at(n).frozen; };
    CHECK_FALSE(frozen(0));
    day.play("10:06 down door");
    CHECK(frozen(0));        // ann was heard at the door only
    CHECK_FALSE(frozen(1));  // others could hear bob
    day.play("10:07 down floor\n10:07 down till");
    CHECK(frozen(1));
    day.play("10:08 up door");
    CHECK_FALSE(frozen(0));
    CHECK_FALSE(frozen(1));
}

TEST_CASE("story: where the shop says so, a look in at the door is no visit", "[engine][story]")
{
    VisitRules rules;
    rules.door_stay = 2min;
    StoreDay day{rules};
    SECTION("heard at the door alone, for a minute")
    {
        CHECK(day.whole("10:00:00-10:01:00 see ann door -60 5").back()
              == "10:21:00 amended ann 10:00:00..10:01:00 no_purchase streak 0 withdrawn");
        CHECK(day.member("ann").settled_visits == 0);
        CHECK(day.engine().counts().passers_by == 1);
    }
    SECTION("but further in most of the time")
    {
        day.whole("10:00:00-10:00:20 see ann door -60 5\n10:00:25-10:01:30 see ann floor -55 5");
        CHECK(day.member("ann").settled_visits == 1);
    }
    SECTION("but long enough, or with a tap, or while the others were deaf")
    {
        day.whole(
            "10:00:00-10:02:00 see ann door -60 5\n"
            "11:00:00-11:01:00 see bob door -60 5\n11:00:30 tap bob desk\n"
            "12:00 down floor\n12:00 down till\n12:00:10-12:01:00 see cid door -60 5\n"
            "12:20 up floor\n12:20 up till");
        for (const auto* who : {"ann", "bob", "cid"}) CHECK(day.member(who).settled_visits == 1);
    }
}
