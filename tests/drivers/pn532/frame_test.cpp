#include "drivers/pn532/frame.hpp"

#include "drivers/pn532/tap.hpp"
#include "drivers/pn532/target.hpp"
#include "tests/drivers/pn532/framed.hpp"

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

Lines told_of(const Octets& bytes)
{
    return told_whole(make_pn532_tap, bytes);
}

const Octets card_a = hex("d54b0101004400070416c6c2d73881");
const Octets card_f = hex("d54b010114010140111111 11b660 01188b868fbecbff 8008");
const std::string shown_a = "shown nfc:0416c6c2d73881";
const std::string shown_f = "shown felica:014011111111b660";

}  // namespace

TEST_CASE("pn532: a command's frame adds up", "[drivers][pn532]")
{
    CHECK(to_hex(pn532::framed(hex("d402"))) == "0000ff02fed4022a00");
    CHECK(to_hex(pn532::framed(hex("d4140100 00"))) == "0000ff05fbd4140100001700");
}

TEST_CASE("pn532: cards are told out of frames of any kind", "[drivers][pn532]")
{
    CHECK(told_of(framed(card_a)) == Lines{shown_a});
    CHECK(told_of(extended(card_a)) == Lines{shown_a});
    CHECK(told_of(joined({ack(), framed(card_f)})) == Lines{shown_f});
    CHECK(told_of(framed(hex("d54b00"))).empty());
    CHECK(told_of(joined({framed(hex("d44a0100")), ack(), framed(card_a), hex("0000ff01ff7f8100"),
                          framed(hex("d515")), framed(card_f)}))
          == Lines{shown_a, shown_f});
    // Two cards at once, the first with its ATS.
    CHECK(told_of(framed(
              hex("d54b02 01 0344 20 07 04112233445566 067577810280 02 0004 08 04 a1b2c3d4")))
          == Lines{"shown nfc:04112233445566", "shown nfc:a1b2c3d4"});
}

TEST_CASE("pn532: what is no card, and no frame, is garbled with its reason", "[drivers][pn532]")
{
    CHECK(told_of(framed(hex("d54b0101 0004 08 04 08b2c3d4")))
          == Lines{"garbled 4: a random card number"});
    CHECK(told_of(framed(hex("d54b0101 14 01 01fe111111 11b660 01188b868fbecbff ffff")))
          == Lines{"garbled 8: an NFC-DEP device, not a card"});
    CHECK(told_of(framed(hex("d54b0101 0004 08 05 08b2c3d4e5")))
          == Lines{"garbled 13: a PN532 target of no kind"});
    CHECK(told_of(framed(hex("d54b0101 0004 08 07 08b2c3d4e5")))
          == Lines{"garbled 13: a PN532 answer cut short"});
    CHECK(told_of(framed(hex("d54b03")))
          == Lines{"garbled 3: a PN532 answer with more cards than it can hold"});
    CHECK(told_of(framed(hex("d54b"))) == Lines{"garbled 2: a PN532 answer cut short"});

    Octets damaged = framed(card_a);
    damaged[12] ^= std::byte{1};  // within the UID: nobody may be greeted by another's name
    CHECK(told_of(joined({damaged, framed(card_f)}))
          == Lines{"garbled 21: no frame of a PN532", shown_f});
    CHECK(told_of(hex("0000ff0f")) == Lines{"garbled 2: no frame of a PN532"});
    CHECK(told_of(joined({hex("0000ffffff020a f4"), framed(card_a)}))  // 522 bytes: too long
          == Lines{"garbled 7: no frame of a PN532", shown_a});
}

TEST_CASE("pn532: bare answers, and hex lines", "[drivers][pn532]")
{
    CHECK(told_of(joined({card_a, card_f, hex("d54b00"), card_a}))
          == Lines{shown_a, shown_f, shown_a});
    CHECK(told_of(joined({card_a, hex("ffee"), card_f}))
          == Lines{shown_a, "garbled 2: no answer of a PN532", shown_f});
    const Octets with_ats = hex("d54b01 01 0344 20 07 04112233445566 067577810280");
    CHECK(told_of(joined({with_ats, card_f})) == Lines{"shown nfc:04112233445566", shown_f});
    CHECK(told_of(octets("4B0101004400070416C6C2D73881\n# the next with D5\n" + to_hex(card_f)
                         + "\r\n" + to_hex(framed(card_a)) + "\n4B00\nxy\n4b01"))
          == Lines{shown_a, shown_f, shown_a, "garbled 2: a line that is not hex",
                   "garbled 4: a PN532 answer cut short"});
}

TEST_CASE("pn532: cut and damaged anywhere", "[drivers][pn532]")
{
    const Octets frames =
        joined({hex("55550000"), ack(), framed(card_a), hex("77"), extended(card_f),
                hex("0000ff01ff7f8100"), framed(hex("d54b00")), hex("0000ff0ff1d54b")});
    check_cut_anywhere(make_pn532_tap, frames);
    check_damage_anywhere(make_pn532_tap, frames, joined({Octets(300), framed(card_a)}), shown_a);

    // No damaged byte of a frame makes another card of it.
    const Octets good = joined({ack(), framed(card_a)});
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            Octets damaged = good;
            damaged[at] = static_cast<std::byte>(value);
            for (const std::string& told : told_of(damaged))
                if (told.starts_with("shown")) CHECK(told == shown_a);
        }
    }
    check_cut_anywhere(make_pn532_tap, joined({card_a, hex("d5"), card_f, hex("d54b01")}));
    check_damage_anywhere(make_pn532_tap, joined({card_a, card_f}),
                          joined({Octets(64), framed(hex("d54b00")), Octets(64), card_a}), shown_a);
}

TEST_CASE("pn532: every answer of others' tests", "[drivers][pn532][shared]")
{
    for (const auto& vector : shared_vectors("readers/vectors/pn532_inlistpassivetarget.json")) {
        const auto answer = vector["input"]["response_after_D5"].get<std::string>();
        const auto& expected = vector["expected"];
        const Octets answer_bytes = hex(answer);
        INFO(vector["id"]);
        const auto targets = pn532::read_targets(std::span{answer_bytes}.subspan(1));
        REQUIRE(targets.has_value());
        Lines lines;
        if (expected.contains("targets")) {
            CHECK(targets->found.size() == expected["targets"].get<std::size_t>());
        } else {
            REQUIRE(targets->found.size() == 1);
            const pn532::Target& target = targets->found[0];
            const bool felica = expected.contains("idm");
            CHECK((target.kind == pn532::Target::Kind::felica) == felica);
            CHECK(target.id == hex(expected[felica ? "idm" : "uid"].get<std::string>()));
            if (felica)
                CHECK(target.system_code == hex(expected["system_code"].get<std::string>()));
            if (!felica)
                CHECK(Octets{target.sel_res} == hex(expected["sel_res"].get<std::string>()));
            lines = {"shown " + *pn532::token_of(target)};
        }
        const Octets bare = hex("d5" + answer);
        CHECK(told_of(framed(bare)) == lines);
        CHECK(told_of(extended(bare)) == lines);
        CHECK(told_of(bare) == lines);
        CHECK(told_of(octets(answer)) == lines);
    }
}
