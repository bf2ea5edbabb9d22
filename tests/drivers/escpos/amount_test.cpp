#include "drivers/escpos/amount.hpp"

#include <catch2/catch.hpp>

#include "drivers/escpos/fold.hpp"

using namespace raiten::drivers::escpos;

TEST_CASE("escpos amount: what registers write around a number", "[escpos]")
{
    struct Row {
        const char* printed;
        const char* value;
        bool negative;
        const char* currency;
    };
    const Row rows[] = {
        {"¥1,300", "1300", false, "JPY"},
        {"\\18,580", "18580", false, "JPY"},
        {"￥１，３００", "1300", false, "JPY"},
        {"1,300円", "1300", false, "JPY"},
        {"$ 14.25", "14.25", false, ""},
        {"1.234,50 €", "1234.5", false, "EUR"},
        {"EUR 12,34", "12.34", false, "EUR"},
        {"R$ 125.50", "125.5", false, "BRL"},
        {"RM28.09", "28.09", false, "MYR"},
        {"CHF 1'234.50", "1234.5", false, "CHF"},
        {"1 234,50", "1234.5", false, ""},
        {"218,000", "218000", false, ""},
        {"1.234", "1234", false, ""},
        {"0.500", "0.5", false, ""},
        {"12,345,678", "12345678", false, ""},
        {"-3.50", "3.5", true, ""},
        {"3.50-", "3.5", true, ""},
        {"▲500", "500", true, ""},
        {"(12.00)", "12", true, ""},
        {"¥-1,300", "1300", true, "JPY"},
        {"₩12,000", "12000", false, "KRW"},
        {"25.-", "25", false, ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.printed);
        const auto amount = parse_amount(fold_width(row.printed));
        REQUIRE(amount.has_value());
        CHECK(amount->value.text() == row.value);
        CHECK(amount->negative == row.negative);
        CHECK(amount->currency == row.currency);
    }
}

TEST_CASE("escpos amount: what is no amount is nothing", "[escpos]")
{
    for (const auto* text : {"", "¥", "12,34,5", "1,23.456,7", "12:30", "1.2.3", "abc", "12 apples",
                             "1234567890123456789", "1,2345,678"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_amount(text).has_value());
    }
}

TEST_CASE("escpos fold: two widths, one spelling", "[escpos]")
{
    CHECK(fold_width("ＴＯＴＡＬ　￥１，３００") == "TOTAL ¥1,300");
    CHECK(fold_width("ｺﾞｳｹｲ ﾊﾟﾝ ｳﾞｧ ｶﾞﾗｽ") == "ゴウケイ パン ヴァ ガラス");
    CHECK(fold_width("ﾞｱﾟ") == "゛ア゜");
    CHECK(fold_width("合計") == "合計");
    CHECK(fold_width("\xff") == "\xEF\xBF\xBD");
}
