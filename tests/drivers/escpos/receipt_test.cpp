// Streams as registers send them, and the receipts that come of them.
#include "tests/drivers/escpos/printed.hpp"
#include "tests/drivers/escpos/streams.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::tests;

namespace {

void same(const Printed& one, const Printed& other)
{
    CHECK(one.text() == other.text());
    CHECK(one.garbled == other.garbled);
    REQUIRE(one.slips.size() == other.slips.size());
    for (std::size_t n = 0; n < one.slips.size(); ++n) {
        CHECK(one.slips[n].why_not() == other.slips[n].why_not());
        const auto* a = one.slips[n].receipt();
        const auto* b = other.slips[n].receipt();
        REQUIRE((a == nullptr) == (b == nullptr));
        if (a == nullptr) continue;
        CHECK(a->number == b->number);
        CHECK(a->total == b->total);
        CHECK(a->token == b->token);
        CHECK(a->lines.size() == b->lines.size());
    }
}

std::string day()
{
    using namespace streams;
    return sale_ja() + kitchen_ja() + sale_euro() + refund_ja() + void_en() + reprint_ja();
}

}  // namespace

TEST_CASE("escpos receipt: a Japanese sale with a member", "[escpos]")
{
    const auto printed = print(streams::sale_ja());
    CHECK(printed.garbled.empty());
    REQUIRE(printed.slips.size() == 1);
    CHECK(printed.slips[0].slip.drawer_kicked);
    CHECK(printed.slips[0].slip.pictures == 1);
    CHECK(printed.text() ==
          "市ヶ谷駅前店\n"
          "2026年11月22日(日) 19:03\n"
          "取引番号：０００１２３\n"
          "会員番号 2900000000018\n"
          "ビール                            2     ¥1,300\n"
          "千鳥コース                        2     ¥17,280\n"
          "合計                ¥18,580\n"
          "ｵﾂﾘ                                     ¥1,420\n");
    const auto* receipt = printed.slips[0].receipt();
    REQUIRE(receipt != nullptr);
    CHECK(receipt->kind == ReceiptKind::sale);
    CHECK(receipt->number == "000123");
    CHECK(receipt->token == "card:2900000000018");
    CHECK(receipt->total == Money::from_units(18580));
    CHECK(receipt->currency == "JPY");
    CHECK(receipt->printed_at == "2026年11月22日(日) 19:03");
    REQUIRE(receipt->lines.size() == 2);
    CHECK(receipt->lines[1].name == "千鳥コース");
    CHECK(receipt->lines[1].quantity == Money::from_units(2));
    CHECK(receipt->lines[1].amount == Money::from_units(17280));
}

TEST_CASE("escpos receipt: a European sale", "[escpos]")
{
    const auto receipts = print(streams::sale_euro()).receipts();
    const auto printed = print(streams::sale_euro());
    REQUIRE(printed.slips.size() == 1);
    const auto* receipt = printed.slips[0].receipt();
    REQUIRE(receipt != nullptr);
    CHECK(receipt->number == "4711");
    CHECK(receipt->total.text(2) == "1010.50");
    CHECK(receipt->currency == "EUR");
    CHECK(receipt->token.empty());
    REQUIRE(receipt->lines.size() == 2);
    CHECK(receipt->lines[0].name == "Kaffee");
    CHECK(receipt->lines[0].quantity == Money::from_units(2));
    CHECK(receipt->lines[1].amount.text(2) == "4.10");
    CHECK(receipts.size() == 1);
}

TEST_CASE("escpos receipt: refund and void say so, and what they undo", "[escpos]")
{
    const auto printed = print(streams::refund_ja() + streams::void_en());
    const auto receipts = printed.receipts();
    REQUIRE(receipts.size() == 2);
    CHECK(receipts[0]->kind == ReceiptKind::refund);
    CHECK(receipts[0]->number == "000130");
    CHECK(receipts[0]->refers_to == "000123");
    CHECK(receipts[0]->total == Money::from_units(650));
    CHECK(receipts[1]->kind == ReceiptKind::void_);
    CHECK(receipts[1]->number == "000125");
    CHECK(receipts[1]->total.text(2) == "3.20");
}

TEST_CASE("escpos receipt: the small print about returns makes no refund", "[escpos]")
{
    const auto printed =
        print(reset + "Receipt #12\nTOTAL $5.00\nReturns within 30 days with receipt.\n"
              + "No refund or void after that\n" + streams::ja("返品は7日以内にお願いします") + "\n"
              + cut);
    REQUIRE(printed.receipts().size() == 1);
    CHECK(printed.receipts()[0]->kind == ReceiptKind::sale);
}

TEST_CASE("escpos receipt: what is no receipt, and why", "[escpos]")
{
    CHECK(print(streams::kitchen_ja()).slips[0].why_not() == "kitchen, card or other slip");
    CHECK(print(streams::reprint_ja()).slips[0].why_not() == "copy of a receipt");
    CHECK(print("Hello\n").slips[0].why_not() == "slip without a total");
    CHECK(print(streams::picture + cut).slips[0].why_not() == "slip without text");
    CHECK(print("TOTAL 12:30\n").slips[0].why_not() == "slip without a total");
    CHECK(print("Subtotal $12.30\nTotal items 3\n").slips[0].why_not() == "slip without a total");
    CHECK(print(streams::ja("合計点数 3") + "\n").slips[0].why_not() == "slip without a total");
    // a masked number is no member
    CHECK(print(streams::ja("会員番号 XXXXXXXX7890") + "\nTOTAL 5.00\n").receipts().size() == 1);
    const auto masked = print(streams::ja("会員番号 XXXXXXXX7890") + "\nTOTAL 5.00\n");
    CHECK(masked.receipts()[0]->token.empty());
    CHECK(print(reset + cut + "\n\n" + full_cut).slips.empty());
}

TEST_CASE("escpos receipt: without a number the slip itself is its number", "[escpos]")
{
    const auto once = print("Shop\n22.11.2026 10:15\nTOTAL 5.00\n" + full_cut);
    const auto again = print(reset + "\x1b" "E\x01Shop\n\x1b" "E" + raw({0}) + "22.11.2026 10:15\nTOTAL 5.00\n\n\n" + cut);
    const auto later = print("Shop\n22.11.2026 10:16\nTOTAL 5.00\n" + full_cut);
    const auto number = once.receipts().at(0)->number;
    CHECK(number.size() == 17);
    CHECK(number[0] == '#');
    CHECK(again.receipts().at(0)->number == number);
    CHECK(later.receipts().at(0)->number != number);
}

TEST_CASE("escpos receipt: a label above its amount", "[escpos]")
{
    const auto printed = print("Receipt #7\nTOTAL\n   $12.00\n");
    REQUIRE(printed.receipts().size() == 1);
    CHECK(printed.receipts()[0]->total == Money::from_units(12));
}

TEST_CASE("escpos receipt: a day's stream, whole, byte by byte and cut anywhere", "[escpos]")
{
    const auto stream = day();
    const auto whole = print(stream);
    REQUIRE(whole.slips.size() == 6);
    REQUIRE(whole.receipts().size() == 4);

    Printer byte_by_byte;
    for (const char byte : stream) byte_by_byte.feed({&byte, 1});
    same(byte_by_byte.finish(), whole);

    Printer printer;
    for (std::size_t at = 1; at < stream.size(); ++at) {
        CAPTURE(at);
        printer.feed(std::string_view{stream}.substr(0, at));
        printer.feed(std::string_view{stream}.substr(at));
        same(printer.finish(), whole);
    }
}

TEST_CASE("escpos receipt: every byte damaged in turn, the stream finds its feet", "[escpos]")
{
    const auto stream = day() + streams::sale_ja();
    std::size_t lost_last = 0;
    Printer printer;
    for (std::size_t at = 0; at < stream.size(); ++at) {
        for (const int damage : {0x00, 0x1B, 0xFF}) {
            auto damaged = stream;
            damaged[at] = static_cast<char>(damage);
            printer.feed(damaged);
            const auto printed = printer.finish();
            CHECK(printed.slips.size() <= 16);
            const auto receipts = printed.receipts();
            const bool early = at < stream.size() - streams::sale_ja().size();
            if (early && (receipts.empty() || receipts.back()->number != "000123")) ++lost_last;
        }
    }
    // Damage to one slip may swallow a length's worth of what follows, rarely a whole receipt.
    WARN("escpos: of " << stream.size() * 3 << " damaged streams " << lost_last
                       << " lost the last receipt too");
    CHECK(lost_last * 20 < stream.size() * 3);
}
