// Totals as registers of many countries print them: label, separators, currency.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace raiten;
using namespace raiten::tests;

namespace {

struct Sample {
    std::string_view line;
    std::string_view total;
    std::string_view currency;
};

/// After FS ( C, so that no guess comes into it.
std::string utf8_slip(std::string_view line)
{
    return reset + "\x1c(C\x02" + raw({0, 48, 2}) + "Shop 24\n22.11.2026 10:15\nA    1.00\n"
           + std::string{line} + "\n" + full_cut;
}

constexpr Sample samples[] = {
    // English
    {"TOTAL 12.50", "12.5", ""},
    {"TOTAL:   $12.50", "12.5", ""},
    {"Total (3 items)      £12.50", "12.5", "GBP"},
    {"TOTAL 3 ITEMS   12.50", "12.5", ""},
    {"TOTAL RM: 28.09", "28.09", "MYR"},
    {"Total Amount (RM) : 28.09", "28.09", ""},
    {"NETT TOTAL        S$ 28.90", "28.9", "SGD"},
    {"Amount Payable  Rs. 1,23,456.00", "123456", ""},
    {"BALANCE DUE    USD 1,234.00", "1234", "USD"},
    {"** GRAND TOTAL **", "", ""},
    {"Total Payable   KES 1,500.00", "1500", "KES"},
    {"Total  PHP 1,500.00", "1500", "PHP"},
    {"TOTAL  ₱1,500.00", "1500", "PHP"},
    // Romance
    {"Total a pagar: 1.234,50 €", "1234.5", "EUR"},
    {"IMPORTE TOTAL   $ 1.234,50", "1234.5", ""},
    {"TOTAL EUROS 12,50", "12.5", "EUR"},
    {"VALOR TOTAL R$ 1.234,50", "1234.5", "BRL"},
    {"VALOR A PAGAR R$   45,90", "45.9", "BRL"},
    {"TOTAL TTC           12,50 EUR", "12.5", "EUR"},
    {"NET A PAYER         1 234,50 €", "1234.5", "EUR"},
    {"TOTAL À PAYER        12,50€", "12.5", "EUR"},
    {"MONTANT TOTAL        12,50", "12.5", ""},
    {"TOTALE COMPLESSIVO   12,50", "12.5", ""},
    {"TOTALE EURO          12,50", "12.5", "EUR"},
    {"TOTAL LEI            45,00", "45", "RON"},
    {"TOTAL S/ 45.00", "45", "PEN"},
    // Germanic and Nordic
    {"SUMME        EUR 1.010,50", "1010.5", "EUR"},
    {"Gesamtbetrag     12,50 €", "12.5", "EUR"},
    {"Zu zahlen      CHF 1'234.50", "1234.5", "CHF"},
    {"Rechnungsbetrag: 12,50", "12.5", ""},
    {"Totaal           € 12,50", "12.5", "EUR"},
    {"Te betalen       12,50", "12.5", ""},
    {"ATT BETALA       125,00 kr", "125", ""},
    {"Totalt SEK       125,00", "125", "SEK"},
    {"I ALT            125,00", "125", ""},
    {"YHTEENSÄ         12,50", "12.5", ""},
    // Slavic, Baltic, Hungarian
    {"SUMA PLN         45,90", "45.9", "PLN"},
    {"RAZEM:           45,90 zł", "45.9", "PLN"},
    {"DO ZAPŁATY       45,90", "45.9", ""},
    {"CELKEM           1 245,00 Kč", "1245", "CZK"},
    {"K úhradě         45,90", "45.9", ""},
    {"ÖSSZESEN:        12 500 Ft", "12500", "HUF"},
    {"UKUPNO           12,50", "12.5", ""},
    {"ИТОГО            1 245.00", "1245", ""},
    {"ИТОГ       =1 245.00", "1245", ""},
    {"Итого к оплате", "", ""},
    {"К ОПЛАТЕ:        245,00 руб.", "245", "RUB"},
    {"ВСЕГО            245,00 ₽", "245", "RUB"},
    {"СУМА             245,00 грн", "245", "UAH"},
    {"ОБЩА СУМА        24,50 лв.", "24.5", "BGN"},
    // Greek, Turkish, Arabic, Hebrew
    {"ΣΥΝΟΛΟ           12,50", "12.5", ""},
    {"TOPLAM           *45,00", "45", ""},
    {"GENEL TOPLAM     45,00 TL", "45", "TRY"},
    {"الإجمالي   12.50", "12.5", ""},
    {"المجموع: ١٢٫٥٠", "12.5", ""},
    {"12.50   المجموع", "12.5", ""},
    {"סה\"כ   45.00 ₪", "45", "ILS"},
    // South-East Asia
    {"รวมทั้งสิ้น   1,120.00", "1120", ""},
    {"ยอดสุทธิ      120.00 บาท", "120", "THB"},
    {"Tổng cộng     45.000 đ", "45000", "VND"},
    {"TONG CONG     45,000", "45000", ""},
    {"Total Bayar   Rp. 218.000", "218000", "IDR"},
    {"Jumlah        RM 12.00", "12", "MYR"},
    // Chinese, Korean, Japanese
    {"合计：￥26.00", "26", "CNY"},
    {"合计：26.00元", "26", "CNY"},
    {"总金额: 1,026.00", "1026", ""},
    {"实付金额：26.00", "26", ""},
    {"總計    NT$120", "120", "TWD"},
    {"合계  4,500", "", ""},
    {"합계        4,500원", "4500", "KRW"},
    {"총 합 계    ₩4,500", "4500", "KRW"},
    {"결제금액     4,500", "4500", ""},
    {"받을 금액    4,500", "4500", ""},
    {"合 計        ¥1,280", "1280", "JPY"},
    {"お会計       １，２８０円", "1280", "JPY"},
    {"お買上計     ¥1,280", "1280", "JPY"},
    {"合計(税込) 3点  ¥1,280", "1280", "JPY"},
    {"お支払い金額  \\1,280", "1280", "JPY"},
    {"ご請求額     1,280円", "1280", "JPY"},
    // none of these is one
    {"SUBTOTAL 12.50", "", ""},
    {"TOTAL VAT 1.30", "", ""},
    {"TOTAL QTY 5", "", ""},
    {"TOTAL DISCOUNT 5.00", "", ""},
    {"ARA TOPLAM 5,00", "", ""},
    {"Zwischensumme 5,00", "", ""},
    {"小計 ¥1,280", "", ""},
    {"小计：26.00", "", ""},
    {"数量合计：5", "", ""},
    {"소계 4,500", "", ""},
};

}  // namespace

TEST_CASE("escpos languages: the total, whatever the country prints", "[escpos]")
{
    Printer printer;
    for (const auto& sample : samples) {
        CAPTURE(sample.line);
        printer.feed(utf8_slip(sample.line));
        const auto printed = printer.finish();
        REQUIRE(printed.slips.size() == 1);
        const auto* receipt = printed.slips[0].receipt();
        if (sample.total.empty()) {
            CHECK(printed.slips[0].why_not() == "slip without a total");
            continue;
        }
        CHECK(receipt != nullptr);
        if (receipt == nullptr) continue;
        CHECK(receipt->total.text() == sample.total);
        CHECK(receipt->currency == sample.currency);
    }
}

TEST_CASE("escpos languages: what is owed stands before what was handed over", "[escpos]")
{
    const auto total = [](std::string_view lines) {
        const auto printed = print(utf8_slip(lines));
        return printed.receipts().empty() ? "none" : printed.receipts()[0]->total.text();
    };
    CHECK(total("总计：68.00\n实收：100.00\n找零：32.00") == "68");
    CHECK(total("应收：68.00\n实收：100.00\n找零：32.00") == "68");
    CHECK(total("实收金额：68.00") == "68");
    CHECK(total("TOTAL HT 10,00\nTVA 2,00\nTOTAL TTC 12,00") == "12");
    CHECK(total("Total 12.00\nAmount due 10.00\nCash 20.00") == "10");
    CHECK(total("合計 ¥1,280\nお預り ¥2,000\nお釣り ¥720") == "1280");
    CHECK(total("小計 1,000\n合計\n   ¥1,080") == "1080");
}

TEST_CASE("escpos languages: copies, refunds, voids and bills that are not paid yet", "[escpos]")
{
    const auto kind = [](std::string_view lines) -> std::string {
        const auto printed = print(utf8_slip(std::string{lines} + "\nTOTAL 12.50"));
        if (printed.receipts().empty()) return printed.slips.at(0).why_not();
        switch (printed.receipts()[0]->kind) {
            case ReceiptKind::sale:
                return "sale";
            case ReceiptKind::refund:
                return "refund";
            case ReceiptKind::void_:
                return "void";
        }
        return "";
    };
    for (const auto* line : {"*** KOPIE ***", "КОПИЯ", "2ª VIA", "REIMPRESIÓN", "补打小票",
                             "** 重印 **", "영수증 재발행", "[재출력]", "DUPLICATE"})
        CHECK(kind(line) == "copy of a receipt");
    for (const auto* line : {"ВОЗВРАТ ПРИХОДА", "DEVOLUÇÃO", "ZWROT", "IADE", "Retoure", "退款",
                             "退貨單", "환불", "반품"})
        CHECK(kind(line) == "refund");
    for (const auto* line :
         {"ANULADO", "CANCELADA", "ANULOWANO", "АННУЛИРОВАН", "作废", "[거래취소]", "CANCELLED"})
        CHECK(kind(line) == "void");
    for (const auto* line : {"GUEST CHECK", "PRE-BILL", "PRECUENTA", "预结单", "주문서",
                             "ZWISCHENRECHNUNG", "STORE COPY"})
        CHECK(kind(line) == "kitchen, card or other slip");
    for (const auto* line : {"Chocolate Bar  2.50", "厨房用纸  12.00", "Thai Kitchen",
                             "Returns within 14 days", "Bring your own cup, no refund"})
        CHECK(kind(line) == "sale");
}

TEST_CASE("escpos languages: numbers of receipts", "[escpos]")
{
    const auto number = [](std::string_view line) -> std::string {
        const auto printed = print(utf8_slip(std::string{line} + "\nTOTAL 12.50"));
        return printed.receipts().empty() ? "none" : printed.receipts()[0]->number;
    };
    CHECK(number("Ticket n° 4711") == "4711");
    CHECK(number("Bon-Nr. 4711") == "4711");
    CHECK(number("Rechnungs-Nr.: R-4711") == "R-4711");
    CHECK(number("Belegnr 4711") == "4711");
    CHECK(number("Factura Nº: 0001-00004711") == "0001-00004711");
    CHECK(number("Paragon nr 4711") == "4711");
    CHECK(number("Чек № 0042") == "0042");
    CHECK(number("Fiş No: 0042") == "0042");
    CHECK(number("เลขที่ 0042") == "0042");
    CHECK(number("订单号：20261122001") == "20261122001");
    CHECK(number("發票號碼: AB-12345678") == "AB-12345678");
    CHECK(number("주문번호: 0042") == "0042");
    CHECK(number("取引番号:000123") == "000123");
    CHECK(number("Order #12345") == "12345");
}

TEST_CASE("escpos languages: items with their tax marks", "[escpos]")
{
    const auto item = [](std::string_view line) {
        const auto printed = print(utf8_slip(std::string{line} + "\nTOTAL 12.50"));
        const auto& lines = printed.receipts().at(0)->lines;
        return lines.empty() ? std::string{}
                             : lines.back().name + "|" + lines.back().quantity.text() + "|"
                                   + lines.back().amount.text();
    };
    CHECK(item("Milch 3,5%          1,09 A") == "Milch 3,5%|1|1.09");
    CHECK(item("おにぎり鮭         ¥140※") == "おにぎり鮭|1|140");
    CHECK(item("お茶               ¥108軽") == "お茶|1|108");
    CHECK(item("2 x Bread rolls     2.50 B") == "Bread rolls|2|2.5");
    CHECK(item("Хлеб                45.00 руб.") == "Хлеб|1|45");
    CHECK(item("아메리카노    1     4,500") == "아메리카노|1|4500");
}
