#include "tests/engine/store_day.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

Campaign answering(Moment moment, const std::string& id = "c")
{
    Campaign campaign;
    campaign.id = id;
    campaign.moment = moment;
    campaign.offers = {{"TEN", {}, *Money::parse("10"), *Money::parse("10"), ""}};
    campaign.valid_for = 200h;
    campaign.control = 0.0;
    return campaign;
}

/// Only what campaigns did.
Lines coupons(Lines lines)
{
    std::erase_if(lines, [](const std::string& line) {
        return line.find(" coupon ") == std::string::npos
               && line.find(" revoked ") == std::string::npos
               && line.find(" expired ") == std::string::npos
               && line.find(" redeemed ") == std::string::npos
               && line.find(" lease ") == std::string::npos;
    });
    return lines;
}

}  // namespace

TEST_CASE("moments: a visit opens once, and the rarer moment speaks first", "[engine][moments]")
{
    StoreDay day({},
                 {answering(Moment::visit_opened, "any"), answering(Moment::first_visit, "first"),
                  answering(Moment::non_purchase_return, "return")});
    CHECK(coupons(day.whole("10:00:00-10:05:00 see ann door -60 10\n"
                            "10:20:00-10:25:00 see ann door -60 10\n"  // out to the car
                            "1+10:00:00-1+10:05:00 see ann door -60 10"))
          == Lines{"10:00:20 coupon ann first TEN", "10:00:20 coupon ann any TEN",
                   "1+10:00:20 coupon ann return TEN", "1+10:00:20 coupon ann any TEN"});
}

TEST_CASE("moments: who left without buying is known when the visit has settled",
          "[engine][moments]")
{
    StoreDay day({}, {answering(Moment::left_without_purchase)});
    SECTION("and not before")
    {
        CHECK(coupons(day.play("10:00:00-10:05:00 see ann door -60 10\n10:24:59 tick")) == Lines{});
        CHECK(coupons(day.play("10:25:01 tick")) == Lines{"10:25:00 coupon ann c TEN"});
        CHECK(day.effects.back().at < day.engine().now());
    }
    SECTION("not of who bought")
    {
        CHECK(coupons(day.whole("10:00:00-10:05:00 see ann door -60 10\n10:04 sale 1 500 ann"))
              == Lines{});
    }
    SECTION("and a receipt that comes too late takes it back")
    {
        CHECK(coupons(day.play("10:00:00-10:05:00 see ann door -60 10\n"
                               "11:00 tick\n"
                               "10:04 sale 1 500 ann @12:00"))
              == Lines{"10:25:00 coupon ann c TEN", "12:00:00 revoked ann c"});
    }
    SECTION("an amendment to no purchase says nothing any more")
    {
        CHECK(coupons(day.whole("10:00:00-10:05:00 see ann door -60 10\n"
                                "10:04 sale 1 500 ann\n"
                                "11:00 void 1"))
              == Lines{});
    }
}

TEST_CASE("moments: each receipt once, the first purchase only once in a life", "[engine][moments]")
{
    StoreDay day(
        {}, {answering(Moment::purchased, "bought"), answering(Moment::first_purchase, "first")});
    CHECK(coupons(day.play("10:00 tap ann desk\n"
                           "10:05 sale 1 500 ann\n"
                           "10:05 sale 1 500 ann\n"  // told twice
                           "10:06 sale 2 300 ann\n"
                           "10:07 sale 3 300 bob\n"
                           "3+10:05 sale 1 500 ann"))
          == Lines{"10:05:00 coupon ann first TEN", "10:05:00 coupon ann bought TEN",
                   "10:06:00 coupon ann bought TEN", "10:07:00 coupon bob first TEN",
                   "10:07:00 coupon bob bought TEN", "3+10:05:00 coupon ann bought TEN"});
    // What the till says hours later is no moment any more.
    CHECK(coupons(day.play("4+10:00 sale 8 500 ann @4+15:00")) == Lines{});
    CHECK(coupons(day.play("3+10:06 void 1 @4+16:00")) == Lines{"4+16:00:00 revoked ann bought"});
}

TEST_CASE("moments: what is on the receipt can be asked about", "[engine][moments]")
{
    StoreDay day({}, {answering(Moment::purchased)});
    day.play("10:05 sale 1 500 ann");
    Event event = day.events("10:06 sale 2 700 ann").at(0);
    auto& receipt = std::get<Receipt>(event.what);
    receipt.lines = {{"490", "Filter", *Money::parse("1"), *Money::parse("700"), "coffee"}};
    day.tell(event);
    const auto told = std::get<CouponTriggered>(day.effects.back().what).coupon;
    CHECK(told.occasion.starts_with("pos/2/"));
    CHECK(told.moment == "purchased");
}

TEST_CASE("moments: a move of stage", "[engine][moments]")
{
    StoreDay day({}, {answering(Moment::stage_changed, "moved"),
                      answering(Moment::went_dormant, "dormant")});
    CHECK(coupons(day.play("10:00 tick\n11:00 stage ann new light\n12:00 stage bob core dormant"))
          == Lines{"11:00:00 coupon ann moved TEN", "12:00:00 coupon bob dormant TEN",
                   "12:00:00 coupon bob moved TEN"});
}

TEST_CASE("moments: a birthday once a year, a survey once each", "[engine][moments]")
{
    StoreDay day({}, {answering(Moment::birthday_month, "birthday"),
                      answering(Moment::survey_answered, "survey")});
    CHECK(coupons(day.play("10:00 birthday ann\n"
                           "1+10:00 birthday ann\n"
                           "2+10:00 survey ann s1 9\n"
                           "2+10:01 survey ann s1 9\n"
                           "2+10:02 survey ann s2 3"))
          == Lines{"10:00:00 coupon ann birthday TEN", "2+10:00:00 coupon ann survey TEN",
                   "2+10:02:00 coupon ann survey TEN"});
}

TEST_CASE("moments: three hours before a predicted visit", "[engine][moments]")
{
    StoreDay day({}, {answering(Moment::visit_predicted)});
    day.play("10:00 tick");
    SECTION("to the minute, however seldom it ticks")
    {
        CHECK(coupons(day.play("10:00 expect ann 1+15:00 0\n2+10:00 tick"))
              == Lines{"1+12:00:00 coupon ann c TEN"});
    }
    SECTION("a moved prediction moves the trigger")
    {
        CHECK(coupons(day.play("10:00 expect ann 1+15:00 0\n"
                               "11:00 expect ann 2+15:00 0\n"
                               "4+10:00 tick"))
              == Lines{"2+12:00:00 coupon ann c TEN"});
    }
    SECTION("but one that fired does not fire again for the same visit")
    {
        CHECK(coupons(day.play("10:00 expect ann 1+15:00 0\n"
                               "1+13:00 tick\n"))
              == Lines{"1+12:00:00 coupon ann c TEN"});
        Event moved = day.events("1+14:00 expect ann 3+15:00 0").at(0);
        std::get<VisitForecast>(moved.what).first_expected -= std::chrono::days{1};
        day.tell(moved);
        CHECK(coupons(day.play("5+10:00 tick")) == Lines{});
    }
    SECTION("who has come meanwhile needs no invitation")
    {
        CHECK(coupons(day.play("10:00 expect ann 1+15:00 0\n"
                               "12:00 tap ann desk\n"
                               "3+10:00 tick"))
              == Lines{});
    }
    SECTION("one that comes too late for its lead is made at once, after the visit never")
    {
        CHECK(coupons(day.play("10:00 expect ann 11:00 0\n"
                               "12:00 expect bob 11:30 0\n"
                               "3+10:00 tick"))
              == Lines{"10:00:00 coupon ann c TEN"});
    }
    SECTION("a restart in between changes nothing")
    {
        day.play("10:00 expect ann 1+15:00 0\n11:00 tick");
        REQUIRE(day.restart().has_value());
        CHECK(coupons(day.play("2+10:00 tick")) == Lines{"1+12:00:00 coupon ann c TEN"});
    }
    SECTION("campaigns that come later find it")
    {
        day.play("10:00 expect ann 1+15:00 0");
        auto sooner = answering(Moment::visit_predicted, "sooner");
        sooner.lead = 5h;
        day.engine().replace_campaigns({answering(Moment::visit_predicted), sooner});
        CHECK(coupons(day.play("2+10:00 tick"))
              == Lines{"1+10:00:00 coupon ann sooner TEN", "1+12:00:00 coupon ann c TEN"});
    }
}

TEST_CASE("moments: nobody is invited at night", "[engine][moments]")
{
    auto quiet = answering(Moment::visit_predicted);
    quiet.quiet_hours = QuietHours{21h, 8h};
    StoreDay day({}, {quiet});
    day.play("10:00 tick");
    CHECK(coupons(day.play("10:00 expect ann 1+10:00 0\n"  // due at 7:00: waits until 8:00
                           "10:00 expect bob 1+07:30 0\n"  // over before the quiet is
                           "10:00 expect cid 1+11:30 0\n"  // due at 8:30
                           "3+10:00 tick"))
          == Lines{"1+08:00:00 coupon ann c TEN", "1+08:30:00 coupon cid c TEN"});
}

TEST_CASE("moments: a coupon is answered by whoever buys with it in hand", "[engine][moments]")
{
    auto opened = answering(Moment::visit_opened);
    opened.valid_for = 42min;
    StoreDay day({}, {opened});
    const auto answered = [&] {
        return day.engine().decisions().standings().at("c").arms.count("TEN");
    };
    SECTION("whatever is bought")
    {
        day.whole(
            "10:00 tap ann desk\n10:30 sale 1 500 ann\n10:40 sale 2 500 ann\n11:00 tap bob desk");
        CHECK(answered().given == 2);
        CHECK(answered().answered == 1);
        CHECK(day.member("ann").coupons.at(0).answered_at.has_value());
    }
    SECTION("or by using it, once")
    {
        day.play("10:00 tap ann desk");
        day.whole("10:30 redeem c till\n10:31 redeem c kiosk\n10:40 sale 2 500 ann");
        CHECK(answered().given == 1);
        CHECK(answered().answered == 1);
        CHECK(day.member("ann").coupons.at(0).closed_where == "till");
    }
    SECTION("not after it has expired")
    {
        day.whole("10:00 tap ann desk\n10:45 sale 1 500 ann");
        CHECK(answered().given == 1);
        CHECK(answered().answered == 0);
    }
}

TEST_CASE("moments: a lease is used, given back at its end, and never more", "[engine][moments]")
{
    auto leased = answering(Moment::visit_opened);
    leased.leased = true;
    leased.budget = *Money::parse("1000000");
    leased.valid_for = 24h;
    StoreDay day({}, {leased});
    day.play("09:00 tick");
    CHECK(coupons(day.play("09:30 tap ann desk")) == Lines{});  // nothing leased yet
    CHECK(coupons(day.play("09:40 lease c 1 25 0 3+00:00"))
          == Lines{"09:40:00 lease c #1 used 0 reserved 0 returned 0"});
    CHECK(coupons(day.play("1+10:00 tap ann desk\n1+10:00 tap bob desk\n1+10:01 tap cid desk"))
          == Lines{"1+10:00:00 coupon ann c TEN", "1+10:00:00 coupon bob c TEN"});
    CHECK(coupons(day.play("1+10:30 redeem c till\n1+11:00 lease c 1 9999 0 9+00:00"))
          == Lines{"1+10:30:00 redeemed bob at till"});  // the second grant is the first again
    CHECK(coupons(day.play("4+00:00 tick"))
          == Lines{"2+10:00:00 expired ann c",
                   "3+00:00:00 lease c #1 used 10 reserved 0 returned 15"});
}
