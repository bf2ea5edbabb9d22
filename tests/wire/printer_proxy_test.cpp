#include "daemon/wire/printer_proxy.hpp"

#include "daemon/base/hex.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/printer.hpp"
#include "tests/support/register_till.hpp"
#include "tests/wire/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <thread>

using namespace raiten;
using namespace raiten::wire;
using raiten::stage::Dice;
using raiten::stage::Printer;
using raiten::stage::PrinterSettings;
using raiten::stage::RegisterTill;
using raiten::test::append;
using raiten::test::Bytes;
using raiten::test::run_until;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

const TcpAddress anywhere{"127.0.0.1", 0};

Bytes random_bytes(std::size_t size, std::uint64_t seed)
{
    Dice dice{seed};
    Bytes out(size);
    for (auto& b : out) b = static_cast<std::byte>(dice.below(256));
    return out;
}

/// What the tap told.
struct Ear {
    std::map<ConnectionNumber, Bytes> bytes;
    std::vector<std::string> story;
    std::uint64_t lost{};
    std::vector<std::pair<std::size_t, std::uint64_t>> holes;  ///< where bytes are missing

    TapCallbacks callbacks()
    {
        const auto say = [this](ConnectionNumber number, const char* what) {
            story.push_back(std::to_string(number) + " " + what);
        };
        return {[say](ConnectionNumber n) { say(n, "first byte"); },
                [this](ConnectionNumber n, std::span<const std::byte> b) { append(bytes[n], b); },
                [say](ConnectionNumber n) { say(n, "idle"); },
                [this](ConnectionNumber n, std::uint64_t count) {
                    lost += count;
                    holes.emplace_back(bytes[n].size(), count);
                    bytes[n].resize(bytes[n].size() + count);
                },
                [say](ConnectionNumber n) { say(n, "closed"); },
                [this](const std::string& why) { story.push_back("refused: " + why); }};
    }
};

/// A register's end of the line, with everything by hand.
struct Client {
    explicit Client(net::io_context& io, std::uint16_t port) : socket{io}
    {
        socket.connect({net::ip::address_v4::loopback(), port});
        listen();
    }
    void listen()
    {
        socket.async_read_some(net::buffer(buffer), [this](error_code ec, std::size_t size) {
            append(heard, std::span{buffer}.first(size));
            if (ec) end = ec;
            if (!ec) listen();
        });
    }
    /// Writes in pieces of random sizes.
    void write(const Bytes& all, Dice& dice, std::size_t from = 0)
    {
        if (from == all.size()) {
            written = true;
            return;
        }
        const std::size_t size = std::min(all.size() - from, std::size_t{1} + dice.below(20'000));
        net::async_write(socket, net::buffer(all.data() + from, size),
                         [this, &all, &dice, from](error_code ec, std::size_t n) {
                             if (ec) cut = true;
                             if (!ec) write(all, dice, from + n);
                         });
    }
    bool over() const { return end != error_code{}; }

    tcp::socket socket;
    std::array<std::byte, 8'192> buffer{};
    Bytes heard;
    error_code end;
    bool written{};
    bool cut{};  ///< a write failed
};

/// A printer, and the proxy in front of it.
struct Counter {
    explicit Counter(net::io_context& io, PrinterSettings settings = {}, ProxyLimits limits = {})
        : printer{io.get_executor(), std::move(settings)},
          address{printer.listen(anywhere).value()},
          proxy{io.get_executor(), anywhere, address, limits, ear.callbacks()},
          port{proxy.start().value()}
    {
    }
    Ear ear;
    Printer printer;
    TcpAddress address;
    PrinterProxy proxy;
    std::uint16_t port;
};

}  // namespace

TEST_CASE("proxy: a megabyte goes through both ways unchanged, however it is cut", "[wire][proxy]")
{
    const std::uint64_t seed = 20'261'122;
    INFO("seed " << seed);
    net::io_context io;
    const auto down = random_bytes(1'000'000, seed);
    PrinterSettings settings;
    settings.answers_status = false;
    settings.says = random_bytes(1'000'000, seed + 1);
    Counter counter{io, settings};
    Client client{io, counter.port};
    Dice dice{seed + 2};
    client.write(down, dice);
    REQUIRE(run_until(io, [&] { return client.written; }));
    client.socket.shutdown(tcp::socket::shutdown_send);
    const auto all_read = [&] {
        return client.over() && counter.ear.story.size() == 2 && counter.printer.jobs()[0]->ended;
    };
    REQUIRE(run_until(io, all_read));
    CHECK(client.end == net::error::eof);
    CHECK((client.heard == settings.says));
    REQUIRE(counter.printer.jobs().size() == 1);
    CHECK((counter.printer.jobs()[0]->bytes == down));
    CHECK(counter.printer.jobs()[0]->ended);
    CHECK((counter.ear.bytes[1] == down));
    CHECK(counter.ear.story == std::vector<std::string>{"1 first byte", "1 closed"});
    CHECK(counter.proxy.counters().bytes_to_printer == 1'000'000);
    CHECK(counter.proxy.counters().bytes_to_client == 1'000'000);
    CHECK(counter.proxy.counters().broken == 0);
}

TEST_CASE("proxy: eight registers at once get their own slips", "[wire][proxy]")
{
    net::io_context io;
    PrinterSettings settings;
    settings.answers_status = false;
    settings.last_word = {std::byte{0x14}};
    Counter counter{io, settings};
    std::vector<Bytes> slips;
    std::vector<std::unique_ptr<RegisterTill>> tills;
    unsigned printed = 0;
    for (std::uint64_t i = 0; i < 8; ++i) {
        slips.push_back(random_bytes(60'000, 77 + i));
        const Address proxy = TcpAddress{"127.0.0.1", counter.port};
        tills.push_back(std::make_unique<RegisterTill>(io.get_executor(), proxy));
        tills.back()->print(slips.back(), [&](const Result<Bytes>& answer) {
            CHECK(answer.value() == Bytes{std::byte{0x14}});
            ++printed;
        });
    }
    REQUIRE(run_until(io, [&] { return printed == 8 && counter.ear.story.size() == 16; }));
    std::vector<Bytes> jobs;
    std::vector<Bytes> tapped;
    for (const auto& job : counter.printer.jobs()) jobs.push_back(job->bytes);
    for (const auto& [number, bytes] : counter.ear.bytes) tapped.push_back(bytes);
    CHECK(std::is_permutation(jobs.begin(), jobs.end(), slips.begin(), slips.end()));
    CHECK(std::is_permutation(tapped.begin(), tapped.end(), slips.begin(), slips.end()));
}

TEST_CASE("proxy: a printer that dies in the middle breaks the register's line", "[wire][proxy]")
{
    net::io_context io;
    PrinterSettings settings;
    settings.dies_after = 10'000;
    Counter counter{io, settings};
    Client client{io, counter.port};
    const auto slip = random_bytes(500'000, 5);
    Dice dice{6};
    client.write(slip, dice);
    // The kernel tells a reset to whoever asks first, the reader or the writer; the other one sees
    // an end.
    const auto noticed = [&] {
        const bool reset = client.end == net::error::connection_reset || client.cut;
        return client.over() && reset && counter.ear.story.size() == 2;
    };
    REQUIRE(run_until(io, noticed));
    CHECK(counter.proxy.counters().broken == 1);
    Client next{io, counter.port};  // the next job is a new connection to the printer
    REQUIRE(run_until(io, [&] { return counter.printer.jobs().size() == 2; }));
}

TEST_CASE("proxy: without a printer the register is refused at once", "[wire][proxy]")
{
    net::io_context io;
    Ear ear;
    tcp::acceptor nobody{io, {net::ip::address_v4::loopback(), 0}};
    const TcpAddress absent{"127.0.0.1", nobody.local_endpoint().port()};
    nobody.close();
    PrinterProxy proxy{io.get_executor(), anywhere, absent, {}, ear.callbacks()};
    Client client{io, proxy.start().value()};
    REQUIRE(run_until(io, [&] { return client.over() && ear.story.size() == 1; }));
    CHECK(client.end == net::error::connection_reset);
    CHECK(ear.story[0].find("refused: tcp:127.0.0.1") == 0);
    CHECK(proxy.counters().printer_absent == 1);
}

TEST_CASE("proxy: a register that has ended its side still gets the status", "[wire][proxy]")
{
    net::io_context io;
    PrinterSettings settings;
    settings.last_word = random_bytes(4, 1);
    Counter counter{io, settings};
    Client client{io, counter.port};
    net::write(client.socket, net::buffer("slip", 4));
    client.socket.shutdown(tcp::socket::shutdown_send);
    REQUIRE(run_until(io, [&] { return client.over(); }));
    CHECK(client.end == net::error::eof);
    CHECK(client.heard == settings.last_word);
}

TEST_CASE("proxy: a listener that throws breaks no print", "[wire][proxy]")
{
    net::io_context io;
    Printer printer{io.get_executor(), {}};
    const Address address = printer.listen(anywhere).value();
    TapCallbacks callbacks;
    callbacks.on_bytes = [](auto, auto) { throw std::runtime_error{"cannot read this slip"}; };
    callbacks.on_first_byte = [](auto) { throw 1; };
    PrinterProxy proxy{io.get_executor(), anywhere, address, {}, std::move(callbacks)};
    Client client{io, proxy.start().value()};
    net::write(client.socket, net::buffer("one", 3));
    REQUIRE(run_until(io, [&] { return proxy.counters().tap_throws == 2; }));
    net::write(client.socket, net::buffer("two", 3));
    client.socket.shutdown(tcp::socket::shutdown_send);
    REQUIRE(run_until(io, [&] { return client.over(); }));
    CHECK(printer.jobs()[0]->bytes.size() == 6);
    CHECK(printer.jobs()[0]->ended);
}

TEST_CASE("proxy: a listener that stands still loses bytes, and the printer none", "[wire][proxy]")
{
    net::io_context world;
    net::io_context loop;  // is not run while it prints
    Ear ear;
    Printer printer{world.get_executor(), {}};
    const Address address = printer.listen(anywhere).value();
    ProxyLimits limits;
    limits.tap_bytes_max = 100'000;
    PrinterProxy proxy{loop.get_executor(), anywhere, address, limits, ear.callbacks()};
    Client client{world, proxy.start().value()};
    const auto slip = random_bytes(800'000, 9);
    Dice dice{10};
    client.write(slip, dice);
    REQUIRE(run_until(world, [&] { return client.written; }));
    client.socket.shutdown(tcp::socket::shutdown_send);
    REQUIRE(run_until(world, [&] { return client.over(); }));
    CHECK((printer.jobs()[0]->bytes == slip));

    REQUIRE(run_until(loop, [&] { return ear.story.size() == 2; }));
    CHECK(ear.lost >= slip.size() - 100'000);
    CHECK(proxy.counters().tap_bytes_lost == ear.lost);
    auto expected = slip;  // what was told lies where it was printed, and the holes are named
    for (const auto& [at, count] : ear.holes)
        std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(at), count, std::byte{});
    CHECK((ear.bytes[1] == expected));
}

TEST_CASE("proxy: quiet is the end of a job, and the next byte begins another", "[wire][proxy]")
{
    net::io_context io;
    ProxyLimits limits;
    limits.idle_after = Millis{40};
    Counter counter{io, {}, limits};
    Client client{io, counter.port};
    for (std::size_t job = 1; job <= 2; ++job) {
        net::write(client.socket, net::buffer("slip", 4));
        REQUIRE(run_until(io, [&] { return counter.ear.story.size() == 2 * job; }));
    }
    client.socket.close();
    REQUIRE(run_until(io, [&] { return counter.ear.story.size() == 5; }));
    CHECK(counter.ear.story
          == std::vector<std::string>{"1 first byte", "1 idle", "1 first byte", "1 idle",
                                      "1 closed"});
}

TEST_CASE("proxy: more connections than allowed are refused", "[wire][proxy]")
{
    net::io_context io;
    ProxyLimits limits;
    limits.connections_max = 1;
    Counter counter{io, {}, limits};
    Client first{io, counter.port};
    REQUIRE(run_until(io, [&] { return counter.proxy.counters().open == 1; }));
    Client second{io, counter.port};
    REQUIRE(run_until(io, [&] { return second.over(); }));
    CHECK(counter.proxy.counters().too_many == 1);
    CHECK_FALSE(first.over());
}

TEST_CASE("proxy: a printer without paper holds the register up, and stop() ends it",
          "[wire][proxy]")
{
    net::io_context io;
    PrinterSettings settings;
    settings.eats = false;
    ProxyLimits limits;
    limits.stop_grace = Millis{50};
    limits.idle_after = Millis{20};
    Counter counter{io, settings, limits};
    Client client{io, counter.port};
    const Bytes slip(40'000'000);
    net::async_write(client.socket, net::buffer(slip), [](error_code, std::size_t) {});
    REQUIRE(run_until(io, [&] { return counter.proxy.counters().bytes_to_printer > 0; }));
    std::uint64_t before = 0;
    REQUIRE(run_until(io, [&] {  // until nothing moves any more
        const auto now = counter.proxy.counters().bytes_to_printer;
        const bool same = now == before;
        before = now;
        return same;
    }));
    CHECK(before < slip.size());
    counter.proxy.stop();
    REQUIRE(run_until(io, [&] { return client.over(); }));
    CHECK(counter.proxy.counters().open == 0);
}

TEST_CASE("proxy: a serial printer serves one register after the other", "[wire][proxy]")
{
    net::io_context io;
    int master = -1;
    int slave = -1;
    char name[128];
    REQUIRE(::openpty(&master, &slave, name, nullptr, nullptr) == 0);
    ::fcntl(master, F_SETFL, O_NONBLOCK);
    Ear ear;
    const auto address = parse_address("serial:" + std::string{name} + "@19200").value();
    PrinterProxy proxy{io.get_executor(), anywhere, address, {}, ear.callbacks()};
    const auto port = proxy.start().value();
    Bytes paper;
    const auto read_paper = [&] {
        std::array<std::byte, 4'096> piece{};
        const auto n = ::read(master, piece.data(), piece.size());
        if (n > 0) append(paper, std::span{piece}.first(static_cast<std::size_t>(n)));
    };
    Client first{io, port};
    const auto first_slip = random_bytes(20'000, 1);
    const auto second_slip = random_bytes(20'000, 2);
    Dice dice{4};
    first.write(first_slip, dice);
    REQUIRE(run_until(io, [&] {
        read_paper();
        return paper.size() == 20'000;
    }));
    Client second{io, port};
    second.write(second_slip, dice);
    REQUIRE(run_until(io, [&] { return second.written; }));
    CHECK(ear.bytes.size() == 1);
    first.socket.shutdown(tcp::socket::shutdown_send);
    REQUIRE(run_until(io, [&] {
        read_paper();
        return paper.size() == 40'000 && first.over();
    }));
    CHECK(std::equal(first_slip.begin(), first_slip.end(), paper.begin()));
    CHECK(std::equal(second_slip.begin(), second_slip.end(), paper.begin() + 20'000));
    CHECK(first.end == net::error::eof);
    proxy.stop();
    ::close(slave);
    ::close(master);
}

TEST_CASE("proxy: what it adds to a status query's way there and back", "[wire][proxy][figure]")
{
    net::io_context world;
    net::io_context loop;
    auto work = net::make_work_guard(loop);
    Ear ear;
    Printer printer{world.get_executor(), {}};
    const auto address = printer.listen(anywhere).value();
    PrinterProxy proxy{loop.get_executor(), anywhere, address, {}, ear.callbacks()};
    const auto port = proxy.start().value();
    auto printer_work = net::make_work_guard(world);
    std::thread printing{[&] { world.run(); }};
    std::thread listening{[&] { loop.run(); }};
    const auto median_us = [](std::uint16_t to) {
        net::io_context io;
        tcp::socket socket{io};
        socket.connect({net::ip::address_v4::loopback(), to});
        socket.set_option(tcp::no_delay{true});
        std::vector<double> times;
        for (int i = 0; i < 400; ++i) {
            const auto start = std::chrono::steady_clock::now();
            net::write(socket, net::buffer("\x10\x04\x01", 3));
            char answer{};
            net::read(socket, net::buffer(&answer, 1));
            const auto took = std::chrono::steady_clock::now() - start;
            times.push_back(std::chrono::duration<double, std::micro>{took}.count());
            CHECK(answer == 0x12);
        }
        std::nth_element(times.begin(), times.begin() + 200, times.end());
        return times[200];
    };
    const double direct = median_us(address.port);
    const double through = median_us(port);
    WARN("median of 400: direct " << direct << " us, through the proxy " << through << " us");
    proxy.stop();
    net::post(world, [&] { printer.stop(); });
    printer_work.reset();
    work.reset();
    printing.join();
    listening.join();
}
