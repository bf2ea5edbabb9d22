#include "sync/topics.hpp"
#include "sync/back_off.hpp"
#include "sync/downlink.hpp"
#include "sync/settings.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::sync;
using namespace std::chrono_literals;

TEST_CASE("topics: every row has its topic under the device's prefix", "[sync]")
{
    const auto topics = Topics::make("acme", "shinjuku-3", "box_1");
    REQUIRE(topics.has_value());
    CHECK(topics->prefix() == "raiten/v1/acme/shinjuku-3/box_1/");
    CHECK(topics->status() == "raiten/v1/acme/shinjuku-3/box_1/status");
    const auto of = [&](Lane lane, const char* type) {
        return topics->of({lane, 1, type, "", {}}).substr(topics->prefix().size());
    };
    CHECK(of(Lane::coupon, "raiten.coupon.triggered.v1") == "coupon");
    CHECK(of(Lane::summary, "raiten.summary.hourly.v1") == "summary/hourly");
    CHECK(of(Lane::summary, "raiten.summary.daily.v1") == "summary/daily");
    CHECK(of(Lane::visit, "raiten.visit.settled.v1") == "visit");
}

TEST_CASE("topics: a name that some broker would refuse is refused first", "[sync]")
{
    for (const auto* bad : {"", "a b", "a.b", "a/b", "#", "+", "caf\xc3\xa9", "a\n"}) {
        INFO(bad);
        CHECK_FALSE(is_topic_name(bad));
        CHECK_FALSE(Topics::make("acme", bad, "box").has_value());
    }
    CHECK(is_topic_name(std::string(64, 'a')));
    CHECK_FALSE(is_topic_name(std::string(65, 'a')));
    CHECK(Topics::make("acme", "store", "b.1").error().where == "device");
}

TEST_CASE("settings: a broker's address is read or refused", "[sync]")
{
    const auto plain = BrokerAddress::parse("mqtt://hq.example:2883");
    REQUIRE(plain.has_value());
    CHECK(plain->host == "hq.example");
    CHECK(plain->port == 2883);
    CHECK_FALSE(plain->tls);
    CHECK(BrokerAddress::parse("mqtts://hq")->text() == "mqtts://hq:8883");
    CHECK(BrokerAddress::parse("mqtt://[::1]")->text() == "mqtt://[::1]:1883");
    CHECK(BrokerAddress::parse("mqtt://[fe80::1]:99")->port == 99);
    for (const auto* bad :
         {"", "hq:1883", "tcp://hq:1883", "mqtt://", "mqtt://:1883", "mqtt://hq:0",
          "mqtt://hq:65536", "mqtt://hq:18x", "mqtt://a b", "mqtt://user@hq", "mqtt://hq/path"}) {
        INFO(bad);
        CHECK_FALSE(BrokerAddress::parse(bad).has_value());
    }
}

TEST_CASE("settings: what would fail later is said at once", "[sync]")
{
    CourierSettings good;
    good.brokers = {"mqtt://hq"};
    good.tenant = "acme";
    good.store = "s";
    good.device = "d";
    CHECK(good.check().has_value());

    auto no_ca = good;
    no_ca.brokers = {"mqtts://hq"};
    CHECK(no_ca.check().error().text().find("CA file") != std::string::npos);
    auto half = good;
    half.certificate_file = "client.pem";
    CHECK(half.check().error().where == "client.pem");
    auto wide = good;
    wide.window = 1'001;
    CHECK(wide.check().error().where == "window");
}

TEST_CASE("back-off: doubles to its limit, always within the upper half of its step", "[sync]")
{
    double drawn = 0;
    BackOff back_off{1s, 60s, [&drawn] { return drawn; }};
    for (const auto expected : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms})
        CHECK(back_off.next() == expected);
    drawn = 0.999'999;
    CHECK(back_off.next() > 59s);
    CHECK(back_off.next() <= 60s);
    back_off.reset();
    CHECK(back_off.next() <= 1s);
}

TEST_CASE("downlink: HQ's ack is read strictly", "[sync]")
{
    const auto ack = parse_ack(R"({"epoch":7,"coupon":12,"summary":0,"visit":3})");
    REQUIRE(ack.has_value());
    CHECK(ack->epoch == 7);
    CHECK(ack->through[0] == 12);
    CHECK(ack->through[1] == 0);
    CHECK(ack->through[2] == 3);
    CHECK_FALSE(parse_ack(R"({"epoch":7})")->through[0].has_value());

    std::string deep(500, '[');
    for (const auto& bad :
         {std::string{}, std::string{"null"}, std::string{"7"}, std::string{"{"}, deep,
          std::string{R"({"coupon":1})"}, std::string{R"({"epoch":-1})"},
          std::string{R"({"epoch":1.5})"}, std::string{R"({"epoch":"7"})"},
          std::string{R"({"epoch":7,"coupon":-3})"}, std::string{R"({"epoch":7,"coupon":1e3})"},
          std::string{R"({"epoch":7,"coupon":null})"}, std::string{R"({"epoch":7,"coupon":[1]})"},
          std::string{R"({"epoch":7,"coupon":99999999999999999999999})"},
          std::string{R"({"epoch":7,"x":{"y":1}})"}, std::string(2'000, ' '),
          std::string{"{\"epoch\":7,\"\xff\":1}"}}) {
        INFO(bad.substr(0, 60));
        CHECK_FALSE(parse_ack(bad).has_value());
    }
}
