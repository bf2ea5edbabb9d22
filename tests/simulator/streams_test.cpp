#include "daemon/simulator/streams.hpp"
#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/catalog.hpp"
#include "tests/simulator/scenarios.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <tuple>

using namespace raiten;
using namespace raiten::simulator;
using namespace raiten::test;

namespace {

/// (at, token, rssi, rotating)
using Heard = std::tuple<Instant, std::string, int, bool>;

struct Caught {
    std::multiset<Heard> heard;
    std::vector<Reading> readings;
    std::size_t garbled{};
};

std::vector<std::byte> whole_stream(const Store& store, const Day& day, std::uint16_t reader)
{
    auto bytes = stream_head(store.plan().readers[reader]);
    const auto rest = stream_of(store, day, reader);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

Caught decoded_btsnoop(const std::vector<std::byte>& bytes)
{
    using namespace drivers::ble;
    Caught out;
    Btsnoop file;
    AdvertisementReader advertisements;
    Instant at;
    const Refuse refuse = [&](const Garbled&) { ++out.garbled; };
    const TellDamage damage = [&](const Problem&) { ++out.garbled; };
    const auto hear = [&](const Advertisement& advertisement) {
        const auto seen = sighting(advertisement, refuse);
        if (seen) out.heard.insert({at, seen->token, seen->rssi_dbm.value_or(127), seen->rotating});
    };
    const TakePacket take = [&](const CapturedPacket& packet) {
        at = packet.at.value_or(Instant{});
        advertisements.take(packet.packet, hear, refuse);
    };
    file.feed(bytes, take, damage);
    file.finish(take, damage);
    advertisements.finish(hear);
    return out;
}

Caught decoded(const Reader& reader, const std::vector<std::byte>& bytes)
{
    const auto name = stream_name(reader);
    const auto format = name.substr(name.find('.') + 1);
    drivers::Options options;
    options.currency = "JPY";
    auto translator = drivers::find_driver(format)->listen(options).value();
    Caught out;
    const drivers::Tell tell = [&](const Reading& reading) {
        if (const auto* garbled = std::get_if<Garbled>(&reading)) {
            out.garbled += garbled->bytes > 0 ? 1U : 0U;
            return;
        }
        out.readings.push_back(reading);
    };
    translator->feed(bytes, tell);
    translator->finish(tell);
    return out;
}

/// The arrivals of a reader by their own times, each once.
std::vector<Arrival> told(const Day& day, std::uint16_t reader)
{
    std::set<std::tuple<Instant, std::uint32_t, int>> seen;
    std::vector<Arrival> out;
    for (const auto& one : day.arrivals) {
        const bool state =
            one.kind == Arrival::Kind::reader_up || one.kind == Arrival::Kind::reader_down;
        if (one.reader == reader && !state
            && seen.insert({one.at, one.number, one.rssi_dbm}).second)
            out.push_back(one);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    return out;
}

void same_receipt(const Slip& slip, const std::string& card, const ReceiptRead& read)
{
    CAPTURE(slip.number);
    CHECK(read.number == slip.number);
    CHECK(read.kind == slip.kind);
    CHECK(read.token == card);
    CHECK(read.total == slip.total);
    CHECK(read.currency == "JPY");
    CHECK(read.refers_to == slip.refers_to);
    REQUIRE(read.lines.size() == slip.lines.size());
    for (std::size_t n = 0; n < slip.lines.size(); ++n) {
        CHECK(read.lines[n].name == slip.lines[n].name);
        CHECK(read.lines[n].quantity == slip.lines[n].quantity);
        CHECK(read.lines[n].amount == slip.lines[n].amount);
    }
}

}  // namespace

TEST_CASE("streams: the real drivers find in them what the events say", "[simulator]")
{
    auto scenario = small_scenario(600);
    scenario.crowd = Crowd::crowded;
    scenario.advertising = std::chrono::seconds{10};
    Store store{scenario, 31};
    Day day;
    std::size_t undone = 0;
    std::map<Reader::Kind, std::size_t> found;
    for (std::uint32_t number = 0; number < 2; ++number) {
        store.day(number, day);
        for (std::uint16_t reader = 0; reader < store.plan().readers.size(); ++reader) {
            const auto& device = store.plan().readers[reader];
            CAPTURE(number, device.name);
            const auto bytes = whole_stream(store, day, reader);
            const auto expected = told(day, reader);
            if (device.kind == Reader::Kind::tap) {
                CHECK(bytes.empty());
                continue;
            }
            if (device.kind == Reader::Kind::bluetooth) {
                const auto caught = decoded_btsnoop(bytes);
                std::multiset<Heard> said;
                for (const auto& one : expected) {
                    const auto& tag = store.tag(day, one.number);
                    said.insert({one.at, tag.token, one.rssi_dbm, tag.rotating});
                }
                CHECK(caught.garbled == 0);
                CHECK(caught.heard.size() == said.size());
                CHECK(caught.heard == said);
                found[device.kind] += said.size();
                continue;
            }
            const auto caught = decoded(device, bytes);
            CHECK(caught.garbled == 0);
            REQUIRE(caught.readings.size() == expected.size());
            found[device.kind] += expected.size();
            for (std::size_t n = 0; n < expected.size(); ++n) {
                if (device.kind == Reader::Kind::till) {
                    const auto& slip = day.slips[expected[n].number];
                    undone += slip.kind != ReceiptKind::sale ? 1U : 0U;
                    const auto card = slip.card ? store.tag(day, *slip.card).token : std::string{};
                    same_receipt(slip, card, std::get<ReceiptRead>(caught.readings[n]));
                } else {
                    CHECK(std::get<TokenShown>(caught.readings[n]).token
                          == store.tag(day, expected[n].number).token);
                }
            }
        }
    }
    CHECK(found[Reader::Kind::bluetooth] > 10'000);
    CHECK(found[Reader::Kind::till] > 100);
    CHECK(found[Reader::Kind::scanner] > 3);
    CHECK(found[Reader::Kind::desk] > 0);
    CHECK(undone > 0);
}
