#include "tests/devices/nfc_module.hpp"
#include "tests/devices/shop_floor.hpp"
#include "tests/devices/terminal.hpp"
#include "tests/support/receipt_writer.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <optional>

/// Readers at the end of a serial line, pulled out and put back.
using namespace raiten;
using namespace raiten::test;

namespace {

/// A tag on the coil of an RDM6300: STX, version, number, the XOR of those five bytes, ETX.
std::string tag(std::uint32_t number)
{
    constexpr unsigned version = 0x42;
    unsigned sum = version;
    for (const unsigned shift : {0U, 8U, 16U, 24U}) sum ^= number >> shift & 0xFFU;
    return fmt::format("\x02{:02X}{:08X}{:02X}\x03", version, number, sum);
}

std::string at_the_line(const std::string& path, const std::string& format, int baud)
{
    return reader_section("desk", "checkin-serial",
                          "zone = \"entrance\"\nformat = \"" + format + "\"\ndevice = \"serial:"
                              + path + "@" + std::to_string(baud) + "\"\n");
}

}  // namespace

//  tag    |||||||||||||||||||||   pulled out          tag of another
//  reader up                      down, with a reason up
//  visit  ============================================= one, of one check-in
TEST_CASE("an RFID reader: a resting tag is one check-in, a pulled plug ends no visit",
          "[devices][serial]")
{
    const TempFolder folder;
    const auto path = folder.file("reader");
    std::optional<Terminal> line{path};
    ShopFloor floor{floor_rules() + at_the_line(path, "rdm6300", 9'600)};
    floor.box.enrol("ann", "card:0001234567");
    floor.box.enrol("ben", "card:4294967295");
    REQUIRE(floor.until_state("desk", "up"));

    // It lies there for longer than the debounce, which slides with it.
    constexpr std::size_t frames = 20;
    for (std::size_t i = 1; i <= frames; ++i) {
        line->say(tag(1'234'567));
        REQUIRE(floor.until_readings("desk", i));
        let_pass(floor.io, std::chrono::milliseconds{200});
    }
    CHECK(floor.counted("duplicates") == frames - 1);
    REQUIRE(floor.until_open("ann"));
    const auto visits = visits_of(floor.box, "ann");
    CHECK(visits[0]["zone"] == "entrance");
    CHECK(visits[0]["dwell_s"].is_null());  // deliberate observations alone

    line.reset();
    REQUIRE(floor.until_state("desk", "down"));
    CHECK(reader_of(floor.box, "desk")["reason"] != "");
    CHECK(floor.reader_metric("up", "desk") == 0);
    CHECK(floor.reader_metric("down_total", "desk") == 1);
    CHECK(visits_of(floor.box, "ann") == visits);
    let_pass(floor.io, longer_than_exit);
    CHECK(visits_of(floor.box, "ann") == visits);

    line.emplace(path);  // plugged in again, under its old name
    REQUIRE(floor.until_state("desk", "up"));
    line->say(tag(4'294'967'295));
    REQUIRE(floor.until_visit("ben"));
    CHECK(visits_of(floor.box, "ann") == visits);
    CHECK(floor.open_visits().size() == 2);
    CHECK(reader_of(floor.box, "desk")["garbled"].empty());
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("a reader that is not there at the start is taken up when it comes", "[devices][serial]")
{
    const TempFolder folder;
    const auto path = folder.file("reader");
    ShopFloor floor{floor_rules() + at_the_line(path, "rdm6300", 9'600)};
    floor.box.enrol("ann", "card:0001234567");
    REQUIRE(floor.until([&] {
        const std::string reason = reader_of(floor.box, "desk")["reason"];
        return reason.find("is the device plugged in?") != reason.npos;
    }));
    const Terminal line{path};
    REQUIRE(floor.until_state("desk", "up"));
    line.say(tag(1'234'567));
    CHECK(floor.until_visit("ann"));
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("a scanner: cards and codes come in, a code that was misread does not",
          "[devices][serial]")
{
    const TempFolder folder;
    const auto path = folder.file("scanner");
    const Terminal line{path};
    ShopFloor floor{floor_rules() + at_the_line(path, "scanner", 115'200)};
    const auto ann = stage::with_check_digit("290000000001");
    floor.box.enrol("ann", "card:" + ann);
    floor.box.enrol("ben", "qr:https://app.example/m/ben");
    REQUIRE(floor.until_state("desk", "up"));

    auto misread = ann;
    misread[5] = misread[5] == '0' ? '7' : '0';
    line.say(misread + "\r");
    REQUIRE(floor.until([&] { return floor.reader_metric("garbled_total", "desk") == 1; }));
    CHECK(reader_of(floor.box, "desk")["garbled"]["a code with a wrong check digit"] == 1);
    CHECK(floor.counted("checkins") == 0);

    line.say(ann + "\r");
    REQUIRE(floor.until_visit("ann"));
    CHECK(visits_of(floor.box, "ben").empty());
    line.say("https://app.example/");  // a slow line: in two parts
    line.say("m/ben\r\n");
    REQUIRE(floor.until_visit("ben"));
    CHECK(reader_of(floor.box, "desk")["readings"] == 2);
    CHECK(floor.counted("unknown_tokens") == 0);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("an NFC module: a FeliCa card is one member, whichever of its systems answers",
          "[devices][serial]")
{
    const TempFolder folder;
    const auto path = folder.file("module");
    ShopFloor floor{floor_rules({.checkin_debounce = "0s"}) + at_the_line(path, "pn532", 115'200)};
    // As another reader has shown it: system 2 of the card.
    floor.box.enrol("ann", "felica:214011111111b660");
    NfcModule module{floor.io, path};
    REQUIRE(floor.until_state("desk", "up"));
    const std::string reason = reader_of(floor.box, "desk")["reason"];
    CHECK(reason == "polling, PN532 firmware 1.6");

    const std::string pmm = "01188b868fbecbff";
    module.felica = "014011111111b660" + pmm;
    REQUIRE(floor.until_visit("ann"));
    const auto taken_away = [&] {
        module.felica.clear();
        const auto before = module.polls;
        REQUIRE(floor.until([&] { return module.polls > before + 6; }));
    };
    taken_away();
    module.felica = "114011111111b660" + pmm;
    REQUIRE(floor.until_readings("desk", 2));
    CHECK(is_open_alone(visits_of(floor.box, "ann")));
    CHECK(floor.counted("checkins") == 2);
    CHECK(floor.counted("unknown_tokens") == 0);

    taken_away();
    module.felica = "014022222222b660" + pmm;  // somebody else's
    REQUIRE(floor.until_readings("desk", 3));
    CHECK(floor.counted("unknown_tokens") == 1);
    CHECK(floor.open_visits().size() == 1);
    CHECK(floor.box.stop() == 0);
}
