#include "daemon/wire/mqtt_ear.hpp"

#include "daemon/wire/mqtt_broker.hpp"
#include "tests/support/mosquitto.hpp"
#include "tests/wire/loop.hpp"

#include <boost/asio/io_context.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::wire;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

MqttLimits quick()
{
    MqttLimits limits;
    limits.back_off_min = 10ms;
    limits.back_off_max = 100ms;
    limits.connect_timeout = 3s;
    limits.keep_alive = 1s;
    limits.qos = 1;
    return limits;
}

/// An ear and what it told.
struct Listening {
    boost::asio::io_context io;
    std::vector<std::pair<std::string, std::string>> messages;
    std::vector<std::string> downs;
    int ups{};
    std::unique_ptr<MqttEar> ear;

    explicit Listening(MqttAddress address, MqttLimits limits = quick(),
                       std::vector<std::string> topics = {"shop/#"})
    {
        MqttCallbacks callbacks;
        callbacks.on_up = [this] { ++ups; };
        callbacks.on_message = [this](std::string_view topic, std::span<const std::byte> payload) {
            messages.emplace_back(
                topic, std::string{reinterpret_cast<const char*>(payload.data()), payload.size()});
        };
        callbacks.on_down = [this](const std::string& reason) { downs.push_back(reason); };
        ear = std::make_unique<MqttEar>(io.get_executor(), std::move(address), std::move(topics),
                                        limits, callbacks, [] { return 0.5; });
    }

    bool until(const std::function<bool()>& done, std::chrono::seconds limit = 20s)
    {
        return run_until(io, done, limit);
    }
    bool online(int times = 1)
    {
        return until([&, times] { return ups == times && ear->up(); });
    }
    void turn_for(std::chrono::milliseconds span)
    {
        io.restart();
        io.run_for(span);
    }
};

MqttAddress at(const Mosquitto& broker)
{
    return MqttAddress{{broker.uri()}};
}

/// One message for each line of a file.
void publish_lines(const Mosquitto& broker, const std::string& topic, int count)
{
    const auto path = broker.file("lines");
    std::ofstream file{path};
    for (int i = 0; i < count; ++i) file << i << "\n";
    file.close();
    REQUIRE(run({"sh", "-c",
                 "exec mosquitto_pub -h 127.0.0.1 -p " + std::to_string(broker.port()) + " -q 1 -t "
                     + topic + " -l < " + path})
            == 0);
}

}  // namespace

TEST_CASE("brokers are written as mqtt:// and mqtts://")
{
    CHECK(text_of(parse_mqtt_broker("mqtt://hub.shop").value()) == "mqtt://hub.shop:1883");
    CHECK(text_of(parse_mqtt_broker("mqtts://hub.shop").value()) == "mqtts://hub.shop:8883");
    CHECK(text_of(parse_mqtt_broker("mqtt://[::1]:1884").value()) == "mqtt://[::1]:1884");
    CHECK(text_of(parse_mqtt_broker("mqtt://10.0.0.7:99").value()) == "mqtt://10.0.0.7:99");
    for (const char* wrong : {"", "mqtt://", "hub", "tcp://hub:1", "mqtt://hub:", "mqtt://hub:0",
                              "mqtt://hub:70000", "mqtt://hub:1x", "mqtt://a@hub", "mqtt://hub/x",
                              "mqtt://[::1", "mqtt://:1883", "mqtts:/hub"}) {
        INFO(wrong);
        CHECK_FALSE(parse_mqtt_broker(wrong).has_value());
    }
}

TEST_CASE("an ear hears its topics and no others, bytes as they are")
{
    Mosquitto broker;
    broker.start();
    Listening shop{at(broker), quick(), {"shop/+/out", "espresense/devices/#"}};
    shop.ear->start();
    CHECK(shop.ups == 0);  // nothing is told from within start()
    REQUIRE(shop.online());
    REQUIRE(broker.publish("shop/gw1/out", "{\"x\":1}"));
    REQUIRE(broker.publish("shop/gw1/in", "no"));
    REQUIRE(broker.publish("espresense/devices/watch:a/hall", std::string{"\xe5\n\xff"}));
    REQUIRE(shop.until([&] { return shop.messages.size() == 2; }));
    CHECK(shop.messages[0] == std::pair<std::string, std::string>{"shop/gw1/out", "{\"x\":1}"});
    CHECK(shop.messages[1].first == "espresense/devices/watch:a/hall");
    CHECK(shop.messages[1].second == "\xe5\n\xff");
    CHECK(shop.ear->counters().opened == 1);
    CHECK(shop.ear->counters().messages == 2);
    CHECK(shop.ear->counters().bytes_in == 10);
    CHECK(shop.downs.empty());
}

TEST_CASE("a broker that is absent at the start, killed and restarted is found again")
{
    Mosquitto broker;
    Listening shop{at(broker)};
    shop.ear->start();
    REQUIRE(shop.until([&] { return shop.ear->counters().failed >= 3; }));
    CHECK(shop.downs.size() == 1);  // the same reason is told once
    CHECK(shop.downs[0].find(broker.uri()) == 0);
    broker.start();
    REQUIRE(shop.online());
    broker.kill();
    REQUIRE(shop.until([&] { return shop.downs.size() >= 2; }));
    CHECK_FALSE(shop.ear->up());
    CHECK(shop.downs[1].find("the connection broke") != std::string::npos);
    broker.start();
    REQUIRE(shop.online(2));
    REQUIRE(broker.publish("shop/a", "again"));
    REQUIRE(shop.until([&] { return shop.messages.size() == 1; }));
}

TEST_CASE("a list of brokers is gone through")
{
    Mosquitto absent;
    Mosquitto present;
    present.start();
    auto limits = quick();
    limits.back_off_min = 1h;  // no pause is taken before the whole list was tried
    limits.back_off_max = 1h;
    Listening shop{MqttAddress{{absent.uri(), "nonsense", present.uri()}}, limits};
    shop.ear->start();
    REQUIRE(shop.online());
    REQUIRE(shop.downs.size() == 2);
    CHECK(shop.downs[1].find("nonsense: not the address of a broker") == 0);
}

TEST_CASE("brokers that stay absent are told once each")
{
    Mosquitto one;
    Mosquitto other;
    Listening shop{MqttAddress{{one.uri(), other.uri()}}};
    shop.ear->start();
    REQUIRE(shop.until([&] { return shop.ear->counters().failed >= 6; }));
    CHECK(shop.downs.size() == 2);
    Listening nowhere{MqttAddress{}};
    nowhere.ear->start();
    REQUIRE(nowhere.until([&] { return nowhere.ear->counters().failed >= 3; }));
    CHECK(nowhere.downs == std::vector<std::string>{"no broker is named"});
}

TEST_CASE("a frozen broker is noticed by the keep-alive, and one that never answers by the clock")
{
    Mosquitto broker;
    broker.start();
    auto limits = quick();
    limits.connect_timeout = 300ms;
    Listening shop{at(broker), limits};
    shop.ear->start();
    REQUIRE(shop.online());
    broker.freeze();
    REQUIRE(shop.until([&] { return !shop.ear->up(); }));
    REQUIRE(shop.until([&] {
        return !shop.downs.empty() && shop.downs.back().find("no answer") != std::string::npos;
    }));
    broker.thaw();
    REQUIRE(shop.online(2));
}

TEST_CASE("a flood while the loop is busy: the oldest are dropped and counted, the rest in order")
{
    constexpr int many = 20'000;
    Mosquitto broker;
    broker.start();
    auto limits = quick();
    limits.waiting_max = 1'000;
    Listening shop{at(broker), limits};
    shop.ear->start();
    REQUIRE(shop.online());
    publish_lines(broker, "shop/flood", many);  // the loop does not turn meanwhile
    REQUIRE(shop.until([&] {
        const auto now = shop.ear->counters();
        return now.messages + now.dropped == many;
    }));
    CHECK(shop.ear->counters().dropped > 0);
    CHECK(shop.messages.back().second == std::to_string(many - 1));
    int last = -1;
    bool in_order = true;
    for (const auto& [topic, payload] : shop.messages) {
        const int number = std::stoi(payload);
        in_order = in_order && number > last;
        last = number;
    }
    CHECK(in_order);
    CHECK(shop.downs.empty());
}

TEST_CASE("a flood of bytes is bounded as well")
{
    Mosquitto broker;
    broker.start();
    auto limits = quick();
    limits.waiting_bytes_max = 100'000;
    Listening shop{at(broker), limits};
    shop.ear->start();
    REQUIRE(shop.online());
    for (int i = 0; i < 5; ++i) REQUIRE(broker.publish("shop/a", std::string(40'000, 'x')));
    REQUIRE(shop.until([&] {
        const auto now = shop.ear->counters();
        return now.messages + now.dropped == 5;
    }));
    CHECK(shop.messages.size() <= 3);
}

TEST_CASE("a huge message is counted and not told")
{
    Mosquitto broker;
    broker.start();
    Listening shop{at(broker)};
    shop.ear->start();
    REQUIRE(shop.online());
    const auto path = broker.file("huge");
    std::ofstream{path} << std::string(3 * 1024 * 1024, 'x');
    REQUIRE(broker.publish_file("shop/huge", path));
    std::ofstream{path} << std::string(250 * 1024, 'y');
    REQUIRE(broker.publish_file("shop/large", path));
    REQUIRE(shop.until([&] { return shop.messages.size() == 1; }));
    CHECK(shop.messages[0].second.size() == 250 * 1024);
    CHECK(shop.ear->counters().too_large == 1);
    CHECK(shop.downs.empty());
}

TEST_CASE("a silent broker is connected anew where that is asked for")
{
    Mosquitto broker;
    broker.start();
    auto limits = quick();
    limits.silent_after = 150ms;
    Listening shop{at(broker), limits};
    shop.ear->start();
    REQUIRE(shop.online(2));
    REQUIRE_FALSE(shop.downs.empty());
    CHECK(shop.downs[0] == broker.uri() + ": silent");
}

TEST_CASE("an ear may be stopped and destroyed at any time, and tells nothing afterwards")
{
    Mosquitto broker;
    broker.start();
    SECTION("before it was started")
    {
        Listening shop{at(broker)};
    }
    SECTION("while it connects")
    {
        Listening shop{at(broker)};
        shop.ear->start();
        shop.turn_for(1ms);
        shop.ear->stop();
        CHECK_FALSE(shop.ear->up());
        shop.turn_for(100ms);
        CHECK(shop.ups == 0);
        CHECK(shop.downs.empty());
        shop.ear.reset();
        shop.turn_for(20ms);
    }
    SECTION("while a frozen broker leaves it waiting")
    {
        broker.freeze();
        Listening shop{at(broker)};
        shop.ear->start();
        shop.turn_for(50ms);
        shop.ear.reset();
        shop.turn_for(20ms);
        CHECK(shop.ups == 0);
        CHECK(shop.downs.empty());
    }
    SECTION("while messages wait")
    {
        Listening shop{at(broker)};
        shop.ear->start();
        REQUIRE(shop.online());
        publish_lines(broker, "shop/a", 500);
        shop.ear.reset();
        shop.turn_for(50ms);
        CHECK(shop.messages.empty());
    }
    SECTION("from within its own callbacks")
    {
        boost::asio::io_context io;
        std::unique_ptr<MqttEar> ear;
        int told = 0;
        MqttCallbacks callbacks;
        callbacks.on_message = [&](std::string_view, std::span<const std::byte>) {
            ++told;
            ear.reset();
        };
        callbacks.on_up = [&] { publish_lines(broker, "shop/a", 10); };
        ear = std::make_unique<MqttEar>(io.get_executor(), at(broker),
                                        std::vector<std::string>{"shop/#"}, quick(), callbacks,
                                        [] { return 0.5; });
        ear->start();
        REQUIRE(run_until(io, [&] { return !ear; }));
        io.restart();
        io.run_for(20ms);
        CHECK(told == 1);
    }
    SECTION("from within on_down, and with handlers left in a loop that ends")
    {
        Mosquitto absent;
        boost::asio::io_context io;
        std::unique_ptr<MqttEar> ear;
        MqttCallbacks callbacks;
        callbacks.on_down = [&](const std::string&) { ear.reset(); };
        ear = std::make_unique<MqttEar>(io.get_executor(), at(absent),
                                        std::vector<std::string>{"shop/#"}, quick(), callbacks,
                                        [] { return 0.5; });
        ear->start();
        REQUIRE(run_until(io, [&] { return !ear; }));
    }
}

TEST_CASE("a password that is wrong is said in words; with the right one the ear hears")
{
    Mosquitto broker{Mosquitto::Doors::password};
    broker.start();
    auto address = at(broker);
    address.username = "store";
    address.password = "wrong";
    {
        Listening shop{address};
        shop.ear->start();
        REQUIRE(shop.until([&] { return !shop.downs.empty(); }));
        CHECK(shop.downs[0].find("not authorized") != std::string::npos);
    }
    address.password = "pass";
    Listening shop{address};
    shop.ear->start();
    REQUIRE(shop.online());
    REQUIRE(broker.publish("shop/a", "x"));
    REQUIRE(shop.until([&] { return shop.messages.size() == 1; }));
}

TEST_CASE("a topic that no broker takes never counts as up")
{
    Mosquitto broker;
    broker.start();
    Listening shop{at(broker), quick(), {"shop/#/out"}};
    shop.ear->start();
    REQUIRE(shop.until([&] { return shop.ear->counters().failed >= 3; }));
    CHECK(shop.ups == 0);
    CHECK(shop.downs.size() == 1);
}

TEST_CASE("TLS with certificates of both sides; without one, or with another CA, it says where")
{
    Mosquitto broker{Mosquitto::Doors::mutual_tls};
    broker.start();
    auto address = at(broker);
    address.ca_file = broker.file("ca.pem");
    address.certificate_file = broker.file("client.pem");
    address.key_file = broker.file("client.key");
    {
        Listening shop{address};
        shop.ear->start();
        REQUIRE(shop.online());
        CHECK(shop.downs.empty());
    }
    auto other = address;
    other.ca_file = broker.file("other-ca.pem");
    Listening shop{other};
    shop.ear->start();
    REQUIRE(shop.until([&] { return !shop.downs.empty(); }));
    CHECK(shop.downs[0].find("look at the CA") != std::string::npos);
    CHECK(shop.ups == 0);
    auto missing = address;
    missing.ca_file = broker.file("nowhere.pem");
    Listening third{missing};
    third.ear->start();
    REQUIRE(third.until([&] { return !third.downs.empty(); }));
    CHECK(third.downs[0].find("cannot read the CA file") != std::string::npos);
}
