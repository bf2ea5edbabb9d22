#include "drivers/epos/epos.hpp"

#include "drivers/catalog.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace raiten;
using drivers::escpos::Judgement;
using drivers::escpos::NotAReceipt;
using drivers::escpos::Slip;

namespace {

struct Printed {
    std::vector<std::pair<Slip, Judgement>> slips;
    std::vector<Garbled> garbled;

    const ReceiptRead* receipt(std::size_t n) const
    {
        return std::get_if<ReceiptRead>(&slips.at(n).second);
    }
    std::string text() const
    {
        std::string all;
        for (const auto& [slip, judgement] : slips) {
            for (const auto& line : slip.lines) all += line + "\n";
            for (const auto& code : slip.barcodes) all += "code " + code + "\n";
            const auto* read = std::get_if<ReceiptRead>(&judgement);
            all +=
                read == nullptr ? "no receipt\n" : read->number + " " + read->total.text() + "\n";
        }
        for (const auto& each : garbled)
            all += "garbled " + std::string{each.why} + " " + std::to_string(each.bytes) + "\n";
        return all;
    }
};

Printed print(std::string_view document, std::size_t piece_bytes = std::string_view::npos)
{
    Printed printed;
    // One for all: what it is told before must not matter, and its patterns take long to compile.
    static auto decoder = drivers::epos::Decoder::make({});
    REQUIRE(decoder.has_value());
    const drivers::epos::Decoder::Sink sink{[&](const Slip& slip, const Judgement& judgement) {
                                                printed.slips.emplace_back(slip, judgement);
                                            },
                                            [&](std::string_view why, std::size_t bytes) {
                                                printed.garbled.push_back({why, bytes});
                                            }};
    for (std::size_t at = 0; at < document.size();) {
        const auto piece = document.substr(at, piece_bytes);
        decoder->feed(std::as_bytes(std::span{piece.data(), piece.size()}), sink);
        at += piece.size();
    }
    decoder->finish(sink);
    return printed;
}

std::string job(const std::string& elements)
{
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope "
           "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><epos-print "
           "xmlns=\"http://www.epson-pos.com/schemas/2011/03/epos-print\">"
           + elements + "</epos-print></s:Body></s:Envelope>";
}

using Lines = std::vector<std::string>;

const std::string receipt =
    "<text lang=\"ja\" align=\"center\">来店商店&#10;</text>"
    "<text>取引番号 000123&#10;</text><text>紅茶</text>"
    "<text x=\"300\">\\1,080&#10;</text>"
    "<text dw=\"true\">合計</text><text> \\1,080&#10;</text>"
    "<text dw=\"false\">ありがとうございました&#10;</text>";

}  // namespace

TEST_CASE("a receipt for an ePOS printer is a receipt", "[epos]")
{
    const auto printed = print(job(receipt + "<feed line=\"3\"/><cut type=\"feed\"/>"));
    INFO(printed.text());
    CHECK(printed.garbled.empty());
    REQUIRE(printed.slips.size() == 1);
    const auto& slip = printed.slips[0].first;
    REQUIRE(slip.lines.size() == 5);
    CHECK(slip.lines[0] == "来店商店");
    CHECK(slip.lines[2].starts_with("紅茶  "));
    CHECK(slip.lines[3] == "合計 ¥1,080");
    CHECK(slip.cut);
    const auto* read = printed.receipt(0);
    REQUIRE(read != nullptr);
    CHECK(read->number == "000123");
    CHECK(read->total == Money::from_units(1080));
    CHECK(read->currency == "JPY");
}

TEST_CASE("only a line feed ends a line", "[epos]")
{
    const auto printed =
        print(job("<text>one </text>\n  <text>line</text><feed/><text>two&#10;"
                  "three</text><feed unit=\"30\"/><text>a &amp; b</text>"));
    REQUIRE(printed.slips.size() == 1);
    CHECK(printed.slips[0].first.lines == Lines{"one line", "two", "three", "a & b"});
    CHECK_FALSE(printed.slips[0].first.cut);
}

TEST_CASE("every cut ends a slip, and so does the document", "[epos]")
{
    const auto printed =
        print(job("<text>kitchen</text><cut/><text>guest</text><cut type=\"no_feed\"/>")
              + job("<text>next</text>") + job("<text>last</text>"));
    REQUIRE(printed.slips.size() == 4);
    CHECK(printed.slips[1].first.lines == Lines{"guest"});
    CHECK(printed.slips[3].first.lines == Lines{"last"});
}

TEST_CASE("codes, pictures and the drawer belong to the slip", "[epos]")
{
    const auto printed =
        print(job("<image width=\"8\" height=\"1\">" + std::string(100'000, 'A')
                  + "</image>"
                    "<pulse drawer=\"drawer_1\"/><text>x</text>"
                    "<barcode type=\"code128\">{B2900000000018</barcode>"
                    "<barcode type=\"ean13\">4901234567894</barcode>"
                    "<symbol type=\"qrcode_model_2\">https://example.test/?a=1&amp;b=2</symbol>"
                    "<symbol type=\"qrcode_model_2\">"
                  + std::string(5000, 'q') + "</symbol>"));
    REQUIRE(printed.slips.size() == 1);
    const auto& slip = printed.slips[0].first;
    CHECK(slip.pictures == 1);
    CHECK(slip.drawer_kicked);
    CHECK(slip.barcodes_dropped <= 1);
    CHECK(slip.lines == Lines{"x"});
    REQUIRE(slip.barcodes.size() >= 3);
    CHECK(slip.barcodes[0] == "2900000000018");
    CHECK(slip.barcodes[1] == "4901234567894");
    CHECK(slip.barcodes[2] == "https://example.test/?a=1&b=2");
}

TEST_CASE("raw commands are ESC/POS", "[epos]")
{
    // "Hi", LF, Shift_JIS "紅茶" between FS C 1, LF, a cut.
    const auto printed =
        print(job("<command>48 690a 1C4301 8D6792 83 0A</command>"
                  "<text>紅茶</text><command>1d5600</command><text>b</text>"));
    INFO(printed.text());
    REQUIRE(printed.slips.size() == 2);
    CHECK(printed.slips[0].first.lines == Lines{"Hi", "紅茶", "紅茶"});
    CHECK(printed.slips[1].first.lines == Lines{"b"});
}

TEST_CASE("a document that breaks off prints nothing, and the next prints", "[epos]")
{
    const auto good = job("<text>good</text><cut/>");
    const auto printed = print(job("<text>bad</text></oops>") + good);
    REQUIRE(printed.slips.size() == 1);
    CHECK(printed.slips[0].first.lines == Lines{"good"});
    REQUIRE(printed.garbled.size() == 1);
    CHECK(printed.garbled[0].why == "mismatched tag");
}

TEST_CASE("slips are the same wherever the document is cut", "[epos]")
{
    const std::string document =
        job(receipt + "<symbol>qr</symbol><command>1d5600</command><text>b</text>") + "junk"
        + job("<text>last</text><cut/>");
    const auto whole = print(document).text();
    for (std::size_t piece = 1; piece < 64; ++piece) {
        INFO("pieces of " << piece);
        CHECK(print(document, piece).text() == whole);
    }
}

TEST_CASE("every single damaged byte leaves the next document's receipt", "[epos]")
{
    const auto good = job(receipt + "<cut/>");
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
        for (std::size_t at = 0; at < good.size(); at += 1) {
            std::string damaged = good;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
            INFO("byte " << at << " by " << flip);
            const auto printed = print(damaged + good, 4096);
            REQUIRE(!printed.slips.empty());
            REQUIRE(printed.receipt(printed.slips.size() - 1) != nullptr);
        }
    }
}

TEST_CASE("the catalog's reader tells the receipts", "[epos]")
{
    const auto* row = drivers::find_driver("epos");
    REQUIRE(row != nullptr);
    CHECK(row->reader == "pos-webhook");
    auto translator = row->listen({});
    REQUIRE(translator.has_value());
    std::vector<Reading> readings;
    const auto document = job(receipt + "<cut/><text>bye</text><cut/>");
    (*translator)
        ->feed(std::as_bytes(std::span{document.data(), document.size()}),
               [&](Reading reading) { readings.push_back(std::move(reading)); });
    REQUIRE(readings.size() == 2);
    CHECK(std::holds_alternative<ReceiptRead>(readings[0]));
    CHECK(std::get<Garbled>(readings[1]).why == "slip without a total");
}

TEST_CASE("the recorded document prints its one line", "[epos][shared]")
{
    const auto folder = test::shared_folder("data/captures/pos");
    if (!folder) return;
    const auto bytes = test::read_file(*folder / "epos_print_a.xml");
    const std::string document{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    for (const std::size_t piece : {1UL, 100'000UL}) {
        const auto printed = print(document, piece);
        CHECK(printed.garbled.empty());
        REQUIRE(printed.slips.size() == 1);
        CHECK(printed.slips[0].first.lines == Lines{"test ok"});
        CHECK(printed.receipt(0) == nullptr);
    }
}
