#include "drivers/wiegand/wiegand.hpp"

#include "drivers/noise.hpp"
#include "tests/drivers/checkin.hpp"
#include "tests/drivers/wiegand/card_writer.hpp"

#include <set>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

Lines told_of(const std::string& text)
{
    return told_whole(make_wiegand, octets(text));
}

Lines told_of_line(const std::string& line)
{
    return told_of(line + "\r\n");
}

Lines garbled(std::size_t bytes, const std::string& why)
{
    return {"garbled " + std::to_string(bytes) + ": " + why};
}

std::string hex_of(std::string bits)
{
    while (bits.size() % 4 != 0) bits.insert(0, "0");
    std::string digits;
    for (std::size_t i = 0; i < bits.size(); i += 4)
        digits += "0123456789ABCDEF"[std::stoul(bits.substr(i, 4), nullptr, 2)];
    return digits;
}

std::string counted(const std::string& bits)
{
    return std::to_string(bits.size()) + ":" + hex_of(bits);
}

const std::string shown = "shown card:12304567";

/// The number behind `name` and any blanks: "FC: 50", "--fc 50".
std::uint64_t number_behind(const std::string& text, const std::string& name)
{
    const auto at = text.find(name);
    if (at == std::string::npos) throw std::invalid_argument{"no " + name + " in " + text};
    return std::stoull(text.substr(at + name.size()));
}

/// HID's PACS data, "00 00A4550148AB": the first byte says how many of the last bits are unused.
std::string line_of_pacs(const std::string& hex)
{
    const std::size_t unused = std::stoul(hex.substr(0, 2), nullptr, 16);
    const std::uint64_t bits = std::stoull(hex.substr(2), nullptr, 16) >> unused;
    const std::size_t count = 4 * (hex.size() - 2) - unused;
    std::string text(count, '0');
    for (std::size_t i = 0; i < count; ++i)
        if ((bits >> i & 1U) != 0) text[count - 1 - i] = '1';
    return counted(text);
}

}  // namespace

TEST_CASE("wiegand: a card is told in whichever way the converter prints it", "[drivers][wiegand]")
{
    for (const auto* line :
         {"26:2F623AE", "26:02f623ae", "26:2006F623AE", "6F623AE", "06F623AE", "2006F623AE",
          "2006f623ae", "0000002006F623AE", "10111101100010001110101110"}) {
        INFO(line);
        CHECK(told_of_line(line) == Lines{shown});
    }
    CHECK(told_of("6F623AE\r6F623AE\n\n\r\n6F623AE\r\n") == Lines{shown, shown, shown});
    CHECK(told_of_line("86400007D3") == Lines{"shown card:0050000001001"});
    CHECK(told_of_line("00A4550148AB") == Lines{"shown card:00420690042069"});
    CHECK(told_of_line("100A4550148AB") == Lines{"shown card:00420690042069"});
}

TEST_CASE("wiegand: every format, as its data sheet draws it", "[drivers][wiegand]")
{
    std::set<std::size_t> token_sizes;
    for (const CardPicture& picture : card_pictures()) {
        const std::uint64_t facilities = std::uint64_t{1} << width_of(picture, "F");
        const std::uint64_t numbers = std::uint64_t{1} << width_of(picture, "CN");
        CHECK(token_sizes.insert(token_of(picture, 0, 0).size()).second);
        for (std::uint32_t seed = 0; seed <= 200; ++seed) {
            std::mt19937_64 random{seed};
            const std::uint64_t facility = seed == 0 ? facilities - 1 : random() % facilities;
            const std::uint64_t number = seed == 0 ? numbers - 1 : random() % numbers;
            const std::string bits = written(picture, facility, number);
            const Lines told{"shown " + token_of(picture, facility, number)};
            INFO(picture.name << " seed " << seed << ' ' << bits);
            REQUIRE(told_of_line(bits) == told);
            REQUIRE(told_of_line(counted(bits)) == told);

            std::string damaged = bits;
            char& bit = damaged[random() % damaged.size()];
            bit = bit == '0' ? '1' : '0';
            REQUIRE(told_of_line(damaged) == garbled(bits.size(), "a card with a wrong parity"));
        }
    }
}

TEST_CASE("wiegand: raw data is read by its mark, never as two cards at once", "[drivers][wiegand]")
{
    for (const CardPicture& picture : card_pictures()) {
        const std::uint64_t facilities = std::uint64_t{1} << width_of(picture, "F");
        const std::uint64_t numbers = std::uint64_t{1} << width_of(picture, "CN");
        if (picture.name == "H10304") continue;  // raw HID data of 37 bits has no mark
        for (std::uint32_t seed = 0; seed <= 200; ++seed) {
            std::mt19937_64 random{seed};
            const std::uint64_t facility = random() % facilities;
            const std::uint64_t number = random() % numbers;
            const std::string bits = written(picture, facility, number);
            const std::string told = "shown " + token_of(picture, facility, number);
            INFO(picture.name << " seed " << seed << ' ' << bits);
            REQUIRE(told_of_line(hex_of("1" + bits)) == Lines{told});
            if (bits.size() >= 37) continue;
            const std::string header = "1" + std::string(36 - bits.size(), '0') + "1" + bits;
            REQUIRE(told_of_line(hex_of(header)) == Lines{told});
        }
    }
    // 26 bits behind a mark or forty bits as they stand: the first, the other, neither, both.
    CHECK(told_of_line("0004000001") == Lines{"shown card:00000000"});
    CHECK(told_of_line("0006000600") == Lines{"shown card:0000050332416"});
    CHECK(told_of_line("000600006D") == garbled(10, "a card with a wrong parity"));
    CHECK(told_of_line("0006002001") == garbled(10, "a card that could be of two formats"));
}

TEST_CASE("wiegand: what is no card is garbled with its reason", "[drivers][wiegand]")
{
    for (const std::string line :
         {"hello", ":", "26:", ":6F623AE", "x:6F623AE", "-26:6F623AE", "26:-1", "26:0x2F623AE",
          " 26:2F623AE", "26:2F623AE ", "26:26:2F623AE", "-6F623AE", "26:00000000000000000",
          "101111011000100011101011102", "99999999999999999999:1"}) {
        INFO(line);
        CHECK(told_of_line(line) == garbled(line.size(), "a line that is no card"));
    }
    for (const std::string line : {"0", "1", "4:B", "8:A5", "0:0", "64:0", "27:2F623AE",
                                   "4294967295:1", "00000000000000000", "FFFFFFFFFFFFFFFF"}) {
        INFO(line);
        CHECK(told_of_line(line) == garbled(line.size(), "a card of an unknown number of bits"));
    }
    CHECK(told_of_line("26:12F623AE") == garbled(11, "more bits than the line says"));
    CHECK(told_of_line("26:2F623AF") == garbled(10, "a card with a wrong parity"));
    CHECK(told_of_line("26:0") == garbled(4, "a card with a wrong parity"));  // a stuck wire
    CHECK(told_of_line("26:3FFFFFF") == garbled(10, "a card with a wrong parity"));
    CHECK(told_of("2006F623AE") == garbled(10, "a card cut off before its end"));
    CHECK(told_of("").empty());
}

TEST_CASE("wiegand: a line without end is told in bounded runs", "[drivers][wiegand]")
{
    const std::string why = ": a line longer than any card";
    CHECK(told_of(std::string(64, '0') + "\n6F623AE\n")
          == Lines{"garbled 64: a card of an unknown number of bits", shown});
    CHECK(told_of(std::string(65, '0') + "\n6F623AE\n") == Lines{"garbled 65" + why, shown});
    CHECK(told_of(std::string(2 * Noise::run_max + 1, '1'))
          == Lines{"garbled 4096" + why, "garbled 4096" + why, "garbled 1" + why});
}

TEST_CASE("wiegand: cut and damaged anywhere", "[drivers][wiegand]")
{
    const Octets day = octets(
        "26:2F623AE\r\n2006F623AE\n\n86400007D3\r10111101100010001110101110\n"
        "26:2F623AF\nhello\n"
        + std::string(70, '1') + "\n100A4550148AB\r\n");
    const Octets next = octets("\n6F623AE\n");
    check_cut_anywhere(make_wiegand, day);
    check_cut_anywhere(make_wiegand, octets("6F623AE\n26:2F6"));
    check_damage_anywhere(make_wiegand, day, next, shown);
    check_garbage(make_wiegand, next, shown);
}

TEST_CASE("wiegand: every card that others decode from raw data", "[drivers][wiegand][shared]")
{
    const auto pictures = card_pictures();
    for (const auto& vector : shared_vectors("readers/vectors/wiegand.raw_decode.json")) {
        INFO(vector["id"]);
        const auto match = vector["expected"]["match"].get<std::string>();
        // Without a name it is what the tool tries first.
        const auto named = match.find(".*");
        const std::string name = named == std::string::npos ? "H10301" : match.substr(0, named);
        const std::string token = token_of(picture_of(pictures, name), number_behind(match, "FC:"),
                                           number_behind(match, "CN:"));
        CHECK(told_of_line(vector["input"]["raw_hex"].get<std::string>())
              == Lines{"shown " + token});
    }
}

TEST_CASE("wiegand: every card that others encode", "[drivers][wiegand][shared]")
{
    const auto pictures = card_pictures();
    for (const auto& vector : shared_vectors("readers/vectors/wiegand.encode.json")) {
        INFO(vector["id"]);
        const auto args = vector["input"]["args"].get<std::string>();
        const auto match = vector["expected"]["match"].get<std::string>();
        const auto name_at = args.find("-w ") + 3;
        const std::string name = args.substr(name_at, args.find(' ', name_at) - name_at);
        const std::uint64_t facility = number_behind(args, "--fc ");
        const std::uint64_t number = number_behind(args, "--cn ");
        const CardPicture& picture = picture_of(pictures, name);

        const std::string hex = match.substr(match.rfind(' ') + 1);
        const bool pacs = args.find("--new") != std::string::npos;
        const std::string line = pacs ? line_of_pacs(hex) : hex;
        CHECK(told_of_line(line) == Lines{"shown " + token_of(picture, facility, number)});
        if (pacs) CHECK(line == counted(written(picture, facility, number)));
    }
}
