// Streams that others recorded, with the text that a reader of the paper sees.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/escpos/utf8.hpp"

using namespace raiten;
using namespace raiten::tests;

namespace {

namespace fs = std::filesystem;

fs::path captures()
{
    const char* shared = std::getenv("RAITEN_SHARED");
    const fs::path root =
        shared != nullptr ? fs::path{shared} : fs::path{RAITEN_SOURCE_DIR} / ".." / "shared";
    return root / "data" / "captures" / "escpos";
}

std::string file(const fs::path& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// White space goes; of the receiptline files, whose expected text draws boxes with + - | where
/// the stream has line characters, the rules go too.
std::string bare(std::string_view text, bool rules_too)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto next = drivers::escpos::next_utf8(text, at);
        const auto piece = text.substr(at, next.bytes);
        at += next.bytes;
        const bool blank = next.point <= 0x20 || next.point == 0x3000 || next.point == 0xA0;
        const bool ascii_rule = piece == "-" || piece == "|" || piece == "+";
        const bool drawn = next.point >= 0x2500 && next.point < 0x2600 && piece != "□";
        if (blank || (rules_too && (ascii_rule || drawn || piece == "▕" || piece == "▔"))) continue;
        result += piece;
    }
    return result;
}

/// Does a person who finds this paper on the counter call it a receipt? Kitchen and table orders,
/// card slips (the sale has its own receipt; counting both would double it), tests and pieces of
/// receipts are none.
struct Judged {
    std::string_view file;
    std::string_view total;   ///< of the receipt in it; empty: no receipt
    std::string_view number;  ///< empty: none printed
    std::string_view why;     ///< why not a receipt
};

constexpr Judged judged[] = {
    {"coby_receipt", "41.49", "12345", ""},
    {"danielmeza_sample", "", "", "feature test of an emulator"},
    {"fsantosba_comanda", "", "", "order of a table, with its total so far"},
    {"murtadha_ticket", "", "", "one line"},
    {"netprinter_barcodes", "", "", "barcode test"},
    {"orinrk_receipt", "4226", "RCP-1774764513314", ""},
    {"php_barcode", "", "", "barcode test"},
    {"php_bit-image", "", "", "picture test"},
    {"php_character-encodings", "", "", "code page test"},
    {"php_margins-and-spacing", "", "", "layout test"},
    {"php_pdf417-code", "", "", "barcode test"},
    {"php_receipt-with-logo", "14.25", "", ""},
    {"receiptful_charsizes", "", "", "size test"},
    {"receiptful_gs_v0_all", "", "", "picture test"},
    {"receiptful_html2escpos", "", "", "one item, no total"},
    {"receiptful_positioning", "", "", "layout test"},
    {"receiptline_en_credit2_escpos_48_cp437", "", "", "card slip"},
    {"receiptline_en_kitchen_epson_42_multilingual", "", "", "kitchen order"},
    {"receiptline_en_receipt_epson_42_multilingual", "185.8", "", ""},
    {"receiptline_ja_column_border1_epson_48_shiftjis", "", "", "items without a total"},
    {"receiptline_ja_credit1_epson_48_shiftjis", "", "", "card slip"},
    {"receiptline_ja_credit1_sii_42_shiftjis", "", "", "card slip"},
    {"receiptline_ja_guest_impact_33_shiftjis", "", "", "guest check of a new order, not yet paid"},
    {"receiptline_ja_kitchen_citizen_48_shiftjis", "", "", "kitchen order"},
    {"receiptline_ja_line_align_generic_42_shiftjis", "", "", "a conversation"},
    {"receiptline_ja_receipt_epson_48_shiftjis", "18580", "", ""},
    {"receiptline_ja_receipt_escpos_32_shiftjis", "18580", "", ""},
    {"receiptline_ja_text_decoration_fit_36_shiftjis", "", "", "one item"},
    {"snaildev_gbk_receipt-text", "68", "0012", ""},
    {"udien_toko_laris", "218000", "", ""},
    {"voonvoon_receipt", "250", "", ""},
    {"voonvoon_receipt_full_no_encode", "28.09", "", ""},
};

/// The expected text of php_character-encodings shows Vietnamese and Thai as CP437, which is what
/// its maker's decoder falls back to. The stream selects pages 30 (TCVN-3) and 21 (Thai code 11),
/// and by these the bytes are the well-known sentences of both languages.
std::string corrected(std::string_view name, std::string expected)
{
    if (name != "php_character-encodings") return expected;
    const auto replace = [&expected](std::string_view from, std::string_view to,
                                     std::string_view with) {
        const auto begin = expected.find(from) + from.size();
        const auto end = expected.find(to, begin);
        REQUIRE(end != std::string::npos);
        expected.replace(begin, end - begin, with);
    };
    replace("Vietnamese:\n", "\n",
            "Tiếng Việt, còn gọi tiếng Việt Nam hay Việt ngữ, là ngôn ngữ của người Việt "
            "(người Kinh) và là ngôn ngữ chính thức tại Việt Nam.");
    replace("No character encoder available):\n", "Japanese (Hira",
            "นายสังฆภัณฑ์ เฮงพิทักษ์ฝั่ง ผู้เฒ่าซึ่งมีอาชีพเป็นฅนขายฃวด ถูกตำรวจปฏิบัติการจับฟ้องศาล "
            "ฐานลักนาฬิกาคุณหญิงฉัตรชฎา ฌานสมาธิ");
    return expected;
}

}  // namespace

TEST_CASE("escpos captures: the text on the paper, and whether it is a receipt", "[escpos][shared]")
{
    if (!fs::exists(captures())) {
        WARN("skipped: no shared data");
        return;
    }
    std::size_t files = 0;
    std::size_t matching = 0;
    for (const auto& row : judged) {
        const std::string name{row.file};
        CAPTURE(name, row.why);
        const auto stream = file(captures() / (name + ".bin"));
        const auto expected = corrected(name, file(captures() / (name + ".bin.expected.txt")));
        REQUIRE_FALSE(stream.empty());
        const auto printed = print(stream);

        const bool drawn = name.starts_with("receiptline_");
        CHECK(bare(printed.text(), drawn) == bare(expected, drawn));
        ++files;
        if (bare(printed.text(), drawn) == bare(expected, drawn)) ++matching;
        CHECK(printed.garbled.empty());

        const auto receipts = printed.receipts();
        REQUIRE(receipts.size() == (row.total.empty() ? 0 : 1));
        if (row.total.empty()) continue;
        CHECK(receipts[0]->total.text() == row.total);
        CHECK(receipts[0]->kind == ReceiptKind::sale);
        if (row.number.empty()) {
            CHECK(receipts[0]->number.starts_with("#"));
        } else {
            CHECK(receipts[0]->number == row.number);
        }
    }
    WARN("escpos captures: " << matching << " of " << files << " texts match");
}

TEST_CASE("escpos captures: cut anywhere, they say the same", "[escpos][shared]")
{
    if (!fs::exists(captures())) {
        WARN("skipped: no shared data");
        return;
    }
    for (const auto& row : judged) {
        const std::string name{row.file};
        CAPTURE(name);
        const auto stream = file(captures() / (name + ".bin"));
        const auto whole = print(stream);
        Printer byte_by_byte;
        for (const char byte : stream) byte_by_byte.feed({&byte, 1});
        const auto pieces = byte_by_byte.finish();
        CHECK(pieces.text() == whole.text());
        CHECK(pieces.receipts().size() == whole.receipts().size());
        CHECK(pieces.garbled == whole.garbled);
    }
}
