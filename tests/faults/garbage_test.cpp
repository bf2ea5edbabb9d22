#include "tests/app/ctl/tool.hpp"
#include "tests/faults/quick_store.hpp"
#include "tests/faults/shop_script.hpp"
#include "tests/support/controller.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/printer.hpp"
#include "tests/support/receipt_writer.hpp"
#include "tests/support/register_till.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>

/// Bytes that no device ever sends, on every input of a running store. Each is refused with a
/// reason and counted, the service stays well and small, and what comes right afterwards counts.
using namespace raiten;
using namespace raiten::test;
using nlohmann::json;
namespace net = boost::asio;

namespace {

constexpr std::uint64_t seed = 20'261'123;
constexpr std::size_t growth_bytes_max = 96 * 1024 * 1024;

std::string noise(stage::Dice& dice, std::size_t size)
{
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(dice.below(256));
    return out;
}

/// Some bytes changed, some left out, some put in, cut somewhere.
std::string damaged(stage::Dice& dice, std::string text)
{
    for (auto hits = 1 + dice.below(6); hits > 0 && !text.empty(); --hits) {
        const auto at = dice.below(text.size());
        switch (dice.below(4)) {
            case 0:
                text[at] = static_cast<char>(dice.below(256));
                break;
            case 1:
                text.erase(at, 1 + dice.below(8));
                break;
            case 2:
                text.insert(at, noise(dice, 1 + dice.below(8)));
                break;
            default:
                if (dice.below(4) == 0) text.resize(at);
        }
    }
    return text;
}

std::vector<std::byte> bytes_of(const std::string& text)
{
    const auto* from = reinterpret_cast<const std::byte*>(text.data());
    return {from, from + text.size()};
}

std::string text_of(const std::vector<std::byte>& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// raitend under the address checker keeps freed memory for a while; here little of it.
struct SmallQuarantine {
    SmallQuarantine() { ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 1); }
    ~SmallQuarantine() { ::unsetenv("ASAN_OPTIONS"); }
};

void check_well(const StoreBox& box, std::size_t bytes_before)
{
    CHECK(box.get("/healthz").status == 200);
    CHECK(box.get("/readyz").status == 200);
    const auto bytes = box.resident_bytes();
    INFO("resident: " << bytes_before << " -> " << bytes);
    CHECK(bytes < bytes_before + growth_bytes_max);
}

double refused_in_all(const StoreBox& box)
{
    double sum = 0;
    for (const auto& line : lines_of(box.get("/metrics").body))
        if (line.starts_with("raiten_http_refused_total{"))
            sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
    return sum;
}

bool came(StoreBox& box, const std::string& token, const std::string& member)
{
    const auto reply = box.post("/api/v1/checkins", R"({"token":")" + token + "\"}");
    return reply.status == 200 && !visits_of(box, member).empty();
}

}  // namespace

TEST_CASE("garbage to the printer: the printer gets all of it, the store none", "[faults][garbage]")
{
    std::cout << "garbage: seed " << seed << '\n';
    const SmallQuarantine small;
    stage::Dice dice{seed};
    net::io_context io;
    stage::Printer printer{io.get_executor(), {}};
    const auto at = printer.listen({"127.0.0.1", 0}).value();
    StoreBox box{StoreBox::Clock::system,
                 quick_rules + "[[reader]]\nname = \"till\"\nzone = \"register\"\n"
                               "driver = \"pos-escpos\"\nlisten = \"127.0.0.1:0\"\n"
                               "printer = \"tcp:127.0.0.1:"
                     + std::to_string(at.port) + "\"\n"};
    box.start();
    const auto member = stage::with_check_digit("290000000001");
    box.enrol("m", "card:" + member);
    const auto address = address_in(box.log(), "reader.listening");
    CAPTURE(box.log());
    REQUIRE(!address.empty());
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    stage::RegisterTill till{io.get_executor(), wire::TcpAddress{"127.0.0.1", port}};

    stage::ReceiptContent content{"000777",
                                  "2026年11月22日(日) 10:14",
                                  member,
                                  {{"お茶", 1, 150}, {"おにぎり", 2, 130}},
                                  500};
    const auto receipt = stage::receipt_bytes(content).value();
    const auto print = [&](const std::vector<std::byte>& bytes) {
        const auto jobs = printer.jobs().size();
        bool done = false;
        till.print(bytes, [&done](const auto&) { done = true; });
        REQUIRE(run_until(io, [&] {
            return done && printer.jobs().size() > jobs && printer.jobs().back()->ended;
        }));
        CHECK(printer.jobs().back()->bytes == bytes);  // to the byte
    };
    const auto before = box.resident_bytes();
    for (int i = 0; i < 40; ++i) {
        CAPTURE(i);
        const auto slip = dice.below(2) == 0 ? noise(dice, 1 + dice.below(20'000))
                                             : damaged(dice, text_of(receipt));
        print(bytes_of(slip));
    }
    print(bytes_of(noise(dice, 1'000'000)));
    check_well(box, before);
    const auto till_now = reader_of(box, "till");
    CAPTURE(till_now.dump());
    CHECK(till_now["garbled"].size() > 0);
    CHECK(till_now["garbled"].size() < 64);
    CHECK(metric(box.get("/metrics").body, "raiten_reader_garbled_total{reader=\"till\"}") > 0);

    content.number = "000778";
    print(stage::receipt_bytes(content).value());
    CHECK(run_until(io, [&] {
        const auto visits = visits_of(box, "m");
        return !visits.empty() && visits[0]["outcome"] == "purchase";
    }));
    CHECK(box.stop() == 0);
}

TEST_CASE("garbage from a radio: refused and counted, the next radio is heard", "[faults][garbage]")
{
    const SmallQuarantine small;
    stage::Dice dice{seed + 1};
    net::io_context io;
    const TempFolder folder;
    const auto path = folder.file("radio.sock");
    StoreBox box{StoreBox::Clock::system,
                 quick_rules
                     + "[[reader]]\nname = \"radio\"\nzone = \"entrance\"\ndriver = \"ble-h4\"\n"
                       "device = \"unix:"
                     + path + "\"\n"};
    std::optional<std::size_t> before;
    {
        using Local = net::local::stream_protocol;
        Local::acceptor acceptor{io, Local::endpoint{path}};
        box.start();
        box.enrol("m", badge);
        before = box.resident_bytes();
        for (int i = 0; i < 3; ++i) {
            Local::socket host{io};
            bool there = false;
            acceptor.async_accept(host, [&there](const auto& ec) { there = !ec; });
            REQUIRE(run_until(io, [&] { return there; }));
            const auto bytes = noise(dice, 256 * 1024);
            bool over = false;  // written, or hung up on
            net::async_write(host, net::buffer(bytes),
                             [&over](const auto&, std::size_t) { over = true; });
            REQUIRE(run_until(io, [&] { return over; }));
        }
    }
    check_well(box, *before);
    const auto radio_now = reader_of(box, "radio");
    CAPTURE(radio_now.dump());
    CHECK(radio_now["garbled"].size() > 0);
    CHECK(radio_now["garbled"].size() < 64);
    CHECK(visits_of(box, "m").empty());

    stage::ControllerSettings settings;
    settings.loop = true;
    stage::Controller radio{io.get_executor(), settings,
                            badge_at_the_radio(std::chrono::seconds{3})};
    REQUIRE(radio.listen(wire::UnixAddress{path}).has_value());
    CHECK(run_until(io, [&] { return !visits_of(box, "m").empty(); }));
    CHECK(box.stop() == 0);
}

TEST_CASE("garbage over HTTP: every line is answered, refused and counted", "[faults][garbage]")
{
    const SmallQuarantine small;
    stage::Dice dice{seed + 2};
    StoreBox box{StoreBox::Clock::system, quick_rules + script_readers()};
    box.start();
    box.enrol("m", "card:1");
    const auto address = address_in(box.log(), "http.listening");
    REQUIRE(!address.empty());
    const auto before = box.resident_bytes();
    const std::string good =
        "POST /api/v1/checkins HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"token\":\"card:2222\"}";

    SECTION("unix socket")
    {
        for (int i = 0; i < 150; ++i) {
            CAPTURE(i);
            const auto sent =
                i % 3 == 0 ? noise(dice, 1 + dice.below(20'000)) : damaged(dice, good);
            const auto answer = box.raw(sent);
            CHECK((answer.empty() || answer.starts_with("HTTP/1.")));
            CHECK_FALSE(answer.starts_with("HTTP/1.1 500"));
        }
        CHECK(refused_in_all(box) > 50);
    }
    SECTION("port")
    {
        net::io_context io;
        const net::ip::tcp::endpoint port{
            net::ip::make_address("127.0.0.1"),
            static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)))};
        for (int i = 0; i < 100; ++i) {
            CAPTURE(i);
            net::ip::tcp::socket client{io};
            client.connect(port);
            boost::system::error_code ignored;  // it may hang up in the middle
            net::write(client, net::buffer(noise(dice, 1 + dice.below(20'000))), ignored);
            client.shutdown(net::socket_base::shutdown_send, ignored);
            std::string answer;
            net::read(client, net::dynamic_buffer(answer), ignored);
            CHECK((answer.empty() || answer.starts_with("HTTP/1.1 4")
                   || answer.starts_with("HTTP/1.0 4")));
        }
        CHECK(refused_in_all(box) > 50);
    }
    SECTION("events")
    {
        const std::string event =
            R"({"type":"sighting","at":"2026-11-22T10:00:00.120+09:00","reader":"door",)"
            R"("token":"card:3","rssi":-67})";
        std::string lines;
        constexpr int count = 1000;
        for (int i = 0; i < count; ++i) {
            auto line = i % 4 == 0 ? noise(dice, 1 + dice.below(200)) : damaged(dice, event);
            for (char& c : line)
                if (c == '\n') c = '?';
            lines += "!" + line + "\n";
        }
        lines += R"({"type":"checkin","at":"2026-11-22T10:00:00+09:00",)"
                 R"("reader":"desk","token":"nonsense"})"
                 "\n";
        const auto reply = box.post_lines(lines);
        REQUIRE(reply.status == 200);
        const auto answer = body_of(reply);
        CHECK(answer["refused"] == count + 1);
        REQUIRE(answer["lines"].size() == count + 1);
        for (const auto& line : answer["lines"]) CHECK(line["reason"].get<std::string>() != "");
        CHECK(answer.dump().find("nonsense") == std::string::npos);  // tokens are not repeated
        CHECK(metric(box.get("/metrics").body, "raiten_events_refused_total") == count + 1);
        CHECK(body_of(box.get("/api/v1/status"))["counts"]["refused"] == count + 1);
    }
    check_well(box, before);
    CHECK(came(box, "card:1", "m"));
    CHECK(box.stop() == 0);
}

TEST_CASE("a damaged capture is decoded as far as it can be read", "[faults][garbage]")
{
    stage::Dice dice{seed + 3};
    stage::BtsnoopWriter writer;
    for (const auto& packet : badge_at_the_radio(std::chrono::seconds{2}))
        writer.add(packet.at, packet.from_controller, packet.h4);
    const auto capture = text_of(writer.bytes());
    const auto whole = raitenctl({"decode", "btsnoop", "-"}, capture);
    REQUIRE(whole.code == 0);
    REQUIRE(whole.lines().size() > 10);
    int read = 0;
    for (int i = 0; i < 25; ++i) {
        CAPTURE(i);
        const auto bytes = i % 5 == 0 ? noise(dice, 1 + dice.below(5'000)) : damaged(dice, capture);
        const auto ran = raitenctl({"decode", "btsnoop", "-"}, bytes);
        CAPTURE(ran.err);
        CHECK((ran.code == 0 || ran.code == 65));
        if (ran.code == 65) CHECK(!ran.err.empty());
        if (ran.code == 0) ++read;
        for (const auto& line : ran.lines()) CHECK(json::parse(line, nullptr, false).is_object());
    }
    CHECK(read > 10);
}
