#include "drivers/card/identity.hpp"

#include "drivers/card/pcsc.hpp"
#include "tests/drivers/checkin.hpp"

#include <map>
#include <tuple>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;
using card::Technology;

namespace {

std::string text_of(const Taken<std::string>& token)
{
    return token.has_value() ? *token : "refused: " + std::string{token.error().why};
}
std::string uid(std::string_view bytes)
{
    return text_of(card::uid_token(hex(bytes)));
}
std::string idm(std::string_view bytes)
{
    return text_of(card::idm_token(hex(bytes)));
}
std::string shown(std::string_view atr, std::string_view answer)
{
    const Octets atr_bytes = hex(atr);
    const Octets answer_bytes = hex(answer);
    return text_of(card::card_token({atr_bytes, answer_bytes}));
}

std::string storage(std::string_view standard_and_name)
{
    return "3b8f8001804f0ca000000306" + std::string{standard_and_name} + "00000000" + "6a";
}

}  // namespace

TEST_CASE("card: a card's number is its identity, unless it is drawn anew", "[drivers][card]")
{
    CHECK(uid("04a1b2c3") == "nfc:04a1b2c3");
    CHECK(uid("0416c6c2d73881") == "nfc:0416c6c2d73881");
    CHECK(uid("04112233445566778899") == "nfc:04112233445566778899");
    CHECK(uid("e004010203040506") == "nfc:e004010203040506");
    CHECK(uid("0816c6c2d73881") == "nfc:0816c6c2d73881");  // 08 is random in four bytes only

    CHECK(uid("08a1b2c3") == "refused: a random card number");
    CHECK(uid("88041122") == "refused: half of a card number");
    CHECK(uid("00000000") == "refused: a card without a number");
    CHECK(uid("ffffffffffffff") == "refused: a card without a number");
    for (const auto* odd : {"", "04", "0411223344", "0411223344556677889900"})
        CHECK(uid(odd) == "refused: a card number of a length that no card has");
}

TEST_CASE("card: a FeliCa card has one token, whatever system the reader selected",
          "[drivers][card]")
{
    for (const char system : {'0', '1', '2', 'f'})
        CHECK(idm(std::string{system} + "14011111111b660") == "felica:014011111111b660");
    CHECK(idm("0101020304050607") == "felica:0101020304050607");
    CHECK(idm("01fe010203040506") == "refused: an NFC-DEP device, not a card");
    CHECK(idm("0000000000000000") == "refused: a card without a number");
    CHECK(idm("01020304050607") == "refused: a FeliCa id that has not eight bytes");
}

TEST_CASE("card: what a PC/SC reader told about a card becomes its token", "[drivers][card]")
{
    const std::string felica = storage("11003b");
    const std::string classic = storage("030001");
    CHECK(shown(classic, "04a1b2c39000") == "nfc:04a1b2c3");
    CHECK(shown(felica, "f14011111111b6609000") == "felica:014011111111b660");
    CHECK(shown(storage("10003b"), "114011111111b6609000") == "felica:014011111111b660");
    CHECK(shown(storage("0b0014"), "e0040102030405069000") == "nfc:e004010203040506");
    CHECK(shown("3b8180018080", "0411223344556690 00") == "nfc:04112233445566");  // a smart card
    CHECK(shown("3b8880011c2d9411f7718500be", "08112233 9000") == "refused: a random card number");
    CHECK(shown(classic, "04a1b2c36282") == "nfc:04a1b2c3");

    CHECK(shown(storage("050000"), "112233449000") == "refused: a random card number");
    CHECK(shown(storage("060007"), "d0020102030405069000") == "nfc:d002010203040506");
    CHECK(shown(storage("0d0000"), "112233449000")
          == "refused: a contact card, which has no number");
    CHECK(shown("3b6500002063cb6800", "112233449000") == "refused: not a contactless card");
    CHECK(shown("", "112233449000") == "refused: not a contactless card");
    CHECK(shown(classic, "6a81") == "refused: a card whose number this reader cannot ask for");
    CHECK(shown(classic, "6300") == "refused: a card that was taken away too soon");
    CHECK(shown(classic, "6700") == "refused: a reader's answer with an error");
    CHECK(shown(classic, "9000") == "refused: a card without a number");
    CHECK(shown(classic, "90") == "refused: a reader's answer cut short");
    CHECK(shown(felica, "04a1b2c39000") == "refused: a FeliCa id that has not eight bytes");
}

TEST_CASE("card: an ATR of another length or shape is no contactless card", "[drivers][card]")
{
    const Octets atr = hex(storage("11003b"));
    REQUIRE(card::technology(atr) == Technology::felica);
    for (std::size_t size = 0; size < atr.size(); ++size)
        CHECK(card::technology(std::span{atr}.first(size)) == Technology::unknown);
    CHECK(card::technology(joined({atr, hex("00")})) == Technology::unknown);
    CHECK(card::technology(hex("3b80800101")) == Technology::iso14443_4);
}

TEST_CASE("card: every contactless ATR that is known", "[drivers][card][shared]")
{
    // The list names standards and products; what they stand for is said here. A pattern that
    // leaves the standard open is tried with all of them.
    const std::map<std::string, Technology> by_standard{
        {"00", Technology::unnamed},        {"01", Technology::iso14443_a},
        {"02", Technology::iso14443_a},     {"03", Technology::iso14443_a},
        {"05", Technology::iso14443_b},     {"06", Technology::iso14443_b},
        {"07", Technology::iso14443_b},     {"09", Technology::iso15693},
        {"0A", Technology::iso15693},       {"0B", Technology::iso15693},
        {"0C", Technology::iso15693},       {"0D", Technology::contact_memory},
        {"0E", Technology::contact_memory}, {"0F", Technology::contact_memory},
        {"10", Technology::felica},         {"11", Technology::felica},
        {"40", Technology::low_frequency}};
    const std::vector<std::pair<std::string, Technology>> by_words{
        {"FeliCa", Technology::felica},           {"14443 Type A", Technology::iso14443_a},
        {"14443A", Technology::iso14443_a},       {"14443 Type B", Technology::iso14443_b},
        {"14443B", Technology::iso14443_b},       {"15693", Technology::iso15693},
        {"(7816-10)", Technology::contact_memory}};

    const auto vectors = shared_vectors("readers/vectors/pcsc_contactless_atr.json");
    for (const auto& vector : vectors) {
        const auto pattern = vector["atr_pattern"].get<std::string>();
        INFO(pattern);
        REQUIRE(pattern.size() == 59);
        for (const auto& [standard, expected] : by_standard) {
            std::string atr = pattern;
            if (atr.substr(36, 2) == "..") atr.replace(36, 2, standard);
            if (atr.substr(36, 2) != standard) continue;
            const bool felica = atr.substr(39, 5) == "00 3B";
            for (std::size_t at = atr.find('.'); at != std::string::npos; at = atr.find('.'))
                atr[at] = '5';
            const auto technology = card::technology(hex(atr));
            CHECK(technology == (felica ? Technology::felica : expected));

            // What the list says in words must agree; where it names two things, either.
            bool said = false;
            bool agrees = false;
            for (const auto& text : vector["desc"])
                for (const auto& [words, meant] : by_words)
                    if (text.get<std::string>().find(words) != std::string::npos) {
                        said = true;
                        agrees = agrees || technology == meant;
                    }
            if (pattern.substr(36, 2) != "..") CHECK((!said || agrees));
        }
    }
}
