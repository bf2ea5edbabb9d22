// Codings that no command announces, and those that one does.
#include "tests/drivers/escpos/printed.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::tests;
using drivers::EscposSettings;
using drivers::escpos::Charset;
using drivers::escpos::Dialect;

namespace {

std::string line(const std::string& stream, const EscposSettings& settings = {})
{
    const auto printed = print(stream, settings);
    return printed.slips.empty() || printed.slips[0].slip.lines.empty()
               ? std::string{}
               : printed.slips[0].slip.lines[0];
}

EscposSettings with(Charset charset)
{
    EscposSettings settings;
    settings.text.charset = charset;
    return settings;
}

// "합계 금액 영수증 감사합니다" in EUC-KR, and "谢谢惠顾 欢迎再次光临" in GBK.
const std::string korean =
    "\xC7\xD5\xB0\xE8 \xB1\xDD\xBE\xD7 \xBF\xB5\xBC\xF6\xC1\xF5 "
    "\xB0\xA8\xBB\xE7\xC7\xD5\xB4\xCF\xB4\xD9\n";
const std::string chinese =
    "\xD0\xBB\xD0\xBB\xBB\xDD\xB9\xCB \xBB\xB6\xD3\xAD\xD4\xD9\xB4\xCE\xB9\xE2\xC1\xD9\n";
// "ありがとう" and "ビール" in Shift_JIS
const std::string thanks = "\x82\xA0\x82\xE8\x82\xAA\x82\xC6\x82\xA4";
const std::string beer = "\x83r\x81[\x83\x8B";

}  // namespace

TEST_CASE("escpos text: a language that no command names is known by the whole slip", "[escpos]")
{
    CHECK(line(korean) == "합계 금액 영수증 감사합니다");
    CHECK(line(chinese) == "谢谢惠顾 欢迎再次光临");
    CHECK(line(thanks + " " + beer + "\n") == "ありがとう ビール");
    CHECK(line("Café Zürich 3,50 €\n") == "Café Zürich 3,50 €");
    CHECK(line("\x1c&ありがとう\n") == "ありがとう");
}

TEST_CASE("escpos text: Korean that something took for Latin-1 on its way", "[escpos]")
{
    std::string twice;
    for (const char c : korean) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) {
            twice += static_cast<char>(0xC0 | byte >> 6);
            twice += static_cast<char>(0x80 | (byte & 0x3F));
        } else {
            twice += c;
        }
    }
    CHECK(line(twice) == "합계 금액 영수증 감사합니다");
}

TEST_CASE("escpos text: what cannot be told apart is not guessed", "[escpos]")
{
    // One word of two pairs: good Chinese and good Korean.
    CHECK(line("\xB0\xA1\xB0\xA2\n") == "\uFFFD\uFFFD");
    CHECK(line("\xB0\xE1\xB0\xE2\n") == "\uFFFD\uFFFD");
    CHECK(line("\xB0\xA1\xB0\xA2\n", with(Charset::euc_kr)) == "가각");
    CHECK(line("\xB0\xA1\xB0\xA2\n", with(Charset::gb18030)) == "啊阿");
    CHECK(print("\xB0\xA1\xB0\xA2\n").slips[0].slip.unreadable == 2);
    // A ruled line and a single accent are what page 437 has always been.
    CHECK(line("\xC9\xCD\xCD\xCD\xCD\xBB\n") == "╔════╗");
    CHECK(line("Caf\x82\n") == "Café");
}

TEST_CASE("escpos text: pages and national characters", "[escpos]")
{
    CHECK(line("\x1bt\x13"
               "12,50 \xD5\n")
          == "12,50 €");
    CHECK(line("\x1bt\x10"
               "12,50 \x80\n")
          == "12,50 €");
    CHECK(line("\x1bt\x03S\x84o\n") == "São");
    CHECK(line("\x1bt\x11\x97\xA5\xAA\n") == "Чек");
    CHECK(line("\x1bt\x02Salm\xC6o\n") == "Salmão");
    CHECK(line("\x1bR\x08\\100\n") == "¥100");
    CHECK(line("\x1bR\x02[\\]\n") == "ÄÖÜ");
    CHECK(line("\x1bt\x63\xE9\n") == "\uFFFD");

    EscposSettings citizen;
    citizen.text.dialect = Dialect::citizen;
    CHECK(line("\x1bt\x02"
               "5 \xD5\n",
               citizen)
          == "5 €");
    CHECK(line("\x1bt\x02"
               "5 \xD5\n")
          == "5 ı");
}

TEST_CASE("escpos text: kanji codes", "[escpos]")
{
    CHECK(line("\x1c"
               "C1"
               + beer + "\\5\n")
          == "ビール¥5");
    CHECK(line("\x1c"
               "C\x01\xCB\xDE\xB0\xD9\n")
          == "ﾋﾞｰﾙ");
    // FS C 0: pairs of seven bits between FS & and FS . only
    CHECK(line("\x1c"
               "C0AB\x1c&%S!<%k\x1c.CD\n")
          == "ABビールCD");
    // NEC's and IBM's extensions: ① and 髙
    CHECK(line("\x1c"
               "C1\x87\x40\xFB\xFC\n")
          == "①髙");
    // JIS X 0213: か with half voice mark takes two code points
    CHECK(line("\x1c"
               "C2\x82\xF5\n")
          == "か\u309A");
    // Japanese printer, nobody says FS C
    CHECK(line("\x1c&%S!<%k\x1c.\n", with(Charset::shift_jis)) == "ビール");
    CHECK(line("\x1c&%S!<%k\x1c.\n") == "ビール");
    CHECK(line("\x1c&Thank you\x1c.\n") == "Thank you");
    // four-byte GB18030: U+3400 and U+20000
    CHECK(line("\x81\x39\xEE\x39\x95\x32\x82\x36\n", with(Charset::gb18030)) == "㐀𠀀");
    CHECK(line("\xC1\xC2\xC1\xC2\n", with(Charset::big5)) == "謝謝");
    CHECK(line("\x1c(C\x02" + raw({0}) + "02é\n") == "é");
    // a lead without its trail spoils one character
    CHECK(line("\x1c"
               "C1A\x83\n"
               "B\n")
          == "A\uFFFD");
}

TEST_CASE("escpos text: UTF-8 under a code page is UTF-8 only when it is plainly so", "[escpos]")
{
    CHECK(line("\x1bt\x10Summe für Käse und Öl\n") == "Summe für Käse und Öl");
    // half-width katakana that happens to look like UTF-8
    CHECK(line("\x1bt\x01\xC3\xBD\xC4\xAF\xC3\xB1\n") == "ﾃｽﾄｯﾃｱ");
}

TEST_CASE("escpos text: columns become blanks", "[escpos]")
{
    CHECK(line(japanese + beer + column(20) + "2" + column(24) + "\\1,300\n")
          == "ビール              2   ¥1,300");
    CHECK(line("A" + column(0) + "B\n") == "A B");
    CHECK(line("Tea\t2.00\n") == "Tea     2.00");
    // fine adjustment between letters is no column
    CHECK(line("A\x1b\\" + raw({2, 0}) + "B\n") == "AB");
    CHECK(line("A\x1b\\" + raw({24, 0}) + "B\n") == "A  B");
    CHECK(line("Tea\rMilk\n") == "Tea");
    CHECK(line("Tea\r\n") == "Tea");
}
