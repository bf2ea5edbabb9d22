#include "daemon/wire/listener.hpp"

#include "tests/wire/loop.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <string>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::run_until;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

const Address anywhere = TcpAddress{"127.0.0.1", 0};

struct Ear {
    std::map<ConnectionNumber, std::string> bytes;
    std::vector<std::string> story;
    std::size_t closed{};

    ListenerCallbacks callbacks()
    {
        return {[this](ConnectionNumber n) { story.push_back("open " + std::to_string(n)); },
                [this](ConnectionNumber n, std::span<const std::byte> piece) {
                    bytes[n].append(reinterpret_cast<const char*>(piece.data()), piece.size());
                },
                [this](ConnectionNumber n, const std::string& reason) {
                    ++closed;
                    story.push_back("closed " + std::to_string(n) + " " + reason);
                },
                [this](const std::string& reason) { story.push_back("refused " + reason); }};
    }
};

tcp::socket dial(net::io_context& io, std::uint16_t port)
{
    tcp::socket socket{io};
    socket.connect({net::ip::address_v4::loopback(), port});
    return socket;
}

void say(auto& socket, const std::string& text)
{
    net::write(socket, net::buffer(text));
}

}  // namespace

TEST_CASE("two registers connect and are told apart", "[listener]")
{
    net::io_context io;
    Ear ear;
    Listener listener{io.get_executor(), anywhere, {}, ear.callbacks()};
    const auto port = listener.start();
    REQUIRE(port.has_value());
    REQUIRE(*port != 0);
    auto one = dial(io, *port);
    REQUIRE(run_until(io, [&] { return ear.story.size() == 1; }));
    auto two = dial(io, *port);
    say(one, "<POSLog>");
    say(two, "<KLog>");
    say(one, "</POSLog>");
    REQUIRE(run_until(io, [&] { return ear.bytes[1].size() == 17 && ear.bytes[2].size() == 6; }));
    CHECK(ear.bytes[1] == "<POSLog></POSLog>");
    CHECK(ear.bytes[2] == "<KLog>");
    one.close();
    REQUIRE(run_until(io, [&] { return ear.closed == 1; }));
    CHECK(ear.story.back() == "closed 1 ");
    CHECK(listener.counters().open == 1);
    CHECK(listener.counters().bytes_in == 23);
}

TEST_CASE("a register that resets its connection is told as broken", "[listener]")
{
    net::io_context io;
    Ear ear;
    Listener listener{io.get_executor(), anywhere, {}, ear.callbacks()};
    auto one = dial(io, *listener.start());
    say(one, "half");
    REQUIRE(run_until(io, [&] { return ear.bytes[1] == "half"; }));
    one.set_option(net::socket_base::linger{true, 0});
    one.close();
    REQUIRE(run_until(io, [&] { return ear.closed == 1; }));
    CHECK(ear.story.back() != "closed 1 ");
    CHECK(listener.counters().broken == 1);
}

TEST_CASE("more connections than there may be are reset", "[listener]")
{
    net::io_context io;
    Ear ear;
    ListenerLimits limits;
    limits.connections_max = 2;
    Listener listener{io.get_executor(), anywhere, limits, ear.callbacks()};
    const auto port = *listener.start();
    auto one = dial(io, port);
    auto two = dial(io, port);
    auto three = dial(io, port);
    REQUIRE(run_until(io, [&] { return listener.counters().too_many == 1; }));
    std::array<char, 1> byte{};
    error_code ec;
    three.read_some(net::buffer(byte), ec);
    CHECK(ec == net::error::connection_reset);
    one.close();
    REQUIRE(run_until(io, [&] { return ear.closed == 1; }));
    auto four = dial(io, port);
    say(four, "x");
    REQUIRE(run_until(io, [&] { return ear.bytes[4] == "x"; }));
}

TEST_CASE("a connection that says nothing for long is closed", "[listener]")
{
    net::io_context io;
    Ear ear;
    ListenerLimits limits;
    limits.idle_after = Millis{30};
    Listener listener{io.get_executor(), anywhere, limits, ear.callbacks()};
    auto one = dial(io, *listener.start());
    REQUIRE(run_until(io, [&] { return ear.closed == 1; }));
    CHECK(ear.story.back() == "closed 1 silent for too long");
    CHECK(listener.counters().idle == 1);
    CHECK(listener.counters().broken == 0);
}

TEST_CASE("close ends one connection, stop all of them, in silence", "[listener]")
{
    net::io_context io;
    Ear ear;
    Listener listener{io.get_executor(), anywhere, {}, ear.callbacks()};
    const auto port = *listener.start();
    auto one = dial(io, port);
    auto two = dial(io, port);
    REQUIRE(run_until(io, [&] { return ear.story.size() == 2; }));
    listener.close(1);
    REQUIRE(run_until(io, [&] { return ear.closed == 1; }));
    CHECK(ear.story.back() == "closed 1 closed by us");
    listener.stop();
    io.restart();
    io.run();  // nothing is left to wait for
    CHECK(ear.closed == 1);
    std::array<char, 1> byte{};
    error_code ec;
    two.read_some(net::buffer(byte), ec);
    CHECK(ec);
}

TEST_CASE("a listener may be destroyed by its own callback", "[listener]")
{
    net::io_context io;
    std::unique_ptr<Listener> listener;
    bool heard = false;
    ListenerCallbacks callbacks;
    callbacks.on_bytes = [&](ConnectionNumber, std::span<const std::byte>) {
        heard = true;
        listener.reset();
    };
    listener = std::make_unique<Listener>(io.get_executor(), anywhere, ListenerLimits{}, callbacks);
    auto one = dial(io, *listener->start());
    say(one, "x");
    REQUIRE(run_until(io, [&] { return heard; }));
    io.restart();
    io.run();
}

TEST_CASE("a unix socket is listened on, also where a dead process left its file", "[listener]")
{
    std::string folder = "/tmp/raiten-listener-XXXXXX";
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const std::string path = folder + "/socket";
    net::io_context io;
    {
        net::local::stream_protocol::acceptor dead{io, net::local::stream_protocol::endpoint{path}};
    }
    Ear ear;
    Listener listener{io.get_executor(), UnixAddress{path}, {}, ear.callbacks()};
    REQUIRE(listener.start().has_value());
    net::local::stream_protocol::socket one{io};
    one.connect({path});
    say(one, "hello");
    REQUIRE(run_until(io, [&] { return ear.bytes[1] == "hello"; }));
    Listener second{io.get_executor(), UnixAddress{path}, {}, {}};
    CHECK(second.start().has_error());
    second.stop();
    CHECK(::access(path.c_str(), F_OK) == 0);
    listener.stop();
    CHECK(::access(path.c_str(), F_OK) != 0);
    ::rmdir(folder.c_str());
}

TEST_CASE("what cannot be listened on says why", "[listener]")
{
    net::io_context io;
    const auto why = [&](Address at) {
        Listener listener{io.get_executor(), std::move(at), {}, {}};
        const auto started = listener.start();
        REQUIRE(started.has_error());
        return started.error();
    };
    CHECK(why(TcpAddress{"till.example", 1}).advice
          == "listen on a number, such as 0.0.0.0 or 127.0.0.1");
    CHECK(why(SerialAddress{"/dev/ttyS0"}).advice == "use tcp: or unix:");
    Listener first{io.get_executor(), anywhere, {}, {}};
    const auto port = *first.start();
    CHECK(why(TcpAddress{"127.0.0.1", port}).advice == "is another program listening there?");
}
