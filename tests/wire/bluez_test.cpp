#include "daemon/base/hex.hpp"
#include "daemon/wire/link.hpp"
#include "drivers/ble/h4.hpp"
#include "drivers/ble/scanner.hpp"
#include "tests/wire/bluez_room.hpp"
#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>

using namespace raiten;
using namespace raiten::wire;
using drivers::DevicePhase;
using raiten::test::BluezRoom;
using raiten::test::Bytes;
using raiten::test::run_until;
namespace ble = drivers::ble;
namespace net = boost::asio;

namespace {

// Flags, and an iBeacon.
const std::string beacon =
    "020106"
    "1aff4c000215"
    "6f1c3d52a8e94b7790d4c05e1b8a2f63"
    "0007"
    "0102"
    "c5";
const std::string token = "ibeacon:6f1c3d52-a8e9-4b77-90d4-c05e1b8a2f63/7/258";

LinkLimits quick()
{
    LinkLimits limits;
    limits.back_off_min = Millis{5};
    limits.back_off_max = Millis{50};
    return limits;
}

/// An opcode in the order of its digits in the specification, such as "2041".
std::string opcode_text(std::span<const std::byte> little_endian)
{
    return to_hex(std::array{little_endian[1], little_endian[0]});
}

/// The driver at its link, joined as the service joins them.
class Radio {
 public:
    /// `claims_extended`: the answers about supported commands and features pass through our
    /// hands, and say then that there is extended scanning.
    Radio(net::io_context& io, const Address& address, bool claims_extended = false)
        : claims_extended_{claims_extended},
          link_{io.get_executor(), address, quick(), callbacks(), [] { return 0.5; }}
    {
        link_.start();
    }

    bool ready() const { return state().phase == DevicePhase::ready; }
    const drivers::DeviceState& state() const { return driver_->state(); }
    const Link& link() const { return link_; }
    bool asked(const std::string& opcode) const
    {
        return std::find(opcodes.begin(), opcodes.end(), opcode) != opcodes.end();
    }

    std::vector<std::string> opcodes;  ///< that the driver sent, in order
    std::vector<TokenSeen> seen;
    std::vector<std::string> garbled;
    std::vector<std::string> downs;

 private:
    LinkCallbacks callbacks()
    {
        LinkCallbacks on;
        on.on_up = [this] {
            driver_->start(say_);
            look();
        };
        on.on_bytes = [this](std::span<const std::byte> bytes) {
            if (claims_extended_)
                feed_flattered(bytes);
            else
                driver_->feed(bytes, tell_, say_);
            look();
        };
        on.on_timeout = [this] {
            driver_->expired(tell_, say_);
            look();
        };
        on.on_down = [this](const std::string& reason) {
            downs.push_back(reason);
            limit_.reset();
            packets_.finish([](const Garbled&) {});
            driver_->finish(tell_);
        };
        return on;
    }

    void look()
    {
        const auto limit = driver_->time_limit();
        if (!limit)
            link_.expect_nothing();
        else if (limit_ != limit->number)
            link_.expect_within(limit->span);
        limit_ = limit ? std::optional{limit->number} : std::nullopt;
    }

    void feed_flattered(std::span<const std::byte> bytes)
    {
        packets_.feed(
            bytes,
            [this](ble::PacketType type, ble::Bytes packet) {
                Bytes h4{static_cast<std::byte>(type)};
                raiten::test::append(h4, packet);
                const bool answer = h4.size() > 7 && h4[1] == std::byte{0x0e};
                const auto opcode = answer ? opcode_text(std::span{h4}.subspan(4)) : "";
                constexpr std::size_t values = 7;
                if (opcode == "1002") h4.at(values + 37) |= std::byte{0x60};
                if (opcode == "2003") h4.at(values + 1) |= std::byte{0x10};
                driver_->feed(h4, tell_, say_);
            },
            [this](const Garbled& lost) { garbled.emplace_back(lost.why); });
    }

    void take(const Reading& reading)
    {
        if (const auto* sighting = std::get_if<TokenSeen>(&reading)) seen.push_back(*sighting);
        if (const auto* lost = std::get_if<Garbled>(&reading)) garbled.emplace_back(lost->why);
    }

    bool claims_extended_;
    ble::H4 packets_{ble::H4::Hunt::any_event};
    std::optional<std::uint64_t> limit_;
    std::unique_ptr<drivers::Dialogue> driver_{drivers::make_ble_h4()};
    drivers::Tell tell_{[this](const Reading& reading) { take(reading); }};
    drivers::Say say_{[this](std::span<const std::byte> bytes) {
        opcodes.push_back(opcode_text(bytes.subspan(1)));
        link_.write(bytes);
    }};
    Link link_;
};

/// Somebody's beacon: another controller in the same air. One command is out at a time; when the
/// link comes up again, all begins anew.
class Beacon {
 public:
    /// Commands in hex, as they follow the type byte.
    struct Kind {
        std::vector<std::string> set_up;
        std::string on;
        std::string off;
    };

    Beacon(net::io_context& io, const Address& address, Kind kind)
        : kind_{std::move(kind)}, link_{io.get_executor(), address, quick(), callbacks(), [] {
                                            return 0.5;
                                        }}
    {
        link_.start();
    }

    /// Everything that was asked has been done.
    bool idle() const { return link_.up() && waiting_.empty(); }

    /// Heard once by whoever scans.
    void advertise()
    {
        const bool was_idle = waiting_.empty();
        waiting_.insert(waiting_.end(), {kind_.on, kind_.off});
        if (was_idle) send();
    }

    std::vector<std::string> refusals;  ///< the events that were not a good Command Complete

 private:
    LinkCallbacks callbacks()
    {
        LinkCallbacks on;
        on.on_up = [this] {
            waiting_.assign(kind_.set_up.begin(), kind_.set_up.end());
            send();
        };
        on.on_bytes = [this](std::span<const std::byte> bytes) {
            packets_.feed(
                bytes, [this](ble::PacketType, ble::Bytes event) { take(event); },
                [this](const Garbled& lost) { refusals.emplace_back(lost.why); });
        };
        on.on_down = [this](const std::string&) {
            packets_.finish([](const Garbled&) {});
            waiting_.clear();
        };
        return on;
    }

    void send() { link_.write(from_hex("01" + waiting_.front()).value()); }

    void take(ble::Bytes event)
    {
        const bool good = event.size() >= 6 && event[0] == std::byte{0x0e}
                          && event[5] == std::byte{} && !waiting_.empty();
        if (!good) refusals.push_back(to_hex(event));
        if (!waiting_.empty()) waiting_.pop_front();
        if (!waiting_.empty()) send();
    }

    Kind kind_;
    std::deque<std::string> waiting_;  ///< the first is out
    ble::H4 packets_{ble::H4::Hunt::any_event};
    Link link_;
};

/// Reset; every 100 ms, not connectable, on all channels; 31 bytes of data.
const Beacon::Kind legacy_beacon{
    {"030c00", "06200fa000a0000300000000000000000700", "0820201e" + beacon + "00"},
    "0a200101",
    "0a200100"};

/// Reset; set 1, every 100 ms, with these properties, on 1M; its whole data.
Beacon::Kind extended_beacon(const std::string& properties)
{
    return {{"030c00", "36201901" + properties + "a00000a00000070000000000000000007f0100010000",
             "3720220103011e" + beacon},
            "392006010101000000",
            "392006000101000000"};
}

const auto legacy_properties = "1000";
const auto no_properties = "0000";

/// The last of them: a driver that runs in circles sends millions.
std::string text_of(const std::vector<std::string>& words)
{
    constexpr std::size_t words_max = 20;
    std::string text = words.size() > words_max ? "... " : "";
    for (auto i = words.size() - std::min(words.size(), words_max); i < words.size(); ++i)
        text += words[i] + "; ";
    return text;
}

/// As everywhere, but a failure says how far they came.
bool wait_for(net::io_context& io, const Radio& radio, const Beacon& sender,
              const std::function<bool()>& done)
{
    const bool good = run_until(io, done);
    if (!good)
        WARN("radio: " << radio.state().reason << "\n asked " << text_of(radio.opcodes)
                       << "\n down " << text_of(radio.downs) << "\n heard " << radio.seen.size()
                       << "\nbeacon: " << (sender.idle() ? "idle" : "busy") << "\n refused "
                       << text_of(sender.refusals));
    return good;
}

/// Three times on the air is three times heard, without a signal strength.
void check_heard(net::io_context& io, Radio& radio, Beacon& sender)
{
    REQUIRE(wait_for(io, radio, sender, [&] { return radio.ready() && sender.idle(); }));
    const auto before = radio.seen.size();
    for (int times = 0; times < 3; ++times) sender.advertise();
    REQUIRE(wait_for(io, radio, sender,
                     [&] { return sender.idle() && radio.seen.size() >= before + 3; }));
    CHECK(radio.seen.size() == before + 3);
    for (const auto& sighting : radio.seen) {
        CHECK(sighting.token == token);
        CHECK_FALSE(sighting.rssi_dbm.has_value());
        CHECK_FALSE(sighting.rotating);
    }
    CHECK(sender.refusals == std::vector<std::string>{});
    CHECK(radio.garbled == std::vector<std::string>{});
}

/// btvirt, for one story: it is gone when that ends.
struct Shop {
    Shop()
    {
        if (!room.why_not().empty())
            WARN("skipped: this machine cannot have a btvirt of its own: " << room.why_not());
    }
    explicit operator bool() const { return room.why_not().empty(); }
    BluezRoom* operator->() { return &room; }

    BluezRoom room;
};

}  // namespace

TEST_CASE("bluez: a controller is not asked for extended scanning that it does not claim",
          "[wire][bluez]")
{
    Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_btvirt();
    Radio radio{io, shop->low_energy()};
    Beacon sender{io, shop->low_energy(), legacy_beacon};
    check_heard(io, radio, sender);
    CHECK(radio.state().reason.starts_with("scanning, legacy, HCI version"));
    CHECK(radio.opcodes
          == std::vector<std::string>{"0c03", "1001", "1002", "2003", "0c01", "2001", "200b",
                                      "200c"});
}

TEST_CASE(
    "bluez: a controller that claims too much refuses by status, and is scanned with as of old",
    "[wire][bluez]")
{
    Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_btvirt();
    Radio radio{io, shop->low_energy(), true};
    Beacon sender{io, shop->low_energy(), legacy_beacon};
    check_heard(io, radio, sender);
    CHECK(radio.state().reason.starts_with("scanning, legacy"));
    const std::vector<std::string> ending{"2041", "0c03", "1001", "1002", "2003",
                                          "0c01", "2001", "200b", "200c"};
    REQUIRE(radio.opcodes.size() == 15);
    CHECK(std::equal(ending.begin(), ending.end(), radio.opcodes.begin() + 6));
    CHECK(radio.link().counters().opened == 1);
}

TEST_CASE("bluez: extended scanning hears beacons of old and of Bluetooth 5", "[wire][bluez]")
{
    Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_btvirt();
    Radio radio{io, shop->dual_mode(), true};
    for (const auto& kind : {extended_beacon(legacy_properties), extended_beacon(no_properties)}) {
        Beacon sender{io, shop->dual_mode(), kind};
        check_heard(io, radio, sender);
    }
    CHECK(radio.state().reason.starts_with("scanning, extended"));
    CHECK(radio.asked("2042"));
    CHECK_FALSE(radio.asked("200b"));
    CHECK_FALSE(radio.asked("200c"));
}

TEST_CASE("bluez: a controller that knows both kinds and claims neither is scanned with as of old",
          "[wire][bluez]")
{
    Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_btvirt();
    Radio radio{io, shop->dual_mode()};
    Beacon sender{io, shop->dual_mode(), legacy_beacon};
    check_heard(io, radio, sender);
    CHECK(radio.state().reason.starts_with("scanning, legacy"));
    CHECK_FALSE(radio.asked("2041"));
}

TEST_CASE("bluez: a controller that dies is missed, looked for, and heard again", "[wire][bluez]")
{
    Shop shop;
    if (!shop) return;
    net::io_context io;
    // It is not there yet.
    Radio radio{io, shop->low_energy()};
    Beacon sender{io, shop->low_energy(), legacy_beacon};
    REQUIRE(run_until(io, [&] { return radio.link().counters().failed >= 3; }));
    CHECK(radio.downs.size() == 1);
    for (unsigned life = 1; life <= 3; ++life) {
        CAPTURE(life);
        shop->start_btvirt();
        check_heard(io, radio, sender);
        CHECK(radio.seen.size() == life * 3);
        CHECK(radio.link().counters().opened == life);
        const auto told = radio.downs.size();
        const auto failed = radio.link().counters().failed;
        shop->kill_btvirt();
        REQUIRE(run_until(io, [&] { return radio.link().counters().failed >= failed + 3; }));
        CHECK_FALSE(radio.link().up());
        CHECK(radio.state().phase == DevicePhase::down);
        REQUIRE(radio.downs.size() == told + 2);  // that it went, and what keeps it away
        CHECK(radio.downs[told] == "closed by the other side");
        CHECK(radio.downs[told + 1].ends_with("Connection refused"));
    }
}
