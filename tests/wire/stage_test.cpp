#include "daemon/base/hex.hpp"
#include "daemon/wire/link.hpp"
#include "tests/support/beacon_air.hpp"
#include "tests/support/controller.hpp"
#include "tests/support/demo_scene.hpp"
#include "tests/support/receipt_writer.hpp"
#include "tests/support/scene.hpp"
#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

using namespace raiten;
using namespace raiten::stage;
using raiten::test::append;
using raiten::test::run_until;
namespace net = boost::asio;

namespace {

std::string text_from(const std::vector<std::byte>& bytes)
{
    std::string out;
    for (const std::byte b : bytes) out += std::to_integer<char>(b);
    return out;
}

std::vector<std::byte> hex(std::string text)
{
    std::erase(text, ' ');
    return from_hex(text).value();
}

Instant scene_base()
{
    using namespace std::chrono;
    return sys_days{2026y / November / 22d} + hours{1};
}

/// A host that speaks H4 to a controller.
struct Host {
    Host(net::io_context& io_, Controller& controller) : io{io_}
    {
        const auto address = controller.listen(wire::TcpAddress{"127.0.0.1", 0}).value();
        wire::LinkCallbacks callbacks;
        callbacks.on_up = [this] { up = true; };
        callbacks.on_bytes = [this](auto bytes) { append(heard, bytes); };
        link.emplace(io.get_executor(), address, wire::LinkLimits{}, std::move(callbacks),
                     [] { return 0.5; });
        link->start();
        REQUIRE(run_until(io, [this] { return up; }));
    }
    /// Sends a command and gives the one event that answers it.
    std::string ask(const std::string& command)
    {
        heard.clear();
        REQUIRE(link->write(hex(command)));
        REQUIRE(run_until(io, [this] {
            return heard.size() > 2 && heard.size() >= 3 + std::to_integer<std::size_t>(heard[2]);
        }));
        return to_hex(heard);
    }
    net::io_context& io;
    std::optional<wire::Link> link;
    std::vector<std::byte> heard;
    bool up{};
};

const std::string reset_ok = "040e0401030c00";
const std::string full_mask = "01 010C 08 FFFFFBFF07F8BF3D";
const std::string le_mask = "01 0120 08 1F10000000000000";

/// One iBeacon that stands a metre from the radio for a second.
std::vector<HciPacket> one_beacon()
{
    Advertiser who;
    who.payload = Ibeacon{demo_uuid, 1, 2};
    who.path = {{Millis{0}, {1, 0}}, {Millis{1'000}, {1, 0}}};
    who.interval = Millis{100};
    Radio radio;
    radio.loss = 0;
    return read_btsnoop(capture_of({who}, radio, scene_base(), Millis{1'000}, 7)).value();
}

}  // namespace

TEST_CASE("stage: a capture is laid out as the format says", "[stage]")
{
    BtsnoopWriter writer;
    writer.add(Micros{std::chrono::microseconds{1}}, true, hex("04 0E 04 01 03 0C 00"));
    CHECK(to_hex(writer.bytes())
          == "6274736e6f6f7000" "00000001" "000003ea"
             "00000007" "00000007" "00000003" "00000000" "00dcddb30f2f8001"
             "040e0401030c00");
    const auto read = read_btsnoop(writer.bytes()).value();
    REQUIRE(read.size() == 1);
    CHECK(read[0].at == Micros{std::chrono::microseconds{1}});
    for (std::size_t cut = 0; cut < writer.bytes().size(); ++cut) {
        const auto part = read_btsnoop(std::span{writer.bytes()}.first(cut));
        CHECK((part.has_error() || part.value().empty()));
    }
}

TEST_CASE("stage: beacons send what their makers' papers say", "[stage]")
{
    CHECK(to_hex(advertising_data(Ibeacon{demo_uuid, 1, 0x0203}, 0))
          == "0201061aff4c000215" "72616974656e40008000000000000001" "00010203c5");
    EddystoneUid badge;
    badge.name_space.fill(std::byte{0xAB});
    badge.instance.fill(std::byte{0x01});
    CHECK(to_hex(advertising_data(badge, 0))
          == "0201060303aafe1716aafe00ee" "abababababababababab" "010101010101" "0000");
    AltBeacon alt;
    alt.company = 0x0118;
    alt.id.fill(std::byte{0x22});
    CHECK(to_hex(advertising_data(alt, 0))
          == "0201061bff1801beac" "2222222222222222222222222222222222222222" "c500");
    for (const auto kind : {PhoneKind::apple_nearby, PhoneKind::find_my, PhoneKind::microsoft,
                            PhoneKind::exposure_notification}) {
        const auto data = advertising_data(Phone{kind, Millis{1}}, 5);
        CHECK(data.size() <= 31);
        std::size_t at = 0;
        while (at < data.size()) at += 1 + std::to_integer<std::size_t>(data[at]);
        CHECK(at == data.size());
    }
}

TEST_CASE("stage: what is nearer is louder, and the same seed is the same air", "[stage]")
{
    const auto heard = one_beacon();
    REQUIRE(heard.size() >= 11);  // enable, its answer, at least nine advertisements
    double sum = 0;
    for (std::size_t i = 2; i < heard.size(); ++i) {
        const auto& h4 = heard[i].h4;
        CHECK(to_hex(std::span{h4}.first(7)) == "043e2a02010301");
        CHECK((h4[12] & std::byte{0xC0}) == std::byte{0xC0});  // a static random address
        CHECK(h4.size() == 45);
        sum += static_cast<std::int8_t>(h4.back());
    }
    const double mean_dbm = sum / static_cast<double>(heard.size() - 2);
    CHECK(mean_dbm == Approx(-59).margin(6));
    CHECK(demo_scene(3).value() == demo_scene(3).value());
    CHECK(demo_scene(3).value() != demo_scene(4).value());
}

TEST_CASE("stage: a controller answers a host's start-up, and plays only when it may", "[stage]")
{
    net::io_context io;
    ControllerSettings settings;
    settings.speed = 1'000;
    Controller controller{io.get_executor(), settings, one_beacon()};
    bool over = false;
    controller.on_air_over([&] { over = true; });
    Host host{io, controller};
    CHECK(host.ask("01 030C 00") == reset_ok);
    CHECK(host.ask("01 0110 00") == "040e0c01011000" "0c01000cffff0100");
    const auto commands = host.ask("01 0210 00");
    CHECK(commands.substr(0, 14) == "040e4401021000");
    CHECK(commands.substr(14 + 2 * 26, 2) == "0c");
    CHECK(commands.substr(14 + 2 * 37, 2) == "60");
    CHECK(host.ask("01 0320 00") == "040e0c01032000" "0010000000000000");
    CHECK(host.ask(full_mask) == "040e0401010c00");
    CHECK(host.ask(le_mask) == "040e0401012000");
    CHECK(host.ask("01 FFFC 00") == "040f040101fffc");  // unknown: refused by status
    CHECK(host.ask("01 4120 08 000001 00 6000 6000") == "040e0401412000");
    CHECK(host.ask("01 0B20 07 00 6000 6000 00 00") == "040e04010b200c");  // mixed: disallowed
    CHECK_FALSE(controller.scanning());
    host.heard.clear();
    REQUIRE(host.link->write(hex("01 4220 06 01 00 0000 0000")));
    REQUIRE(run_until(io, [&] {
        return over && host.heard.size() == 7 + controller.counters().events_sent * 59;
    }));
    CHECK(controller.counters().events_sent >= 9);
    // The recorded legacy report, as extended scanning tells it.
    const auto first = to_hex(std::span{host.heard}.subspan(7, 59));
    CHECK(first.substr(0, 16) == "043e380d01100001");
    CHECK(first.substr(28, 8) == "0100ff7f");
    CHECK(first.substr(56, 20) == "1e0201061aff4c000215");
}

TEST_CASE("stage: an old controller refuses extended scanning, and plays legacy reports", "[stage]")
{
    for (const bool by_status : {true, false}) {
        net::io_context io;
        ControllerSettings settings;
        settings.speed = 1'000;
        settings.claims_extended = false;
        settings.refuse_extended = by_status ? Refusal::command_status : Refusal::command_complete;
        const auto recording = one_beacon();
        Controller controller{io.get_executor(), settings, recording};
        bool over = false;
        controller.on_air_over([&] { over = true; });
        Host host{io, controller};
        CHECK(host.ask("01 4120 08 000001 00 6000 6000")
              == (by_status ? "040f0401014120" : "040e0401412001"));
        CHECK(host.ask("01 0B20 07 00 6000 6000 00 00") == "040e04010b2000");
        CHECK(host.ask(full_mask) == "040e0401010c00");
        host.heard.clear();
        REQUIRE(host.link->write(hex("01 0C20 02 01 00")));
        const std::size_t reports = recording.size() - 2;
        REQUIRE(run_until(io, [&] { return over && host.heard.size() == 7 + reports * 45; }));
        CHECK(std::equal(host.heard.begin() + 7, host.heard.begin() + 52, recording[2].h4.begin()));
    }
}

TEST_CASE("stage: a host that forgot the event mask hears nothing", "[stage]")
{
    net::io_context io;
    ControllerSettings settings;
    settings.speed = 1'000;
    Controller controller{io.get_executor(), settings, one_beacon()};
    bool over = false;
    controller.on_air_over([&] { over = true; });
    Host host{io, controller};
    CHECK(host.ask("01 0C20 02 01 00") == "040e04010c2000");
    REQUIRE(run_until(io, [&] { return over; }));
    CHECK(controller.counters().events_sent == 0);
    CHECK(controller.counters().events_unheard >= 9);
}

TEST_CASE("stage: the demo's receipt is what a Japanese register prints", "[stage]")
{
    CHECK(with_check_digit("290000000001") == "2900000000018");
    CHECK(to_hex(bytes_of(shift_jis("会員番号").value())) == "89ef88f594d48d86");
    const auto files = demo_scene(1).value();
    const auto receipt = to_hex(files.at("receipt-b.bin"));
    const auto has = [&](const std::string& part) {
        return receipt.find(part) != std::string::npos;
    };
    CHECK(receipt.substr(0, 4) == "1b40");
    CHECK(has("1c4301"));  // FS C 1: Shift_JIS
    CHECK(has("89ef88f594d48d8620" + to_hex(bytes_of("2900000000018")) + "0a"));
    CHECK(has("1d6b430d" + to_hex(bytes_of("2900000000018"))));  // EAN-13
    // Total: 2 x 138 + 160 = 436, its four columns end at dot 576: ESC $ 528 (0x210).
    CHECK(
        has("8d878c761b241002"
            "5c343336"
            "0a"));
    CHECK(receipt.substr(receipt.size() - 8) == "1d564200");
}

TEST_CASE("stage: the demo scene tells its story", "[stage]")
{
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        INFO("seed " << seed);
        const auto files = demo_scene(seed).value();
        const auto members = text_from(files.at("members.csv"));
        CHECK(members.starts_with("member,tokens,consent,birth_month\ndemo-a,ibeacon:"
                                  + std::string{demo_uuid} + "/1/1 card:2900000000025,yes,4\n"));
        CHECK(std::count(members.begin(), members.end(), '\n') == 8);
        CHECK(parse_timeline(text_from(files.at("scene.txt"))).value().size() == 12);
        for (const auto* radio : {"entrance.btsnoop", "floor.btsnoop"}) {
            INFO(radio);
            // In which seconds each is heard at all, and at enter_rssi; the longest silence of C.
            std::map<int, std::set<std::int64_t>> seconds;
            std::map<int, std::set<std::int64_t>> near;
            std::int64_t last_c = 0;
            std::int64_t gap_c = 0;
            std::set<std::string> strangers;
            const auto packets = read_btsnoop(files.at(radio)).value();
            for (const auto& packet : packets) {
                const auto at = (packet.at - Micros{scene_base()}).count() / 1'000;
                const auto text = to_hex(packet.h4);
                const auto uuid = text.find("72616974656e");
                if (packet.h4.size() > 20 && uuid == std::string::npos)
                    strangers.insert(text.substr(14, 12));
                if (packet.h4.size() != 45 || uuid == std::string::npos) continue;
                const int minor = std::to_integer<int>(packet.h4[42]);
                const int rssi_dbm = static_cast<std::int8_t>(packet.h4[44]);
                if (rssi_dbm >= -92) seconds[minor].insert(at / 1'000);
                if (rssi_dbm >= -80) near[minor].insert(at / 1'000);
                if (minor == 3) {
                    gap_c = std::max(gap_c, at - last_c);
                    last_c = at;
                }
            }
            // Collisions may swallow a whole second, but not two in a row.
            const auto heard_in = [&](int minor, int from, int until) {
                for (int s = from; s + 1 < until; ++s)
                    if (!seconds[minor].contains(s) && !seconds[minor].contains(s + 1))
                        return false;
                return true;
            };
            CHECK(heard_in(1, 3, 9));
            for (int s = 11; s < 28; ++s) CHECK_FALSE(seconds[1].contains(s));
            CHECK(heard_in(1, 29, 44));
            CHECK(heard_in(2, 5, 17));
            CHECK(*seconds[2].rbegin() < 18);
            const auto near_from = [&](int minor, int from) {
                int count = 0;
                for (int s = from; s < from + 6; ++s) count += near[minor].contains(s) ? 1 : 0;
                return count;
            };
            CHECK(near_from(1, 2) >= 4);
            CHECK(near_from(1, 28) >= 4);
            CHECK(near_from(2, 4) >= 4);
            CHECK(near[4].size() <= 1);  // D passes by
            CHECK(gap_c < 3'000);
            CHECK(last_c > 48'000);
            CHECK(strangers.size() > 20);
        }
    }
}

TEST_CASE("stage: a timeline is read in order of time, and a wrong line is named", "[stage]")
{
    const auto cues =
        parse_timeline("20 end\n# nothing\n10 print a.bin # b\n\n0 radio r f\n").value();
    REQUIRE(cues.size() == 3);
    CHECK(cues[1].what == "print");
    CHECK(cues[1].arguments == std::vector<std::string>{"a.bin"});
    for (const auto* text : {"x print a", "1 print", "1 dance", "-1 end", "1e3 end"})
        CHECK(parse_timeline(text).error().where == "line 1");
}
