#include "tests/support/store_line.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::sync;
using namespace raiten::test;

namespace {

CourierSettings with_certificates(const Mosquitto& broker)
{
    auto settings = quick_settings({broker.uri()});
    settings.ca_file = broker.file("ca.pem");
    settings.certificate_file = broker.file("client.pem");
    settings.key_file = broker.file("client.key");
    return settings;
}

}  // namespace

TEST_CASE("courier: refused credentials are named as such, and the right ones work", "[sync]")
{
    Mosquitto broker{Mosquitto::Doors::password};
    broker.start();
    auto settings = quick_settings({broker.uri()});
    settings.username = "store";
    settings.password = "wrong";
    {
        StoreLine store{settings};
        store.courier.start();
        REQUIRE(store.until([&] { return store.failures(FailureKind::refused_credentials) >= 1; }));
        CHECK(store.courier.state().reason.starts_with("refused_credentials: "));
        CHECK(store.courier.state().reason.find("wrong") == std::string::npos);
        CHECK(store.courier.counters().connected == 0);
    }
    settings.password = "pass";
    StoreLine store{settings};
    store.courier.start();
    REQUIRE(store.online());
}

TEST_CASE("courier: both sides show certificates", "[sync]")
{
    Mosquitto broker{Mosquitto::Doors::mutual_tls};
    broker.start();
    {
        StoreLine store{with_certificates(broker)};
        HqEar ear{store.io, broker};
        store.outbox.add(Lane::coupon);
        store.courier.start();
        REQUIRE(store.until([&] { return ear.on(prefix + "coupon").size() == 1; }));
    }
    SECTION("a broker that another authority signed is not trusted")
    {
        auto settings = with_certificates(broker);
        settings.ca_file = broker.file("other-ca.pem");
        StoreLine store{settings};
        store.courier.start();
        REQUIRE(store.until([&] { return store.failures(FailureKind::tls) >= 1; }));
        INFO(store.courier.state().reason);
        CHECK(store.courier.state().reason.find("certificate verify failed") != std::string::npos);
        CHECK(store.courier.state().reason.find("other-ca.pem") != std::string::npos);
    }
    SECTION("a file that cannot be read is named")
    {
        auto settings = with_certificates(broker);
        settings.certificate_file = broker.file("nowhere.pem");
        StoreLine store{settings};
        store.courier.start();
        REQUIRE(store.until([&] { return store.failures(FailureKind::tls) >= 1; }));
        CHECK(store.courier.state().reason.find("cannot read the client certificate")
              != std::string::npos);
        CHECK(store.courier.state().reason.find("nowhere.pem") != std::string::npos);
    }
    SECTION("a key that is none is named")
    {
        auto settings = with_certificates(broker);
        settings.key_file = broker.file("ca.pem");
        StoreLine store{settings};
        store.courier.start();
        REQUIRE(store.until([&] { return store.failures(FailureKind::tls) >= 1; }));
        INFO(store.courier.state().reason);
        CHECK(store.courier.state().reason.find("key " + settings.key_file) != std::string::npos);
        CHECK(store.courier.counters().connected == 0);
    }
    SECTION("without a client certificate the broker does not let it in")
    {
        auto settings = with_certificates(broker);
        settings.certificate_file.clear();
        settings.key_file.clear();
        StoreLine store{settings};
        store.courier.start();
        REQUIRE(store.until([&] {
            return store.failures(FailureKind::tls) + store.failures(FailureKind::unreachable) >= 1;
        }));
        CHECK(store.courier.state().reason.find("client certificate") != std::string::npos);
        CHECK(store.courier.counters().connected == 0);
    }
    SECTION("a broker that is away is unreachable, not a matter of certificates")
    {
        broker.stop();
        StoreLine store{with_certificates(broker)};
        store.courier.start();
        REQUIRE(store.until([&] { return store.failures(FailureKind::unreachable) >= 2; }));
        CHECK(store.failures(FailureKind::tls) == 0);
    }
}
