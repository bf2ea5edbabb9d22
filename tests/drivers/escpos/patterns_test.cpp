// A store's own patterns, and what is said about wrong ones.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::tests;
using drivers::EscposSettings;
using drivers::escpos::ReceiptPatterns;

TEST_CASE("escpos patterns: a store teaches its own words", "[escpos]")
{
    EscposSettings settings;
    settings.patterns.total = {R"(^GESAMT\s+([0-9.,]+)$)"};
    settings.patterns.number = {R"(^Vorgang\s+(\d+)$)"};
    settings.patterns.member_barcode = {R"(^(29\d{11})$)"};
    settings.patterns.member_prefix = "loyalty:";
    settings.patterns.currency = "CHF";
    const auto printed = print(
        "Vorgang 77\nGESAMT 9.90\n\x1dk\x43\x0d"
        "2900000000018\x1dk\x43\x04"
        "4711",
        settings);
    REQUIRE(printed.receipts().size() == 1);
    CHECK(printed.receipts()[0]->number == "77");
    CHECK(printed.receipts()[0]->token == "loyalty:2900000000018");
    CHECK(printed.receipts()[0]->currency == "CHF");
}

TEST_CASE("escpos patterns: a wrong one names its key and its place", "[escpos]")
{
    const auto problem = [](auto change) {
        EscposSettings settings;
        change(settings.patterns);
        const auto made = drivers::make_escpos(settings);
        REQUIRE_FALSE(made.has_value());
        return made.error().text();
    };
    using P = ReceiptPatterns;
    CHECK_THAT(problem([](P& p) { p.total = {"(a)", "(b"}; }), Catch::StartsWith("total[1]: "));
    CHECK_THAT(problem([](P& p) { p.number = {"no group"}; }), Catch::StartsWith("number[0]: "));
    CHECK_THAT(problem([](P& p) { p.date = {"(a)(b)"}; }), Catch::StartsWith("date[0]: "));
    CHECK_THAT(problem([](P& p) { p.line = {"(?P<name>a)"}; }), Catch::StartsWith("line[0]: "));
    CHECK_THAT(problem([](P& p) { p.void_ = {"(?=a)"}; }), Catch::StartsWith("void[0]: "));
    CHECK_THAT(problem([](P& p) { p.refund.assign(65, "a"); }), Catch::StartsWith("refund: "));
    CHECK_THAT(problem([](P& p) { p.reprint = {std::string(3000, 'a')}; }),
               Catch::StartsWith("reprint[0]: "));
}

TEST_CASE("escpos patterns: the common ones know these lines", "[escpos]")
{
    struct Row {
        const char* printed;
        const char* total;
        const char* number;
    };
    const Row rows[] = {
        {"Order #12345\nTOTAL: $41.49\n", "41.49", "12345"},
        {"Invoice No: A-17\nGrand Total   1,234.00\n", "1234", "A-17"},
        {"Ticket nr 9\nTotal TTC  12,50 €\n", "12.5", "9"},
        {"Factura: 001-22\nTOTAL EUR 12,50\n", "12.5", "001-22"},
        {"レシートNo.0042\n合　計　￥１，０８０\n", "1080", "0042"},
        {"伝票番号 77\nお買上計 3点 ¥1,080\n", "1080", "77"},
        {"No.000777\n総合計 1,080円\n", "1080", "000777"},
        {"No.000778\n合計(税込)  ¥540\n", "540", "000778"},
        {"Check #31\nTotal (3 items)   $5.00\n", "5", "31"},
        {"取引No.9\n│合　計│¥18,580│\n", "18580", "9"},
        // what originals say about copies, and goods with names like kitchen orders
        {"取引No.9\n調理パン  ¥198\n合計 ¥198\nレシートの再発行はできません\n", "198", "9"},
        {"Receipt #5\nKitchen roll [2pk]  3.50\nPedido: 7\nTOTAL 3.50\nThis cannot be reprinted.\n",
         "3.5", "5"},
        {"单号：0012\n应收金额：68.00\n", "68", "0012"},
        {"영수증번호: 55\n합계 12,000원\n", "12000", "55"},
        {"Receipt: RCP-1\nT O T A L   1.010,50\n", "1010.5", "RCP-1"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.printed);
        EscposSettings settings;
        settings.text.charset = drivers::escpos::Charset::utf8;
        const auto printed = print(row.printed, settings);
        REQUIRE(printed.receipts().size() == 1);
        CHECK(printed.receipts()[0]->total.text() == row.total);
        CHECK(printed.receipts()[0]->number == row.number);
    }
}

TEST_CASE("escpos patterns: copies and orders by other names", "[escpos]")
{
    EscposSettings settings;
    settings.text.charset = drivers::escpos::Charset::utf8;
    for (const auto* head : {"領収書（再発行）", "*** COPY ***", "Reprint 22/11/2026 10:15", "(控)",
                             "DUPLICATE RECEIPT", "Kitchen Order", "クレジット売上票",
                             "MERCHANT COPY", "Z-REPORT 17", "COMANDA 4", "厨房伝票"}) {
        CAPTURE(head);
        const auto printed = print(std::string{head} + "\nTOTAL 5.00\n", settings);
        REQUIRE(printed.slips.size() == 1);
        CHECK_FALSE(printed.slips[0].why_not().empty());
    }
}

TEST_CASE("escpos translator: readings of both kinds", "[escpos]")
{
    auto made = drivers::make_escpos({});
    REQUIRE(made.has_value());
    std::size_t receipts = 0;
    std::map<std::string, std::size_t> garbled;
    const drivers::Tell tell = [&](const Reading& reading) {
        if (std::holds_alternative<ReceiptRead>(reading)) ++receipts;
        if (const auto* other = std::get_if<Garbled>(&reading))
            garbled[std::string{other->why}] += other->bytes;
    };
    const std::string stream = "Receipt #1\nTOTAL $5.00\n" + full_cut + "Hello\n" + full_cut
                               + "\x1b~Receipt #2\nTOTAL $6.00\n";
    (*made)->feed(std::as_bytes(std::span{stream.data(), stream.size()}), tell);
    CHECK(receipts == 1);
    (*made)->finish(tell);
    CHECK(receipts == 2);
    CHECK(garbled.at("slip without a total") == 9);
    CHECK(garbled.at("unknown command") == 2);
}
