// Every command's length: the text behind it survives, whatever the command's bytes are.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::tests;

namespace {

struct Sample {
    const char* name;
    std::string bytes;
};

std::string filled(std::initializer_list<int> head, std::size_t count)
{
    // Filled with letters: a byte too few skipped would show as text, one too many eats text.
    return raw(head) + std::string(count, 'x');
}

std::vector<Sample> samples()
{
    std::vector<Sample> all{
        {"DLE EOT", filled({0x10, 4}, 0) + "\x01"},
        {"DLE EOT 7", raw({0x10, 4, 7, 1})},
        {"DLE EOT 18", raw({0x10, 4, 18, 1})},
        {"DLE ENQ", filled({0x10, 5}, 1)},
        {"DLE DC4 1", filled({0x10, 0x14, 1}, 2)},
        {"DLE DC4 2", filled({0x10, 0x14, 2}, 2)},
        {"DLE DC4 3", filled({0x10, 0x14, 3}, 5)},
        {"DLE DC4 7", filled({0x10, 0x14, 7}, 1)},
        {"DLE DC4 8", filled({0x10, 0x14, 8}, 7)},
        {"ESC c 3", filled({0x1B, 'c', '3'}, 1)},
        {"ESC c 0", filled({0x1B, 'c', '0'}, 1)},
        {"ESC c 1", filled({0x1B, 'c', '1'}, 1)},
        {"ESC c 4", filled({0x1B, 'c', '4'}, 1)},
        {"ESC c 5", filled({0x1B, 'c', '5'}, 1)},
        {"FS a 0", filled({0x1C, 'a', '0'}, 1)},
        {"FS a 1", filled({0x1C, 'a', '1'}, 0)},
        {"DC2 *", filled({0x12, '*', 3, 5}, 15)},
        {"DC2 V", filled({0x12, 'V', 2, 0}, 96)},
        {"DC2 v", filled({0x12, 'v', 1, 1}, std::size_t{257} * 48)},
        {"ESC B", filled({0x1B, 'B'}, 2)},
        {"ESC * 0", filled({0x1B, '*', 0, 5, 0}, 5)},
        {"ESC * 33", filled({0x1B, '*', 33, 5, 1}, 3 * 261)},
        {"ESC &", filled({0x1B, '&', 3, 'A', 'B', 2}, 6) + filled({1}, 3)},
        {"ESC D", filled({0x1B, 'D'}, 3) + raw({0})},
        {"ESC (", filled({0x1B, '(', 'A', 4, 1}, 260)},
        {"FS S", filled({0x1C, 'S'}, 2)},
        {"FS p", filled({0x1C, 'p'}, 2)},
        {"FS ?", filled({0x1C, '?'}, 2)},
        {"FS 2", filled({0x1C, '2'}, 74)},
        {"FS (", filled({0x1C, '(', 'E', 3, 0}, 3)},
        {"FS q", filled({0x1C, 'q', 2, 1, 0, 2, 0}, 16) + filled({2, 0, 1, 0}, 16)},
        {"FS g 1", filled({0x1C, 'g', '1', 0, 1, 2, 3, 4, 7, 0}, 7)},
        {"FS g 2", filled({0x1C, 'g', '2'}, 7)},
        {"GS ^", filled({0x1D, '^'}, 3)},
        {"GS z", filled({0x1D, 'z', '0'}, 2)},
        {"GS g", filled({0x1D, 'g', '0'}, 3)},
        {"GS *", filled({0x1D, '*', 2, 3}, 48)},
        {"GS v 0", filled({0x1D, 'v', '0', 0, 3, 0, 5, 1}, 3 * 261)},
        {"GS Q 0", filled({0x1D, 'Q', '0', 0, 3, 0, 5, 0}, 15)},
        {"GS ( k", filled({0x1D, '(', 'k', 5, 0}, 5)},
        {"GS 8 L", filled({0x1D, '8', 'L', 4, 1, 1, 0}, 65536 + 260)},
        {"GS k 4", filled({0x1D, 'k', 4}, 9) + raw({0})},
        {"GS k 73", filled({0x1D, 'k', 73, 9}, 9)},
        {"GS C 0", filled({0x1D, 'C', '0'}, 2)},
        {"GS C 1", filled({0x1D, 'C', '1'}, 6)},
        {"GS C 2", filled({0x1D, 'C', '2'}, 2)},
        {"DC2 q", filled({0x12, 'q'}, 1)},
    };
    const auto add = [&all](int lead, std::string_view codes, std::size_t parameters) {
        for (const char code : codes) all.push_back({"short", filled({lead, code}, parameters)});
    };
    add(0x1B, "2<v45oq", 0);
    add(0x1B, " -39=?EFGUVarz{", 1);
    add(0x1B, "f8", 2);
    add(0x1B, "7", 3);
    add(0x12, "T", 0);
    add(0x12, "#", 1);
    add(0x1B, "!", 1);
    add(0x1B, "p", 3);
    add(0x1C, "&.", 0);
    add(0x1C, "!-W", 1);
    add(0x1D, ":c", 0);
    add(0x1D, "!\"#/BEHITabfhrwn", 1);
    add(0x1D, "LWP", 2);
    return all;
}

}  // namespace

TEST_CASE("escpos commands: exact lengths", "[escpos]")
{
    Printer printer;
    for (const auto& sample : samples()) {
        CAPTURE(sample.name, sample.bytes.substr(0, 8));
        const std::string stream = reset + "before" + sample.bytes + "after\n";
        printer.feed(stream);
        const auto printed = printer.finish();
        CHECK(printed.garbled.empty());
        REQUIRE(printed.slips.size() == 1);
        REQUIRE(printed.slips[0].slip.lines.size() == 1);
        CHECK(printed.slips[0].slip.lines[0] == "beforeafter");
        CHECK(printed.slips[0].slip.bytes == stream.size());

        for (const char byte : stream) printer.feed({&byte, 1});
        CHECK(printer.finish().text() == "beforeafter\n");
    }
}

TEST_CASE("escpos commands: what looks like a command within another's data is data", "[escpos]")
{
    const std::string within = drawer + full_cut + "\x10\x14\x01" + raw({0, 5}) + "\n\x1b@";
    const auto size = static_cast<int>(within.size());
    const auto data = [&](std::initializer_list<int> head) { return raw(head) + within; };
    const std::vector<Sample> all{
        {"ESC * 0", data({0x1B, '*', 0, size, 0})},
        {"ESC (", data({0x1B, '(', 'A', size, 0})},
        {"ESC &", data({0x1B, '&', 1, 'A', 'A', size})},
        {"FS (", data({0x1C, '(', 'A', size, 0})},
        {"FS q", raw({0x1C, 'q', 1, 1, 0, 3, 0}) + within + std::string(24 - within.size(), 'x')},
        {"FS 2", raw({0x1C, '2', 0xEC, 0x40}) + within + std::string(72 - within.size(), 'x')},
        {"FS g 1", data({0x1C, 'g', '1', 0, 0, 0, 0, 0, size, 0})},
        {"GS *", raw({0x1D, '*', 1, 3}) + within + std::string(24 - within.size(), 'x')},
        {"GS v 0", data({0x1D, 'v', '0', 0, size, 0, 1, 0})},
        {"GS Q 0", data({0x1D, 'Q', '0', 0, 1, 0, size, 0})},
        {"GS ( L", data({0x1D, '(', 'L', size, 0})},
        {"GS ( k", data({0x1D, '(', 'k', size, 0})},
        {"GS 8 L", data({0x1D, '8', 'L', size, 0, 0, 0})},
        {"GS k 73", data({0x1D, 'k', 73, size})},
        {"DC2 *", data({0x12, '*', 1, size})},
    };
    REQUIRE(within.size() <= 24);
    for (const auto& sample : all) {
        CAPTURE(sample.name);
        const std::string stream = "before" + sample.bytes + "after\n";
        for (std::size_t at = 0; at <= stream.size(); ++at) {
            Printer printer;
            printer.feed(std::string_view{stream}.substr(0, at));
            printer.feed(std::string_view{stream}.substr(at));
            const auto printed = printer.finish();
            REQUIRE(printed.slips.size() == 1);
            CHECK(printed.text() == "beforeafter\n");
            CHECK_FALSE(printed.slips[0].slip.drawer_kicked);
        }
    }
}

TEST_CASE("escpos commands: page mode, area after area", "[escpos]")
{
    const std::string area = "\x1bW" + raw({0, 0, 0, 0, 64, 2, 100, 0});
    const auto printed = print("\x1bL" + area + "\x1bT" + raw({0}) + "TOTAL" + area + "12.00"
                               + "\x1d$" + raw({40, 0}) + "CARD" + "\x1b\x0c\x0c\x1bS" + "bye\n");
    CHECK(printed.text() == "TOTAL\n12.00\nCARD\n\nbye\n");
}

TEST_CASE("escpos commands: all ways to cut end a slip", "[escpos]")
{
    for (const std::string& each : std::vector<std::string>{
             full_cut, raw({0x1D, 'V', 1}), std::string{"\x1dV0"}, std::string{"\x1dV1"}, cut,
             std::string{"\x1dV\x41x"}, std::string{"\x1dVax"}, std::string{"\x1dVbx"},
             std::string{"\x1dVgx"}, std::string{"\x1dVhx"}, std::string{"\x1bi"},
             std::string{"\x1bm"}}) {
        const auto printed = print("one\n" + each + each + "two");
        REQUIRE(printed.slips.size() == 2);
        CHECK(printed.slips[0].slip.cut);
        CHECK_FALSE(printed.slips[1].slip.cut);
        CHECK(printed.text() == "one\ntwo\n");
    }
}

TEST_CASE("escpos commands: the unknown is told and skipped as little as can be", "[escpos]")
{
    const auto printed = print(
        "a\x1b\x7e"
        "b\x1dv9c\x01"
        "d\x1b\nA\x1b\x1b@e\n");
    CHECK(printed.garbled.at("unknown command") == 2 + 2 + 1 + 1);
    CHECK(printed.garbled.at("unknown control character") == 1);
    CHECK(printed.text() == "ab9cd\nA\ne\n");

    const auto half = print("a\n\x1dv0");
    CHECK(half.garbled.at("command cut off by the end of the stream") == 3);
    const auto endless = print("\x1dk\x04" + std::string(300, '7') + "\n");
    CHECK(endless.garbled.at("command without an end") == 259);
}

TEST_CASE("escpos commands: barcodes, drawer and pictures are noted", "[escpos]")
{
    const auto printed = print(
        "\x1dk\x04"
        "2900000000018"
        + raw({0}) + "\x1dk\x49\x06{B1234" + "\x1d(k\x06" + raw({0}) + "1P0abc" + drawer + "\x1dv0"
        + raw({0, 1, 0, 1, 0, 0x55}) + "x\n" + cut + drawer + "y");
    REQUIRE(printed.slips.size() == 2);
    const auto& slip = printed.slips[0].slip;
    CHECK(slip.barcodes == std::vector<std::string>{"2900000000018", "{B1234", "abc"});
    CHECK(slip.drawer_kicked);
    CHECK(slip.pictures == 1);
    CHECK(printed.slips[1].slip.drawer_kicked);
}
