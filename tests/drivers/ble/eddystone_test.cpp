#include "drivers/ble/eddystone.hpp"
#include "drivers/ble/payload.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

const std::string by_address = "seen ble:e6:45:00:1b:2c:3d -67";
const std::string uid = "1716aafe00e3123456789012346789010000000000ab0000";
const std::string uid_seen = "seen eddystone-uid:123456789012346789010000000000ab -67";
const std::string tlm = "1116aafe20000bb815000000004500000258";
const std::string ibeacon = "1aff4c000215f7826da64fa24e988024bc5b71e0893e00010007c5";
const std::string ibeacon_seen = "seen ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7 -67";

Lines told_of(std::string_view data, const AllowList& allow = {},
              std::string_view address = "e645001b2c3d")
{
    Advertisement heard;
    const Octets bytes = hex(address);
    std::copy(bytes.begin(), bytes.end(), heard.address.begin());
    heard.address_type = AddressType::random;
    heard.rssi_dbm = -67;
    heard.data = hex(data);
    Lines lines;
    const auto seen = sighting(
        heard, [&](const Garbled& garbled) { lines.push_back(line(garbled)); }, allow);
    if (seen) lines.push_back(line(*seen));
    return lines;
}

/// The frame in service data, which must live as long as it.
Frame frame_in(const Octets& data)
{
    const Recognised recognised = recognise(AdStructure{0x16, data});
    REQUIRE(recognised.frame.has_value());
    return *recognised.frame;
}

std::string refusal(std::string_view data)
{
    const Octets bytes = hex(data);
    return std::string{recognise(AdStructure{0x16, bytes}).refused};
}

std::string url_in(std::string_view scheme_and_text)
{
    const Octets data = joined({hex("aafe10e3"), hex(scheme_and_text)});
    return url_of(std::get<EddystoneUrl>(frame_in(data)));
}

}  // namespace

TEST_CASE("eddystone: addresses are written out", "[drivers][ble]")
{
    CHECK(url_in("00 67 07") == "http://www.g.com");
    CHECK(url_in("01 67 00 61") == "https://www.g.com/a");
    CHECK(url_in("02 67 0d") == "http://g.gov");
    CHECK(url_in("03 67 06 08") == "https://g.gov/.org");
    CHECK(url_in("03") == "https://");
    const std::vector<std::string> endings{".com/", ".org/", ".edu/", ".net/", ".info/",
                                           ".biz/", ".gov/", ".com",  ".org",  ".edu",
                                           ".net",  ".info", ".biz",  ".gov"};
    for (std::size_t i = 0; i < endings.size(); ++i)
        CHECK(url_in("02" + to_hex(Octets{byte_of(i)})) == "http://" + endings[i]);

    CHECK(refusal("aafe10e3") == "Eddystone URL of the wrong length");
    CHECK(refusal("aafe10e303" + std::string(36, '6')) == "Eddystone URL of the wrong length");
    CHECK(refusal("aafe10e304") == "Eddystone URL of an unknown scheme");
    for (const auto* byte : {"0e", "20", "7f", "e3"})
        CHECK(refusal(std::string{"aafe10e303"} + byte)
              == "Eddystone URL with bytes that no address has");
}

TEST_CASE("eddystone: telemetry is read, and what the beacon cannot measure is left out",
          "[drivers][ble]")
{
    const Octets data = hex("aafe2000 0bb8 ff80 00000045 00000258");
    const auto frame = std::get<EddystoneTlm>(frame_in(data));
    CHECK(frame.battery_mv == 3000U);
    CHECK(frame.temperature_c == -0.5);
    CHECK(frame.advertisements == 69);
    CHECK(frame.running == Millis{60'000});

    const Octets mains = hex("aafe2000 0000 8000 ffffffff ffffffff");
    const auto without = std::get<EddystoneTlm>(frame_in(mains));
    CHECK_FALSE(without.battery_mv);
    CHECK_FALSE(without.temperature_c);
    CHECK(without.running == Millis{429'496'729'500});

    const Octets secret = hex("aafe2001 112233445566778899aabbcc 5a17 c4ec");
    const auto encrypted = std::get<EddystoneEncryptedTlm>(frame_in(secret));
    CHECK(to_hex(encrypted.data) == "112233445566778899aabbcc");
    CHECK(encrypted.salt == 0x5a17);
    CHECK(encrypted.check == 0xc4ec);

    CHECK(refusal("aafe20") == "Eddystone TLM of the wrong length");
    CHECK(refusal("aafe2000 0bb8 1500 00000045 000002") == "Eddystone TLM of the wrong length");
    CHECK(refusal("aafe2001 0bb8 1500 00000045 00000258")
          == "encrypted Eddystone TLM of the wrong length");
    CHECK(refusal("aafe2002 0bb8 1500 00000045 00000258") == "Eddystone TLM of an unknown version");
    CHECK(refusal("aafe30e3 00112233445566") == "Eddystone EID of the wrong length");
    CHECK(refusal("aafe41e3").empty());
}

TEST_CASE("eddystone: telemetry and addresses are nobody's identity", "[drivers][ble]")
{
    CHECK(told_of("0303aafe" + tlm) == Lines{by_address});
    CHECK(told_of("0e16aafe10e30373636170790a0000") == Lines{by_address});
    CHECK(told_of("1516aafe2001112233445566778899aabbcc5a17c4ec") == Lines{by_address});
    CHECK(told_of(uid + tlm) == Lines{uid_seen});
    CHECK(told_of(tlm + uid) == Lines{uid_seen});
    CHECK(told_of(tlm + ibeacon) == Lines{ibeacon_seen});
}

TEST_CASE("eddystone: an EID is an identity that changes by itself", "[drivers][ble]")
{
    CHECK(told_of("0d16aafe30e34549445f74657374")
          == Lines{"seen eddystone-eid:4549445f74657374 -67 rotating"});
}

TEST_CASE("payload: contact tracing marks its sender as rotating", "[drivers][ble]")
{
    CHECK(told_of("02011a03036ffd17166ffde23f352fa09307a85d4194912443180d484dc151")
          == Lines{by_address + " rotating"});
    CHECK(told_of("0f16 6efd e23f352fa09307a85d419491") == Lines{by_address});
}

TEST_CASE("payload: a store hears only the beacons that it allows", "[drivers][ble]")
{
    const auto allowed = [](std::vector<std::string> beginnings, const std::string& data) {
        return told_of(data, AllowList{std::move(beginnings)});
    };
    CHECK(allowed({}, ibeacon) == Lines{ibeacon_seen});
    CHECK(allowed({"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e"}, ibeacon)
          == Lines{ibeacon_seen});
    CHECK(allowed({"ibeacon:F7826DA6-4fa2"}, ibeacon) == Lines{ibeacon_seen});
    CHECK(allowed({"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7"}, ibeacon)
          == Lines{ibeacon_seen});
    CHECK(allowed({"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/77"}, ibeacon)
          == Lines{by_address});
    CHECK(allowed({"ibeacon:e2c56db5", "eddystone-uid:", "altbeacon:"}, ibeacon)
          == Lines{by_address});
    CHECK(allowed({"ibeacon:e2c56db5", "eddystone-uid:"}, ibeacon + uid) == Lines{uid_seen});
    CHECK(allowed({"eddystone-eid:"}, "0d16aafe30e34549445f74657374")
          == Lines{"seen eddystone-eid:4549445f74657374 -67 rotating"});
    CHECK(allowed({"ibeacon:"}, "0d16aafe30e34549445f74657374") == Lines{by_address});
    CHECK(allowed({"ibeacon:"}, "020106") == Lines{by_address});
}

TEST_CASE("payload: an allow-list is as good as trying its beginnings one by one", "[drivers][ble]")
{
    const unsigned seed = 20261122;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    const auto word = [&](std::size_t longest) {
        std::string out;
        for (auto left = dice() % (longest + 1); left > 0; --left) out.push_back("abc"[dice() % 3]);
        return out;
    };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> beginnings;
        for (auto left = 1 + dice() % 8; left > 0; --left) beginnings.push_back(word(5));
        const AllowList list{beginnings};
        for (int i = 0; i < 50; ++i) {
            const std::string token = word(7);
            const bool expected =
                std::any_of(beginnings.begin(), beginnings.end(),
                            [&](const std::string& one) { return token.starts_with(one); });
            CHECK(list.allows(token) == expected);
        }
    }
}
