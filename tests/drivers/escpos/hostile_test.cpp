// Bytes that mean harm: memory stays within its limits, and time is linear.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

#include "drivers/escpos/utf8.hpp"

#include <random>
#include <string>

using namespace raiten;
using namespace raiten::tests;
using namespace raiten::drivers::escpos;

namespace {

bool is_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto next = next_utf8(text, at);
        if (!next.valid) return false;
        at += next.bytes;
    }
    return true;
}

}  // namespace

TEST_CASE("escpos hostile: a picture of four gigabytes is counted down, not kept", "[escpos]")
{
    static_assert(sizeof(SlipReader) < 8 * 1024, "the reader itself holds no picture");
    Printer printer;
    printer.feed(
        "\x1d"
        "8L\xff\xff\xff\xff");
    // 2^32 - 1 bytes in pieces of 16 MiB; the last one brings the text behind the picture.
    const std::string piece(16 << 20, '\x0A');
    for (int n = 0; n < 255; ++n) printer.feed(piece);
    CHECK(printer.so_far().slips.empty());
    printer.feed(std::string_view{piece}.substr(1));
    printer.feed("after\n");
    const auto printed = printer.finish();
    CHECK(printed.text() == "after\n");
    REQUIRE(printed.slips.size() == 1);
    CHECK(printed.slips[0].slip.bytes == (1ULL << 32) - 1 + 7 + 6);
}

TEST_CASE("escpos hostile: no cut for ten megabytes", "[escpos]")
{
    Printer printer;
    const std::string line = "ITEM                       1.00\n";
    for (std::size_t sent = 0; sent < (10U << 20); sent += line.size()) printer.feed(line);
    printer.feed("TOTAL 5.00\n");
    const auto printed = printer.finish();
    REQUIRE(printed.slips.size() == 1);
    CHECK(printed.slips[0].slip.truncated);
    CHECK(printed.slips[0].slip.lines.size() <= slip_lines_max);
    CHECK(printed.slips[0].why_not() == "slip longer than a receipt can be");
}

TEST_CASE("escpos hostile: an endless line, endless marks, endless barcodes", "[escpos]")
{
    Printer printer;
    for (int n = 0; n < 100; ++n) printer.feed(std::string(10'000, 'x'));
    printer.feed("\n" + cut);
    for (int n = 0; n < 30'000; ++n) printer.feed("\x1b$" + raw({n % 256, n / 256 % 256}) + "y");
    printer.feed(cut);
    for (int n = 0; n < 100; ++n)
        printer.feed(
            "\x1dk\x49\x04"
            "{B12");
    printer.feed("z\n" + cut);
    for (int n = 0; n < 100'000; ++n) printer.feed("\t\n");
    printer.feed("TOTAL 1.00" + cut);
    const auto printed = printer.finish();
    REQUIRE(printed.slips.size() == 4);
    for (const auto& each : printed.slips) {
        CHECK(each.slip.lines.size() <= slip_lines_max);
        for (const auto& line : each.slip.lines) CHECK(line.size() <= 8 * slip_line_cells_max);
    }
    CHECK(printed.slips[0].slip.truncated);
    CHECK(printed.slips[1].slip.truncated);
    CHECK(printed.slips[2].slip.barcodes.size() == slip_barcodes_max);
    CHECK(printed.slips[2].slip.barcodes_dropped == 100 - slip_barcodes_max);
    CHECK(printed.slips[3].slip.truncated);
}

TEST_CASE("escpos hostile: random bytes, heavy with commands", "[escpos]")
{
    constexpr unsigned seed = 20261122;
    CAPTURE(seed);
    std::mt19937 dice{seed};
    constexpr unsigned char leads[] = {0x10, 0x12, 0x1B, 0x1C, 0x1D, 0x0A, 0x09, 0x0D};
    for (int round = 0; round < 60; ++round) {
        std::string stream;
        for (int n = 0; n < 4000; ++n) {
            const auto roll = dice();
            stream += roll % 4 == 0 ? static_cast<char>(leads[roll / 4 % 8])
                                    : static_cast<char>(roll >> 8 & 0xFF);
        }
        constexpr Charset charsets[] = {Charset::automatic, Charset::gb18030,   Charset::euc_kr,
                                        Charset::big5,      Charset::shift_jis, Charset::utf8};
        drivers::EscposSettings settings;
        settings.text.charset = charsets[round % 6];
        const auto printed = print(stream, settings);
        std::uint64_t bytes = 0;
        for (const auto& each : printed.slips) {
            bytes += each.slip.bytes;
            for (const auto& line : each.slip.lines) CHECK(is_utf8(line));
        }
        CHECK(bytes <= stream.size());
    }
}
