#include "drivers/rfid/rdm6300.hpp"

#include "drivers/noise.hpp"
#include "drivers/rfid/em4100.hpp"
#include "tests/drivers/checkin.hpp"

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

Octets frame(std::string_view digits)
{
    return octets("\x02" + std::string{digits} + "\x03");
}

Octets id12_frame(std::string_view digits)
{
    return octets("\x02" + std::string{digits} + "\r\n\x03");
}

Lines told_of(const Octets& bytes)
{
    return told_whole(make_rdm6300, bytes);
}

const std::string shown = "shown card:0003909740";

}  // namespace

TEST_CASE("rdm6300: a tag is told as the number that is printed on it", "[drivers][rfid]")
{
    CHECK(told_of(frame("67003BA86C98")) == Lines{shown});
    CHECK(told_of(id12_frame("67003BA86C98")) == Lines{shown});
    CHECK(told_of(frame("67003ba86c98")) == Lines{shown});
    CHECK(told_of(frame("01FFFFFFFF01")) == Lines{"shown card:4294967295"});
    // Resting on the reader: every frame is told, the engine makes one check-in.
    CHECK(told_of(joined({frame("67003BA86C98"), frame("67003BA86C98")})) == Lines{shown, shown});
}

TEST_CASE("rdm6300: what is no tag is garbled with its reason", "[drivers][rfid]")
{
    CHECK(told_of(frame("68003B51C6CB")) == Lines{"garbled 14: a tag with a wrong checksum"});
    CHECK(told_of(id12_frame("68003B51C6CB")) == Lines{"garbled 16: a tag with a wrong checksum"});
    CHECK(told_of(frame("000000000000")) == Lines{"garbled 14: a tag without a number"});
    CHECK(told_of(frame("")) == Lines{"garbled 2: no frame of a tag"});
    CHECK(told_of(frame("67003BA86C9")) == Lines{"garbled 13: no frame of a tag"});
    CHECK(told_of(octets("\x02"
                         "67003B"))
          == Lines{"garbled 7: no frame of a tag"});
    CHECK(told_of({}).empty());
}

TEST_CASE("rdm6300: nothing behind garbage is lost", "[drivers][rfid]")
{
    const Octets good = frame("67003BA86C98");
    for (const auto* before : {"\x02", "\x02\x02", "\x03", "xyz",
                               "\x02"
                               "6700",
                               "\x02"
                               "67003BA86C98",
                               "\x02"
                               "67003BA86C98\r",
                               "\x02"
                               "67003BA86C98\r\n"}) {
        INFO(to_hex(octets(before)));
        CHECK(told_of(joined({octets(before), good}))
              == Lines{"garbled " + std::to_string(std::string_view{before}.size())
                           + ": no frame of a tag",
                       shown});
    }
    CHECK(told_of(joined({octets("\r\n\r\n"), good, octets("\r\n"), good})) == Lines{shown, shown});
}

TEST_CASE("rdm6300: noise is told in bounded runs", "[drivers][rfid]")
{
    CHECK(told_of(Octets(2 * Noise::run_max + 1, std::byte{0x55}))
          == Lines{"garbled 4096: no frame of a tag", "garbled 4096: no frame of a tag",
                   "garbled 1: no frame of a tag"});
}

TEST_CASE("rdm6300: cut and damaged anywhere", "[drivers][rfid]")
{
    const Octets day = joined({frame("67003BA86C98"), octets("??"), id12_frame("67003BA86C98"),
                               frame("68003B51C6CB"),
                               octets("\x02"
                                      "6700"),
                               frame("01FFFFFFFF01"), octets("\x02")});
    check_cut_anywhere(make_rdm6300, day);
    check_damage_anywhere(make_rdm6300, day, frame("67003BA86C98"), shown);

    // No damaged byte of a frame makes another card of it.
    const Octets good = frame("67003BA86C98");
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            Octets damaged = good;
            damaged[at] = static_cast<std::byte>(value);
            for (const std::string& told : told_of(damaged))
                if (told.starts_with("shown")) CHECK(told == shown);
        }
    }
}

TEST_CASE("rdm6300: every tag of others' tests", "[drivers][rfid][shared]")
{
    for (const auto& vector : shared_vectors("readers/vectors/serial.rdm6300.json")) {
        const auto digits = vector["input"]["between_STX_ETX"].get<std::string>();
        const auto& expected = vector["expected"];
        INFO(vector["id"]);
        const bool valid = !expected.is_null() && expected["is_valid"].get<bool>();
        const auto tag = rfid::read_em4100(digits);
        REQUIRE(tag.has_value() == valid);
        const Lines lines = told_of(frame(digits));
        if (valid) {
            CHECK(tag->number == expected["value"].get<std::uint32_t>());
            CHECK(tag->version == expected["type"].get<unsigned>());
            CHECK(lines == Lines{"shown " + rfid::card_token(*tag)});
        } else {
            REQUIRE(lines.size() == 1);
            CHECK(lines[0].starts_with("garbled " + std::to_string(digits.size() + 2) + ": "));
        }
    }
}
