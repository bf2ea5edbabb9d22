#include "tests/support/store_line.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <memory>

using namespace raiten;
using namespace raiten::sync;
using namespace raiten::test;

namespace {

namespace net = boost::asio;
using net::ip::tcp;
using Bytes = std::vector<unsigned char>;

/// A broker of the old school: it turns MQTT 5 away in one of three manners, and speaks just enough
/// 3.1.1 for a courier.
class OldBroker {
 public:
    enum class Manner { connack_5, connack_311, silence };

    OldBroker(net::io_context& io, Manner manner)
        : acceptor_{io, tcp::endpoint{net::ip::address_v4::loopback(), 0}}, manner_{manner}
    {
        accept();
    }
    std::string uri() const
    {
        return "mqtt://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    std::vector<int> versions_asked;
    std::vector<std::string> payloads;

 private:
    struct Session {
        explicit Session(tcp::socket s) : socket{std::move(s)} {}
        tcp::socket socket;
        Bytes buffer = Bytes(4096);
        Bytes text;
    };

    void accept()
    {
        acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
            if (ec) return;
            read(std::make_shared<Session>(std::move(socket)));
            accept();
        });
    }
    void read(std::shared_ptr<Session> session)
    {
        session->socket.async_read_some(
            net::buffer(session->buffer),
            [this, session](boost::system::error_code ec, std::size_t size) {
                if (ec) return;
                session->text.insert(session->text.end(), session->buffer.begin(),
                                     session->buffer.begin() + static_cast<std::ptrdiff_t>(size));
                while (session->socket.is_open() && take_packet(*session)) {
                }
                if (session->socket.is_open()) read(session);
            });
    }
    static void answer(Session& session, const Bytes& bytes)
    {
        boost::system::error_code ignored;
        net::write(session.socket, net::buffer(bytes), ignored);
    }

    bool take_packet(Session& session)
    {
        auto& text = session.text;
        std::size_t length = 0;
        std::size_t at = 1;
        for (int shift = 0;; shift += 7, ++at) {
            if (text.size() <= at) return false;
            length |= static_cast<std::size_t>(text[at] & 0x7FU) << shift;
            if ((text[at] & 0x80U) == 0) break;
        }
        ++at;
        if (text.size() < at + length) return false;
        const unsigned char first = text[0];
        const Bytes body(text.begin() + static_cast<std::ptrdiff_t>(at),
                         text.begin() + static_cast<std::ptrdiff_t>(at + length));
        text.erase(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at + length));
        serve(session, first, body);
        return true;
    }

    void serve(Session& session, unsigned char first, const Bytes& body)
    {
        switch (first >> 4U) {
            case 1:
                return greet(session, body.at(6));
            case 3:
                return take(session, body);
            case 8:
                return answer(session, {0x90, 4, body.at(0), body.at(1), 1, 1});
            case 12:
                return answer(session, {0xD0, 0});
            default:
                return;
        }
    }
    void greet(Session& session, int version)
    {
        versions_asked.push_back(version);
        if (version == 4) return answer(session, {0x20, 2, 0, 0});
        if (manner_ == Manner::connack_5) answer(session, {0x20, 3, 0, 0x84, 0});
        if (manner_ == Manner::connack_311) answer(session, {0x20, 2, 0, 1});
        session.socket.close();
    }
    void take(Session& session, const Bytes& body)
    {
        const auto topic = static_cast<std::size_t>(body.at(0) * 256 + body.at(1));
        answer(session, {0x40, 2, body.at(topic + 2), body.at(topic + 3)});
        payloads.emplace_back(body.begin() + static_cast<std::ptrdiff_t>(topic + 4), body.end());
    }

    tcp::acceptor acceptor_;
    Manner manner_;
};

}  // namespace

TEST_CASE("courier: a broker that speaks 3.1.1 only is spoken to in 3.1.1", "[sync]")
{
    using Manner = OldBroker::Manner;
    const auto manner = GENERATE(Manner::connack_5, Manner::connack_311, Manner::silence);
    INFO("manner " << static_cast<int>(manner));
    net::io_context brokers_io;
    auto settings = quick_settings({"mqtt://127.0.0.1:1"});
    OldBroker broker{brokers_io, manner};
    settings.brokers = {broker.uri()};
    StoreLine store{settings};
    store.outbox.add(Lane::coupon);
    store.courier.start();
    const bool delivered = store.until([&] {
        brokers_io.poll();
        return broker.payloads.size() == 2;  // the birth and the coupon
    });
    INFO(store.courier.state().reason);
    REQUIRE(delivered);
    CHECK(broker.payloads[0] == "online epoch 7 session 42");
    CHECK(sequence_of(broker.payloads[1]) == 1);
    REQUIRE(broker.versions_asked.size() >= 2);
    CHECK(broker.versions_asked.front() == 5);
    CHECK(broker.versions_asked.back() == 4);
    CHECK(store.courier.state().mqtt_version == 4);
    if (manner == Manner::connack_5) CHECK(store.failures(FailureKind::refused_protocol) == 1);

    bool gone = false;
    store.courier.stop([&gone] { gone = true; });
    REQUIRE(store.until([&] {
        brokers_io.poll();
        return gone;
    }));
    CHECK(broker.payloads.back() == "offline epoch 7 session 42");
}

TEST_CASE("courier: where only MQTT 5 will do, an old broker is a stated failure", "[sync]")
{
    net::io_context brokers_io;
    OldBroker broker{brokers_io, OldBroker::Manner::connack_5};
    auto settings = quick_settings({broker.uri()});
    settings.protocol = Protocol::v5_only;
    StoreLine store{settings};
    store.courier.start();
    REQUIRE(store.until([&] {
        brokers_io.poll();
        return store.failures(FailureKind::refused_protocol) >= 2;
    }));
    CHECK(store.courier.state().reason.starts_with("refused_protocol: "));
    CHECK(store.courier.counters().connected == 0);
}
