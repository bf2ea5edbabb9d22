#include "tests/support/store_line.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::sync;
using namespace raiten::test;

TEST_CASE("courier: no broker at first, says so, and delivers when it appears", "[sync]")
{
    Mosquitto broker;
    StoreLine store{quick_settings({broker.uri()})};
    store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.failures(FailureKind::unreachable) >= 2; }));
    INFO(store.courier.state().reason);
    CHECK(store.courier.state().reason.starts_with("unreachable: " + broker.uri()));
    CHECK(store.courier.state().reason.find("onnection refused") != std::string::npos);
    broker.start();
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 1; }));
    CHECK(store.courier.state().reason.empty());
}

TEST_CASE("courier: the second broker of the list serves when the first is away", "[sync]")
{
    Mosquitto away;
    Mosquitto there;
    there.start();
    StoreLine store{quick_settings({away.uri(), there.uri()})};
    store.courier.start();
    REQUIRE(store.online());
    CHECK(store.courier.state().broker == there.uri());
}

TEST_CASE("courier: an ack sent while the store was offline waits for it", "[sync]")
{
    Mosquitto broker;
    broker.start();
    StoreLine store{quick_settings({broker.uri()})};
    for (int i = 0; i < 4; ++i) store.outbox.add(Lane::coupon);
    store.courier.start();
    REQUIRE(store.until([&] { return store.courier.counters().confirmed[0] == 4; }));
    bool gone = false;
    store.courier.stop([&gone] { gone = true; });
    REQUIRE(store.until([&gone] { return gone; }));
    REQUIRE(broker.publish(prefix + "ack", "{\"epoch\":7,\"coupon\":4}"));
    CHECK(store.outbox.size(Lane::coupon) == 4);
    store.courier.start();  // the persistent session brings it
    REQUIRE(store.until([&] { return store.outbox.size(Lane::coupon) == 0; }));
}
