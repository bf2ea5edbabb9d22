#include "daemon/wire/link.hpp"

#include "daemon/base/hex.hpp"
#include "tests/wire/loop.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::append;
using raiten::test::Bytes;
using raiten::test::run_until;
namespace net = boost::asio;
using net::ip::tcp;

namespace {

/// What a link told, in order.
struct Told {
    unsigned ups{};
    unsigned timeouts{};
    Bytes bytes;
    std::vector<std::string> downs;

    LinkCallbacks callbacks()
    {
        return {[this] { ++ups; }, [this](std::span<const std::byte> more) { append(bytes, more); },
                [this](const std::string& reason) { downs.push_back(reason); },
                [this] { ++timeouts; }};
    }
};

LinkLimits quick()
{
    LinkLimits limits;
    limits.back_off_min = Millis{1};
    limits.back_off_max = Millis{20};
    return limits;
}

double no_dice()
{
    return 0.5;
}

/// A TCP device: one socket at a time.
struct Device {
    explicit Device(net::io_context& io, std::uint16_t port = 0)
        : acceptor{io, tcp::endpoint{net::ip::address_v4::loopback(), port}}, socket{io}
    {
        accept();
    }
    void accept()
    {
        acceptor.async_accept([this](boost::system::error_code ec, tcp::socket accepted) {
            if (ec) return;
            socket = std::move(accepted);
            ++visits;
            accept();
        });
    }
    std::uint16_t port() const { return acceptor.local_endpoint().port(); }
    Address address() const { return TcpAddress{"127.0.0.1", port()}; }
    void say(std::string_view text) { net::write(socket, net::buffer(text)); }

    tcp::acceptor acceptor;
    tcp::socket socket;
    unsigned visits{};
};

struct Pty {
    Pty()
    {
        char name[128];
        REQUIRE(::openpty(&master, &slave, name, nullptr, nullptr) == 0);
        path = name;
        ::fcntl(master, F_SETFL, O_NONBLOCK);
        ::close(slave);
    }
    ~Pty() { unplug(); }
    void unplug()
    {
        if (master >= 0) ::close(master);
        master = -1;
    }
    int master{-1};
    int slave{-1};
    std::string path;
};

}  // namespace

TEST_CASE("wire: a device that dies is found again", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    Link link{io.get_executor(), device.address(), quick(), told.callbacks(), no_dice};
    link.start();
    for (unsigned life = 1; life <= 3; ++life) {
        REQUIRE(run_until(io, [&] { return told.ups == life && device.visits == life; }));
        CHECK(link.up());
        device.say("hello");
        REQUIRE(run_until(io, [&] { return told.bytes.size() == 5 * life; }));
        CHECK(link.write(bytes_of("question")));
        std::array<char, 8> heard{};
        std::size_t got = 0;
        device.socket.async_read_some(net::buffer(heard), [&](auto, std::size_t n) { got = n; });
        REQUIRE(run_until(io, [&] { return got > 0; }));
        CHECK(std::string_view{heard.data(), got} == "question");
        device.socket.close();
        REQUIRE(run_until(io, [&] { return told.downs.size() == life; }));
        CHECK(told.downs.back() == "closed by the other side");
    }
}

TEST_CASE("wire: a device that is absent is told once, and found when it appears", "[wire]")
{
    net::io_context io;
    std::optional<Device> device{io};
    const auto port = device->port();
    const auto address = device->address();
    device->acceptor.close();
    Told told;
    Link link{io.get_executor(), address, quick(), told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return link.counters().failed >= 4; }));
    REQUIRE(told.downs.size() == 1);
    CHECK(told.downs[0].find("tcp:127.0.0.1") == 0);
    CHECK_FALSE(link.write(bytes_of("into the void")));
    Device later{io, port};
    REQUIRE(run_until(io, [&] { return told.ups == 1; }));
}

TEST_CASE("wire: a unix socket that appears later is opened", "[wire]")
{
    net::io_context io;
    std::string folder = (std::filesystem::temp_directory_path() / "raiten-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()));
    const auto path = folder + "/h4";
    Told told;
    Link link{io.get_executor(), UnixAddress{path}, quick(), told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return link.counters().failed >= 2; }));
    net::local::stream_protocol::acceptor acceptor{io, net::local::stream_protocol::endpoint{path}};
    REQUIRE(run_until(io, [&] { return link.up(); }));
    link.stop();
    std::filesystem::remove_all(folder);
}

TEST_CASE("wire: a name is looked up", "[wire]")
{
    std::ifstream hosts{"/etc/hosts"};
    const std::string known{std::istreambuf_iterator<char>{hosts}, {}};
    if (known.find("localhost") == std::string::npos) {
        WARN("skipped: this machine has no name for itself in /etc/hosts");
        return;
    }
    net::io_context io;
    Device device{io};
    Told told;
    Link link{io.get_executor(), TcpAddress{"localhost", device.port()}, quick(), told.callbacks(),
              no_dice};
    link.start();
    CHECK(run_until(io, [&] { return told.ups == 1; }));
}

TEST_CASE("wire: a serial line carries bytes as they are, both ways", "[wire]")
{
    net::io_context io;
    Pty pty;
    Told told;
    const auto address = parse_address("serial:" + pty.path + "@115200,8N1").value();
    Link link{io.get_executor(), address, quick(), told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.ups == 1; }));
    Bytes all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));  // XON, CR, ^C and all
    REQUIRE(::write(pty.master, all.data(), all.size()) == 256);
    REQUIRE(run_until(io, [&] { return told.bytes.size() == 256; }));
    CHECK(told.bytes == all);

    REQUIRE(link.write(all));
    Bytes back;
    REQUIRE(run_until(io, [&] {
        std::array<std::byte, 512> piece{};
        const auto n = ::read(pty.master, piece.data(), piece.size());
        if (n > 0) append(back, std::span{piece}.first(static_cast<std::size_t>(n)));
        return back.size() == 256;
    }));
    CHECK(back == all);
    termios line{};
    REQUIRE(::tcgetattr(pty.master, &line) == 0);
    CHECK(::cfgetispeed(&line) == B115200);
}

TEST_CASE("wire: a pulled plug is one down, and costs no processor time", "[wire]")
{
    net::io_context io;
    Pty pty;
    Told told;
    auto limits = quick();
    limits.back_off_max = Millis{200};
    limits.back_off_min = Millis{200};
    const auto address = parse_address("serial:" + pty.path + "@9600").value();
    Link link{io.get_executor(), address, limits, told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.ups == 1; }));
    pty.unplug();
    REQUIRE(run_until(io, [&] { return told.downs.size() == 1; }));
    CHECK_FALSE(link.up());
    // The line of a gone device cannot be opened again: attempts come at the back-off's pace.
    std::size_t steps = 0;
    const auto latest = std::chrono::steady_clock::now() + Millis{400};
    while (std::chrono::steady_clock::now() < latest) steps += io.run_one_for(Millis{20});
    CHECK(steps < 40);
    CHECK(told.downs.size() <= 3);
}

TEST_CASE("wire: a serial reader that is pulled and plugged in again goes on", "[wire]")
{
    // A name in /dev/serial/by-id stays the same, while the device behind it changes.
    const auto name =
        (std::filesystem::temp_directory_path() / ("raiten-by-id-" + std::to_string(::getpid())))
            .string();
    net::io_context io;
    Told told;
    const auto address = parse_address("serial:" + name + "@9600").value();
    Link link{io.get_executor(), address, quick(), told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.downs.size() == 1; }));
    CHECK(told.downs[0].find("is the device plugged in?") != std::string::npos);
    std::vector<std::unique_ptr<Pty>> ports;  // kept, so that no number is used twice
    for (unsigned life = 1; life <= 5; ++life) {
        ports.push_back(std::make_unique<Pty>());
        auto& port = *ports.back();
        std::filesystem::create_symlink(port.path, name);
        REQUIRE(run_until(io, [&] { return told.ups == life; }));
        const std::string scan = "scan " + std::to_string(life) + "\r";
        REQUIRE(::write(port.master, scan.data(), scan.size()) == 7);
        REQUIRE(run_until(io, [&] { return told.bytes.size() == 7 * life; }));
        std::filesystem::remove(name);
        port.unplug();
        REQUIRE(run_until(io, [&] { return !link.up(); }));
        CHECK_FALSE(link.write(bytes_of("into the void")));
        // Told once more when it is looked for in vain, and then no more.
        REQUIRE(run_until(io, [&] { return told.downs.size() == 1 + 2 * life; }));
    }
    link.stop();
}

TEST_CASE("wire: a socket that is reset is opened again", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    Link link{io.get_executor(), device.address(), quick(), told.callbacks(), no_dice};
    link.start();
    for (unsigned life = 1; life <= 3; ++life) {
        REQUIRE(run_until(io, [&] { return told.ups == life && device.visits == life; }));
        device.socket.set_option(net::socket_base::linger{true, 0});
        device.socket.close();
        REQUIRE(run_until(io, [&] { return told.downs.size() == life; }));
        CHECK(told.downs.back() == "Connection reset by peer");
    }
    REQUIRE(run_until(io, [&] { return told.ups == 4 && device.visits == 4; }));
    CHECK(link.write(bytes_of("kept")));
    std::array<char, 16> heard{};
    std::size_t got = 0;
    device.socket.async_read_some(net::buffer(heard), [&](auto, std::size_t n) { got = n; });
    REQUIRE(run_until(io, [&] { return got > 0; }));
    CHECK(std::string_view{heard.data(), got} == "kept");
}

TEST_CASE("wire: a controller that never answers is opened again by its dialogue", "[wire]")
{
    net::io_context io;
    Device device{io};
    std::optional<Link> link;
    std::vector<std::string> downs;
    LinkCallbacks on;
    on.on_up = [&] {
        link->write(bytes_of("reset?"));
        link->expect_within(Millis{10});
    };
    on.on_timeout = [&] { link->reopen("the controller does not answer"); };
    on.on_down = [&](const std::string& reason) { downs.push_back(reason); };
    link.emplace(io.get_executor(), device.address(), quick(), std::move(on), no_dice);
    link->start();
    REQUIRE(run_until(io, [&] { return downs.size() == 3; }));
    CHECK(downs == std::vector<std::string>(3, "the controller does not answer"));
    CHECK(run_until(io, [&] { return device.visits >= 3; }));
}

TEST_CASE("wire: a device that says nothing for too long is opened again", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    auto limits = quick();
    limits.silent_after = Millis{60};
    Link link{io.get_executor(), device.address(), limits, told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.downs.size() == 2 && told.ups == 3; }));
    CHECK(told.downs == std::vector<std::string>{"silent", "silent"});
}

TEST_CASE("wire: a device that takes no bytes does not fill the memory", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    auto limits = quick();
    limits.write_bytes_max = 1'000'000;
    Link link{io.get_executor(), device.address(), limits, told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.ups == 1 && device.visits == 1; }));
    const Bytes piece(50'000);
    bool taken = true;
    REQUIRE(run_until(io, [&] {
        taken = taken && link.write(piece);
        return !taken;
    }));
    REQUIRE(run_until(io, [&] { return told.downs.size() == 1; }));
    CHECK(told.downs[0] == "it takes no bytes: more than 1000000 wait to be written");
    CHECK(run_until(io, [&] { return told.ups == 2; }));
}

TEST_CASE("wire: a write that does not move on ends by time", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    auto limits = quick();
    limits.write_timeout = Millis{50};
    limits.write_bytes_max = 64'000'000;
    Link link{io.get_executor(), device.address(), limits, told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.ups == 1 && device.visits == 1; }));
    CHECK(link.write(Bytes(60'000'000)));
    REQUIRE(run_until(io, [&] { return told.downs.size() == 1; }));
    CHECK(told.downs[0] == "it took no bytes for 50 ms");
}

TEST_CASE("wire: a dialogue's time limit fires once, unless it is armed anew or dropped", "[wire]")
{
    net::io_context io;
    Device device{io};
    Told told;
    Link link{io.get_executor(), device.address(), quick(), told.callbacks(), no_dice};
    link.start();
    REQUIRE(run_until(io, [&] { return told.ups == 1 && device.visits == 1; }));
    link.expect_within(Millis{1});
    link.expect_within(Millis{5});
    REQUIRE(run_until(io, [&] { return told.timeouts == 1; }));
    link.expect_within(Millis{1});
    link.expect_nothing();
    device.say("a");
    REQUIRE(run_until(io, [&] { return told.bytes.size() == 1; }));
    link.expect_within(Millis{1});
    link.reopen("out of step");
    REQUIRE(run_until(io, [&] { return told.ups == 2; }));
    CHECK(told.timeouts == 1);
    CHECK(told.downs == std::vector<std::string>{"out of step"});
}

TEST_CASE("wire: a link may be destroyed from within any of its callbacks", "[wire]")
{
    for (const int when : {0, 1, 2, 3}) {
        net::io_context io;
        Device device{io};
        std::unique_ptr<Link> link;
        bool gone = false;
        const auto destroy = [&](int moment) {
            if (moment != when || gone) return;
            gone = true;
            link.reset();
        };
        LinkCallbacks callbacks;
        callbacks.on_up = [&] { destroy(0); };
        callbacks.on_bytes = [&](auto) { destroy(1); };
        callbacks.on_down = [&](const auto&) { destroy(2); };
        callbacks.on_timeout = [&] { destroy(3); };
        link = std::make_unique<Link>(io.get_executor(), device.address(), quick(),
                                      std::move(callbacks), no_dice);
        link->start();
        REQUIRE(run_until(io, [&] { return device.visits == 1; }));
        if (when == 1) device.say("x");
        if (when == 2) device.socket.close();
        const auto opened = [&] { return gone || link->up(); };
        REQUIRE(run_until(io, opened));
        if (when == 3) link->expect_within(Millis{1});
        REQUIRE(run_until(io, [&] { return gone; }));
        device.acceptor.close();
        device.socket.close();
        io.restart();
        io.run();  // ends: nothing of the link is left waiting
    }
}
