#include "sync/nodelay.hpp"
#include "tests/support/store_line.hpp"

#include <catch2/catch.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <numeric>

using namespace raiten;
using namespace raiten::sync;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

std::string ack(std::uint64_t epoch, std::uint64_t coupon, std::uint64_t summary = 0)
{
    return "{\"epoch\":" + std::to_string(epoch) + ",\"coupon\":" + std::to_string(coupon)
           + ",\"summary\":" + std::to_string(summary) + ",\"visit\":0}";
}

std::vector<std::uint64_t> sequences(const std::vector<Heard>& heard)
{
    std::vector<std::uint64_t> found;
    for (const auto& each : heard) found.push_back(sequence_of(each.payload));
    return found;
}

std::vector<std::uint64_t> one_to(std::uint64_t n)
{
    std::vector<std::uint64_t> all(n);
    std::iota(all.begin(), all.end(), std::uint64_t{1});
    return all;
}

}  // namespace

TEST_CASE("courier: born, it says so for whoever asks later; gone, it says that too", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    store.courier.start();
    REQUIRE(store.online());
    CHECK(store.courier.state().mqtt_version == 5);
    CHECK(store.courier.state().reason.empty());
    {
        HqEar late{store.io, broker};
        REQUIRE(store.until([&] { return late.on(prefix + "status").size() == 1; }));
        CHECK(late.heard().front().retained);
        CHECK(late.heard().front().payload == "online epoch 7 session 42");
    }
    bool gone = false;
    store.courier.stop([&gone] { gone = true; });
    REQUIRE(store.until([&gone] { return gone; }));
    CHECK(store.courier.state().phase == Phase::stopped);
    HqEar later{store.io, broker};
    REQUIRE(store.until([&] { return later.on(prefix + "status").size() == 1; }));
    CHECK(later.heard().front().payload == "offline epoch 7 session 42");
    CHECK(later.heard().front().retained);
}

// The store that is killed in the story below; run by it as a program of its own.
TEST_CASE("courier: a store to be killed", "[.killed-store]")
{
    const auto* uri = std::getenv("RAITEN_TEST_BROKER");
    REQUIRE(uri);
    StoreLine store{quick_settings({uri})};
    store.courier.start();
    store.until([] { return false; }, 60s);
}

TEST_CASE("courier: killed, its last will speaks", "[sync]")
{
    Mosquitto broker;
    broker.start();
    boost::asio::io_context io;
    HqEar ear{io, broker};
    ::setenv("RAITEN_TEST_BROKER", broker.uri().c_str(), 1);
    Process store{{"/proc/self/exe", "[.killed-store]"}};
    REQUIRE(run_until(io, [&] { return ear.on(prefix + "status").size() == 1; }));
    CHECK(ear.heard().front().payload == "online epoch 7 session 42");
    store.signal(SIGKILL);
    REQUIRE(run_until(io, [&] { return ear.on(prefix + "status").size() == 2; }));
    CHECK(ear.heard().back().payload == "offline epoch 7 session 42");
}

TEST_CASE("courier: order within a lane, coupons before summaries before visits", "[sync]")
{
    Mosquitto broker;
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.window = 5;
    StoreLine store{settings};
    HqEar ear{store.io, broker};
    for (int i = 0; i < 250; ++i) {
        store.outbox.add(Lane::visit);
        store.outbox.add(Lane::summary, {}, "raiten.summary.daily.v1");
        store.outbox.add(Lane::coupon);
    }
    store.courier.start();
    REQUIRE(store.until([&] { return ear.heard().size() == 751; }));

    CHECK(sequences(ear.on(prefix + "coupon")) == one_to(250));
    CHECK(sequences(ear.on(prefix + "summary/daily")) == one_to(250));
    CHECK(sequences(ear.on(prefix + "visit")) == one_to(250));
    CHECK(ear.heard()[0].topic == prefix + "status");
    for (std::size_t i = 1; i <= 250; ++i) REQUIRE(ear.heard()[i].topic == prefix + "coupon");
    for (std::size_t i = 501; i <= 750; ++i) REQUIRE(ear.heard()[i].topic == prefix + "visit");
    // nobody at HQ said that it has them
    CHECK(store.outbox.size(Lane::coupon) == 250);
    CHECK(store.outbox.settlements.empty());
}

TEST_CASE("courier: a coupon overtakes the summaries that wait", "[sync]")
{
    Mosquitto broker;
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.window = 2;
    StoreLine store{settings};
    HqEar ear{store.io, broker};
    for (int i = 0; i < 900; ++i) store.outbox.add(Lane::summary);
    store.courier.start();
    REQUIRE(store.until([&] {
        return store.courier.state().lane[static_cast<std::size_t>(Lane::summary)].sent_max > 100;
    }));
    store.outbox.add(Lane::coupon);
    store.courier.outbox_grew(Lane::coupon);
    REQUIRE(store.until([&] { return ear.heard().size() == 902; }));
    std::size_t place = 0;
    while (ear.heard()[place].topic != prefix + "coupon") ++place;
    CHECK(place > 100);
    CHECK(place < 850);
}

TEST_CASE("courier: only HQ's ack deletes", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    for (int i = 0; i < 20; ++i) store.outbox.add(Lane::coupon);
    store.outbox.add(Lane::summary);
    store.courier.start();
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 20; }));
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[1] == 1; }));
    CHECK(store.outbox.size(Lane::coupon) == 20);

    REQUIRE(broker.publish(prefix + "ack", ack(7, 12)));
    REQUIRE(store.until([&] { return store.courier.counters().acks == 1; }));
    CHECK(store.outbox.size(Lane::coupon) == 8);
    CHECK(store.outbox.size(Lane::summary) == 1);

    REQUIRE(broker.publish(prefix + "ack", ack(7, 11)));  // an old one, late
    REQUIRE(store.until([&] { return store.courier.counters().acks_stale == 1; }));
    CHECK(store.outbox.size(Lane::coupon) == 8);

    REQUIRE(broker.publish(prefix + "ack", ack(7, 20, 1)));
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 0; }));
    CHECK(store.outbox.size(Lane::summary) == 0);
    CHECK(store.courier.state().lane[0].settled == 20);
}

TEST_CASE("courier: nonsense from HQ deletes nothing and stops nothing", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    for (int i = 0; i < 5; ++i) store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 5; }));
    const auto& counters = store.courier.counters();
    const auto topic = prefix + "ack";

    REQUIRE(broker.publish(topic, ack(8, 3)));
    REQUIRE(store.until([&] { return counters.acks_epoch == 1; }));
    REQUIRE(broker.publish(topic, ack(7, 6)));
    REQUIRE(store.until([&] { return counters.acks_ahead == 1; }));
    REQUIRE(broker.publish(topic, ack(7, 3, 1)));  // right for coupons, impossible for summaries
    REQUIRE(store.until([&] { return counters.acks_ahead == 2; }));
    REQUIRE(broker.publish(topic, "thank you"));
    REQUIRE(store.until([&] { return counters.downlinks_bad == 1; }));
    std::ofstream{broker.file("huge")} << std::string(1'000'000, '[');
    REQUIRE(broker.publish_file(topic, broker.file("huge")));
    REQUIRE(store.until([&] { return counters.downlinks_bad == 2; }));
    CHECK(store.outbox.size(Lane::coupon) == 5);
    CHECK(store.outbox.settlements.empty());

    REQUIRE(broker.publish(prefix + "command", "{\"do\":\"report\"}"));
    REQUIRE(broker.publish(topic, ack(7, 5)));
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 0; }));
    REQUIRE(store.commands.size() == 1);
    CHECK(store.commands.front() == "{\"do\":\"report\"}");
    CHECK(counters.connected == 1);
}

TEST_CASE("courier: restarted, it believes HQ about what the former process sent", "[sync]")
{
    Mosquitto broker;
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.unsettled_rows_max = 10;  // rows 1 to 10 go out; the rest has a number, no more
    StoreLine store{settings};
    for (int i = 0; i < 300; ++i) store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 10; }));
    const auto& counters = store.courier.counters();

    REQUIRE(broker.publish(prefix + "ack", ack(7, 301)));  // never numbered
    REQUIRE(store.until([&] { return counters.acks_ahead == 1; }));
    CHECK(store.outbox.size(Lane::coupon) == 300);

    REQUIRE(broker.publish(prefix + "ack", ack(7, 250)));
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 50; }));
    REQUIRE(store.until([&] { return counters.confirmed[0] == 20; }));  // and 251 is the next
    CHECK(store.courier.state().lane[0].settled == 250);
    CHECK(store.courier.state().lane[0].sent_max == 260);
}

TEST_CASE("courier: Nagle's algorithm is off on Paho's socket, and only where it is wanted off",
          "[sync]")
{
    Mosquitto broker;
    broker.start();
    const bool wanted = GENERATE(true, false);
    auto settings = quick_settings({broker.uri()});
    settings.tcp_nodelay = wanted;
    StoreLine store{settings};
    store.courier.start();
    REQUIRE(store.online());
    const auto sockets = sockets_towards(broker.port());
    REQUIRE(sockets.size() == 1);
    int on = -1;
    socklen_t size = sizeof on;
    REQUIRE(::getsockopt(sockets.front(), IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
    CHECK((on != 0) == wanted);
}

TEST_CASE("courier: where HQ cannot answer, the broker's PUBACK deletes", "[sync]")
{
    Mosquitto broker;
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.hq_ack = false;
    StoreLine store{settings};
    HqEar ear{store.io, broker};
    for (int i = 0; i < 300; ++i) store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 0; }));
    REQUIRE(store.until([&] { return ear.on(prefix + "coupon").size() == 300; }));
    CHECK(sequences(ear.on(prefix + "coupon")) == one_to(300));
    std::uint64_t before = 0;
    for (const auto& [lane, through] : store.outbox.settlements) {
        CHECK(through > before);
        before = through;
    }
}

TEST_CASE("courier: what expired is never sent; what has not carries its rest of life", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    HqEar ear{store.io, broker};
    store.outbox.add(Lane::coupon, store.now + 90'500ms);
    for (int i = 0; i < 3; ++i) store.outbox.add(Lane::coupon, store.now - Millis{i});
    store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return ear.on(prefix + "coupon").size() == 2; }));
    const auto heard = ear.on(prefix + "coupon");
    CHECK(sequences(heard) == std::vector<std::uint64_t>{1, 5});
    CHECK((heard[0].expiry_s == "91" || heard[0].expiry_s == "90"));  // the broker counts down
    CHECK(heard[1].expiry_s.empty());
    REQUIRE(store.outbox.drops().size() == 1);  // neighbours are one gap
    CHECK(store.outbox.drops()[0].from == 2);
    CHECK(store.outbox.drops()[0].through == 4);
    CHECK(store.outbox.drops()[0].reason == "expired");
    CHECK(store.courier.counters().expired[0] == 3);
}

TEST_CASE("courier: a row too large for the broker makes way with its reason", "[sync]")
{
    Mosquitto broker{Mosquitto::Doors::open, {"max_packet_size 2000"}};
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    HqEar ear{store.io, broker};
    store.outbox.add(Lane::coupon);
    store.outbox.add(Lane::coupon, {}, "raiten.test.v1", 5'000);
    store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return ear.on(prefix + "coupon").size() == 2; }));
    CHECK(sequences(ear.on(prefix + "coupon")) == std::vector<std::uint64_t>{1, 3});
    REQUIRE(store.outbox.drops().size() == 1);
    CHECK(store.outbox.drops()[0].reason.starts_with("too large: "));
    CHECK(store.courier.counters().connected == 1);
}

TEST_CASE("courier: HQ silent, at most so many rows wait unsettled, and they go out again",
          "[sync]")
{
    Mosquitto broker;
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.unsettled_rows_max = 50;
    settings.resend_after = 300ms;
    StoreLine store{settings};
    HqEar ear{store.io, broker};
    for (int i = 0; i < 120; ++i) store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return ear.on(prefix + "coupon").size() >= 100; }));
    const auto heard = sequences(ear.on(prefix + "coupon"));
    for (std::size_t i = 0; i < 100; ++i) REQUIRE(heard[i] == i % 50 + 1);
    CHECK(store.courier.counters().resend_rounds >= 1);
    CHECK(store.courier.counters().sent_again[0] >= 50);

    REQUIRE(broker.publish(prefix + "ack", ack(7, 50)));
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 70; }));
    REQUIRE(store.until([&] { return store.courier.state().lane[0].sent_max == 100; }));
}

TEST_CASE("courier: an outbox that cannot be read now is read later", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    store.outbox.failing_fetches = 1;
    store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.courier.counters().fetch_failures == 1; }));
    CHECK(store.courier.state().reason == "outbox: outbox: disk I/O error");
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 1; }));
}
