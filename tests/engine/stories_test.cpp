#include "tests/engine/store_day.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

Campaign come_back()
{
    Campaign campaign;
    campaign.id = "come-back";
    campaign.moment = Moment::non_purchase_return;
    campaign.offers = {{"TEN", {{"en", "Ten off"}}, *Money::parse("10"), *Money::parse("10"), ""}};
    campaign.valid_for = 2h;
    campaign.control = 0.0;
    return campaign;
}

}  // namespace

TEST_CASE("story: a passer-by opens nothing", "[engine][story]")
{
    StoreDay day;
    SECTION("near, but too short")
    {
        CHECK(day.whole("10:00:00-10:00:18 see ann door -60 6") == Lines{});
    }
    SECTION("long, but too weak")
    {
        CHECK(day.whole("10:00:00-10:05:00 see ann door -85 5") == Lines{});
    }
    SECTION("near and spread out, but too few in any two minutes")
    {
        CHECK(day.whole("10:00-10:30 see ann door -60 119") == Lines{});
    }
    day.play("12:00 tick");
    CHECK(day.engine().counts().passers_by >= 1);
}

TEST_CASE("story: a visit without purchase, dated back to its first sighting", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:12:00 see ann door -60 10")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:22:00 ended ann left 10:12:00 after 720s",
                   "10:32:00 settled ann 10:00:00..10:12:00 no_purchase streak 0"});
}

TEST_CASE("story: a flapping signal is one visit", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:01:00 see ann door -70 5\n"
                    "10:10:00 see ann door -90\n"  // 9 minutes of silence, then weak
                    "10:19:00 see ann door -93\n"  // too weak to keep anything
                    "10:19:30 see ann door -91\n"
                    "10:25:00 see ann door -88")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:35:00 ended ann left 10:25:00 after 1500s",
                   "10:45:00 settled ann 10:00:00..10:25:00 no_purchase streak 0"});
}

TEST_CASE("story: stepping out to the car is not a return", "[engine][story]")
{
    StoreDay day({}, {come_back()});
    CHECK(day.whole("10:00:00-10:05:00 see ann door -60 10\n"
                    "10:20:00 see ann door -60\n"  // exactly the grace: still the same visit
                    "10:20:10-10:25:00 see ann door -60 10")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:15:00 ended ann left 10:05:00 after 300s",
                   "10:35:00 ended ann left 10:25:00 after 1500s",
                   "10:45:00 settled ann 10:00:00..10:25:00 no_purchase streak 0"});
}

TEST_CASE("story: one second beyond the grace is a return, even before the first has settled",
          "[engine][story]")
{
    StoreDay day({}, {come_back()});
    CHECK(day.whole("10:00:00-10:05:00 see ann door -60 10\n"
                    "10:20:01-10:30:01 see ann door -60 10")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:15:00 ended ann left 10:05:00 after 300s",
                   "10:20:21 opened ann since 10:20:01 in entrance", "10:20:21 return ann streak 1",
                   "10:20:21 coupon ann come-back TEN",
                   "10:25:00 settled ann 10:00:00..10:05:00 no_purchase streak 0",
                   "10:40:01 ended ann left 10:30:01 after 600s",
                   "10:50:01 settled ann 10:20:01..10:30:01 no_purchase streak 1"});
}

TEST_CASE("story: two readers, and the strongest decides the zone", "[engine][story]")
{
    StoreDay day;
    CHECK(day.play("10:00:00-10:01:00 see ann door -60 2\n"
                   "10:00:01-10:01:01 see ann floor -75 2\n"
                   "10:01:02-10:03:00 see ann floor -55 2\n"
                   "10:01:03-10:03:01 see ann door -80 2")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance"});
    day.settle();
    const auto& visit = std::get<VisitSettled>(day.effects.back().what).visit;
    CHECK(visit.zones.size() == 2);
    CHECK(visit.zones.at("entrance") >= 60s);
    CHECK(visit.zones.at("entrance") <= 75s);
    CHECK(visit.zones.at("entrance") + visit.zones.at("floor") == visit.left_at - visit.opened_at);
    CHECK(visit.readers == std::vector<std::string>{"door", "floor"});
}

TEST_CASE("story: a check-in alone keeps a visit for ninety minutes and says nothing of dwell",
          "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00 tap ann desk")
          == Lines{"10:00:00 opened ann since 10:00:00 in entrance",
                   "11:30:00 ended ann left 10:00:00 dwell null",
                   "11:35:00 settled ann 10:00:00..10:00:00 no_purchase streak 0 dwell null"});
}

TEST_CASE("story: a card that rests on the reader is one check-in", "[engine][story]")
{
    StoreDay day;
    day.play("10:00:00 tap ann desk");
    for (const auto* again : {"10:00:09", "10:00:18", "10:00:27"}) {
        CHECK(day.play(std::string{again} + " tap ann desk").empty());
        CHECK(day.last_verdict == Verdict::duplicate);
    }
    day.play("10:00:38 tap ann desk");
    CHECK(day.last_verdict == Verdict::accepted);
}

TEST_CASE("story: what waits to be looked at ends a visit in its own time", "[engine][story]")
{
    StoreDay day;
    const auto in_zone = [&](const std::string& zone) {
        Millis sum{0};
        for (const auto& effect : day.effects)
            if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) {
                const auto found = settled->visit.zones.find(zone);
                if (found != settled->visit.zones.end()) sum += found->second;
            }
        return sum;
    };
    //       tap             seen     over, and not            seen      over
    // 10:00 ●─────────10:30 ●●●10:31 ──────10:41╌╌╌╌╌╌10:43 ●●●10:44 ──────10:54 ────10:59
    const std::string seen =
        "10:30:00-10:31:00 see ann floor -60 10\n10:43:00-10:44:00 see ann floor -60 10\n";
    const Lines twice{"10:41:00 ended ann left 10:31:00 after 1860s",
                      "10:54:00 ended ann left 10:44:00 after 2640s",
                      "11:04:00 settled ann 10:00:00..10:44:00 no_purchase streak 0"};
    SECTION("a check-in waits for ninety minutes, but not for one who is heard after it")
    {
        day.play("10:00 tap ann desk");
        auto lines = day.play(seen);
        const auto rest = day.settle();
        lines.insert(lines.end(), rest.begin(), rest.end());
        CHECK(lines == twice);
        CHECK(in_zone("floor") == 2min);
    }
    SECTION("in whatever order it arrives")
    {
        day.play("10:00 tap ann desk");
        day.play(seen + "10:31:10 down door @10:34\n10:31:20 up door @10:35");
        day.settle();
        CHECK(in_zone("floor") == 2min);
    }
    SECTION("a reader that hears the visit while the one before it is deaf")
    {
        day.play("10:00:00-10:05:00 see ann door -60 10\n10:05:10 down door");
        CHECK(day.whole(seen).back()
              == "11:04:00 settled ann 10:00:00..10:44:00 no_purchase streak 0");
        CHECK(in_zone("floor") == 2min);
    }
}

TEST_CASE("story: a purchase by card", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:12:00 see ann door -60 10\n"
                    "10:11:55 sale 1 1280 ann @10:12:01")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:22:00 ended ann left 10:12:00 after 720s",
                   "10:32:00 settled ann 10:00:00..10:12:00 purchase 1280 streak 0"});
}

TEST_CASE("story: what is told of a visit after its end does not end it again", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:12:00 see ann door -60 10\n"
                    "10:11:55 sale 1 1280 ann @10:24:00")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "10:22:00 ended ann left 10:12:00 after 720s",
                   "10:32:00 settled ann 10:00:00..10:12:00 purchase 1280 streak 0"});
}

TEST_CASE("story: a receipt by card is a visit of its own where nobody was seen", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00 sale 1 980 ann")
          == Lines{"10:00:00 opened ann since 10:00:00 in ?",
                   "11:30:00 ended ann left 10:00:00 dwell null",
                   "11:35:00 settled ann 10:00:00..10:00:00 purchase 980 streak 0 dwell null"});
}

TEST_CASE("story: a purchase without token belongs to the one who stood at the register",
          "[engine][story]")
{
    StoreDay day;
    const std::string shopping =
        "10:00:00-10:05:00 see ann door -60 5\n"
        "10:05:05-10:07:00 see ann till -50 5\n";
    SECTION("alone there")
    {
        CHECK((day.whole(shopping + "10:06:30 sale 1 500 @10:07:01")).back()
              == "10:27:00 settled ann 10:00:00..10:07:00 purchase 500 inferred streak 0");
    }
    SECTION("with another member: nobody's")
    {
        CHECK((day.whole(shopping
                         + "10:05:00-10:08:00 see bob till -50 5\n"
                           "10:06:30 sale 1 500 @10:08:01"))
                  .front()
              == "10:00:20 opened ann since 10:00:00 in entrance");
        CHECK(day.member("ann").purchases == 0);
        CHECK(day.member("bob").purchases == 0);
    }
    SECTION("with a stranger who was nearer: nobody's")
    {
        day.play(shopping + "10:06:28 see dee till -45 @10:07:01\n10:06:30 sale 1 500 @10:07:01");
        day.settle();
        CHECK(day.member("ann").purchases == 0);
    }
    SECTION("with a stranger far away: still hers, and less sure")
    {
        day.play(shopping + "10:06:28 see dee till -60 @10:07:01\n10:06:30 sale 1 500 @10:07:01");
        day.settle();
        CHECK(day.member("ann").purchases == 1);
        const auto& visit = std::get<VisitSettled>(day.effects.back().what).visit;
        CHECK(visit.confidence() == Approx(1 - 0.5 * std::pow(10.0, -10.0 / 20)).epsilon(0.01));
    }
}

TEST_CASE("story: a late receipt amends a settled visit", "[engine][story]")
{
    StoreDay day;
    day.play("10:00:00-10:12:00 see ann door -60 10");
    day.settle();
    CHECK(day.play("10:10:00 sale 1 1280 ann @18:00")
          == Lines{"18:00:00 amended ann 10:00:00..10:12:00 purchase 1280 streak 0 rev 2"});
    CHECK(day.play("10:10:00 sale 1 1280 ann @18:01").empty());
    CHECK(day.last_verdict == Verdict::duplicate);
    CHECK(day.play("10:10:00 sale 1 999 ann @18:02").empty());
    CHECK(day.last_verdict == Verdict::conflict);
    CHECK(day.member("ann").spend == *Money::parse("1280"));
}

TEST_CASE("story: a late receipt undoes an announced return, its coupon, and the chain behind it",
          "[engine][story]")
{
    StoreDay day({}, {come_back()});
    day.play(
        "10:00:00-10:05:00 see ann door -60 10\n"
        "14:00:00-14:05:00 see ann door -60 10");
    day.settle();
    CHECK(day.play("18:00:00-18:01:00 see ann door -60 10")
          == Lines{"16:00:20 expired ann come-back",
                   "18:00:20 opened ann since 18:00:00 in entrance", "18:00:20 return ann streak 2",
                   "18:00:20 coupon ann come-back TEN"});
    CHECK(day.play("14:03:00 sale 1 700 ann @18:02")
          == Lines{"18:02:00 amended ann 14:00:00..14:05:00 purchase 700 streak 1 rev 2",
                   "18:02:00 corrected ann streak 2 -> 0", "18:02:00 revoked ann come-back"});
    CHECK(day.play("10:04:00 sale 2 300 ann @18:03")
          == Lines{"18:03:00 amended ann 10:00:00..10:05:00 purchase 300 streak 0 rev 2",
                   "18:03:00 corrected ann streak 1 -> 0",
                   "18:03:00 amended ann 14:00:00..14:05:00 purchase 700 streak 0 rev 3"});
}

TEST_CASE("story: a void turns a purchase back into none", "[engine][story]")
{
    StoreDay day;
    SECTION("before the visit has settled")
    {
        CHECK((day.whole("10:00:00-10:12:00 see ann door -60 10\n10:11:00 sale 1 1280 ann @10:12\n"
                         "10:13:00 void 1"))
                  .back()
              == "10:32:00 settled ann 10:00:00..10:12:00 no_purchase streak 0");
    }
    SECTION("afterwards, and the live triggers stay quiet")
    {
        day.play("10:00:00-10:12:00 see ann door -60 10\n10:11:00 sale 1 1280 ann @10:12");
        day.settle();
        CHECK(day.play("15:00 void 1")
              == Lines{"15:00:00 amended ann 10:00:00..10:12:00 no_purchase streak 0 rev 2"});
    }
    SECTION("a part of it refunded is still a purchase")
    {
        day.play("10:00:00-10:12:00 see ann door -60 10\n10:11:00 sale 1 1280 ann @10:12");
        day.settle();
        CHECK(day.play("15:00 refund 1 280")
              == Lines{"15:00:00 amended ann 10:00:00..10:12:00 purchase 1000 streak 0 rev 2"});
    }
    SECTION("of a receipt that nobody knows is kept and changes nothing")
    {
        CHECK(day.play("10:00 void 77").empty());
        CHECK(day.last_verdict == Verdict::accepted);
        CHECK_FALSE(day.last_reason.empty());
    }
    SECTION("and the last purchase is the last that stands")
    {
        const auto last_purchase = [&] { return day.member("ann").last_purchase_at; };
        const auto first = day.events("10:11 tick").front().at;
        const auto third = day.events("4+10:11 tick").front().at;
        day.play("10:00:00-10:12:00 see ann door -60 10\n10:10:00 sale 1 500 ann");
        day.play("10:11:00 sale 2 500 ann @10:12");
        day.settle();
        REQUIRE(last_purchase() == first);
        day.play("12:00 void 2");
        CHECK(last_purchase() == first - 1min);  // of the same visit
        day.play("12:30 void 1");
        CHECK(last_purchase() == std::nullopt);  // there was never another

        day.play("13:00 sale 3 500 ann\n14:00:00 sale 4 500 ann");
        day.settle();
        CHECK(last_purchase() == first + 229min);
        day.play("18:00 refund 3 500");
        CHECK(last_purchase() == first + 229min);
        day.play("18:01 sale 5 500 ann");
        day.settle();
        day.play("20:30 refund 5 500");
        CHECK(last_purchase() == first + 229min);  // of a visit before

        // Sale 4 stands, but its visit is not at hand any more: the time of the void one stays.
        day.play("4+10:11 sale 6 500 ann");
        day.settle();
        REQUIRE(day.member("ann").purchases == 2);
        day.play("4+15:00 void 6");
        CHECK(day.member("ann").purchases == 1);
        CHECK(last_purchase() == third);
    }
    SECTION("two days later only lowers what was spent")
    {
        day.play("10:00:00-10:12:00 see ann door -60 10\n10:11:00 sale 1 1280 ann @10:12");
        day.settle();
        CHECK(day.play("1+15:00 refund 1 1280").empty());
        CHECK(day.member("ann").spend == Money{});
    }
}

TEST_CASE("story: staff are left out of everything", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00-10:30 see sue floor -50 5\n10:31 tap sue desk\n10:32 sale 1 500 sue")
          == Lines{});
    CHECK(day.last_verdict == Verdict::left_out);
}

TEST_CASE("story: who left empty-handed and is back after 5 days is a return; after 100 days not",
          "[engine][story]")
{
    StoreDay day({}, {come_back()});
    day.play("10:00:00-10:05:00 see ann door -60 10\n10:00:05-10:05:05 see bob door -60 10");
    day.settle();
    CHECK(day.play("5+10:00:00-5+10:00:30 see ann door -60 10")
          == Lines{"5+10:00:20 opened ann since 5+10:00:00 in entrance",
                   "5+10:00:20 return ann streak 1", "5+10:00:20 coupon ann come-back TEN"});
    CHECK(day.play("100+10:00:00-100+10:00:30 see bob door -60 10").back()
          == "100+10:00:20 opened bob since 100+10:00:00 in entrance");
}

TEST_CASE("story: a deaf reader is not a departure", "[engine][story]")
{
    StoreDay day;
    CHECK(day.whole("10:00:00-10:05:00 see ann door -60 10\n"
                    "10:06:00 down door\n"
                    "11:00:00 tick\n"
                    "11:00:00 up door\n"
                    "11:02:00-11:05:00 see ann door -60 10")
          == Lines{"10:00:20 opened ann since 10:00:00 in entrance",
                   "11:15:00 ended ann left 11:05:00 after 3900s",
                   "11:25:00 settled ann 10:00:00..11:05:00 no_purchase streak 0"});
}

TEST_CASE("story: nobody stays longer than twelve hours", "[engine][story]")
{
    StoreDay day;
    const auto lines = day.whole(
        "08:00:00-22:00:00 see ann door -60 60\n"
        "22:30:00-22:35:00 see ann door -60 10");
    CHECK(lines
          == Lines{"08:02:00 opened ann since 08:00:00 in entrance",
                   "20:00:00 ended ann left 20:00:00 after 43200s",
                   "20:20:00 settled ann 08:00:00..20:00:00 no_purchase streak 0 too_long",
                   "22:30:20 opened ann since 22:30:00 in entrance", "22:30:20 return ann streak 1",
                   "22:45:00 ended ann left 22:35:00 after 300s",
                   "22:55:00 settled ann 22:30:00..22:35:00 no_purchase streak 1"});
}

TEST_CASE("story: a restart between a visit and the return that follows it loses neither",
          "[engine][story]")
{
    StoreDay before;
    before.play("10:00:00-10:05:00 see ann door -60 10\n10:20:01-10:21:01 see ann door -60 10");
    Remembered remembered;
    remembered.engine_time = before.engine().now();
    remembered.unsettled = before.engine().present();
    REQUIRE(remembered.unsettled.size() == 2);

    StoreDay after;
    after.engine().restore(remembered);
    CHECK(after.settle()
          == Lines{"10:25:00 settled ann 10:00:00..10:05:00 no_purchase streak 0",
                   "10:31:01 ended ann left 10:21:01 after 60s",
                   "10:41:01 settled ann 10:20:01..10:21:01 no_purchase streak 1"});
}

TEST_CASE("story: a late sighting is dropped, a late check-in never", "[engine][story]")
{
    StoreDay day;
    day.play("12:00 tick\n11:54:59 see ann door -60 @12:00");
    CHECK(day.last_verdict == Verdict::late);
    CHECK(day.play("10:00 tap ann desk @12:00")
          == Lines{"10:00:00 opened ann since 10:00:00 in entrance",
                   "12:00:00 settled ann 10:00:00..10:00:00 no_purchase streak 0 dwell null"});
}
