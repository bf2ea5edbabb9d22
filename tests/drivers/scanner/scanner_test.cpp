#include "drivers/scanner/scanner.hpp"

#include "drivers/scanner/code_line.hpp"
#include "drivers/scanner/member_code.hpp"
#include "tests/drivers/checkin.hpp"

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

std::string token_of(std::string_view code)
{
    const auto token = member_token(code);
    return token.has_value() ? *token : "refused: " + std::string{token.error().why};
}

Lines lines_of(std::string_view text)
{
    return told_whole(make_scanner, octets(text));
}

const std::string wrong = "refused: a code with a wrong check digit";
const std::string item = "refused: an item, not a member";

}  // namespace

TEST_CASE("scanner: a member's card is its digits", "[drivers][scanner]")
{
    CHECK(token_of("]E02900000000018") == "card:2900000000018");
    CHECK(token_of("2900000000018") == "card:2900000000018");
    CHECK(token_of("]E402345673") == "card:02345673");
    CHECK(token_of("2502010759582") == "card:2502010759582");  // elsewhere an item
    CHECK(token_of("]C0123456") == "card:123456");
    CHECK(token_of("12345678901234567890") == "card:12345678901234567890");
    CHECK(token_of("]F0A0012345678B") == "card:0012345678");
    CHECK(token_of("]C04901234567893") == "card:4901234567893");  // no EAN: no check digit

    CHECK(token_of("]E02900000000019") == wrong);
    CHECK(token_of("4901234567893") == wrong);
    CHECK(token_of("]E402345674") == wrong);
}

TEST_CASE("scanner: GS1's number for a member is known in every form", "[drivers][scanner]")
{
    const std::string member = "card:952012345678901233";
    CHECK(token_of("]C18018952012345678901233") == member);
    CHECK(token_of("]Q38018952012345678901233\x1d"
                   "80197")
          == member);
    CHECK(token_of("]d28017952012345678901233") == member);
    CHECK(token_of("8018952012345678901233") == member);
    CHECK(token_of("\x1d"
                   "8018952012345678901233")
          == member);
    CHECK(token_of("10A\x1d"
                   "8018952012345678901233")
          == member);
    CHECK(token_of("(8018)952012345678901233(8019)7") == member);
    CHECK(token_of("https://id.gs1.org/8018/952012345678901233") == member);
    CHECK(token_of("]Q1HTTPS://ID.EXAMPLE/8018/952012345678901233?99=X") == member);

    CHECK(token_of("]C18018952012345678901234") == wrong);
    CHECK(token_of("(8018)952012345678901234") == wrong);
    CHECK(token_of("https://id.gs1.org/8018/952012345678901234") == wrong);
}

TEST_CASE("scanner: what says that it is an item is no member", "[drivers][scanner]")
{
    CHECK(token_of("]C10104901234567894") == item);
    CHECK(token_of("]d2010490123456789410A1\x1d"
                   "21X")
          == item);
    CHECK(token_of("(01)04901234567894") == item);
    CHECK(token_of("https://id.gs1.org/01/04901234567894") == item);
    CHECK(token_of("https://id.gs1.org/01/04901234567894?17=991399")
          == "refused: a GS1 value that cannot be");
    CHECK(token_of("]e0"
                   "99MEMBER")
          == item);
}

TEST_CASE("scanner: any other text is a code of its own", "[drivers][scanner]")
{
    CHECK(token_of("]Q1member-42") == "qr:member-42");
    CHECK(token_of("会員４２") == "qr:会員４２");
    CHECK(token_of("12345") == "qr:12345");
    CHECK(token_of("123456789012345678901") == "qr:123456789012345678901");
    CHECK(token_of("https://app.example/m/42") == "qr:https://app.example/m/42");
    CHECK(token_of("https://app.example/01/42") == "qr:https://app.example/01/42");
    CHECK(token_of("(me)") == "qr:(me)");
    CHECK(token_of(std::string(253, 'x')) == "qr:" + std::string(253, 'x'));

    CHECK(token_of(std::string(254, 'x')) == "refused: a code longer than any member's");
    CHECK(token_of("a\x1b[31m") == "refused: a code with control characters");
    CHECK(token_of("a\xc2\x85") == "refused: a code with control characters");
    CHECK(token_of("a\x1d"
                   "b")
          == "refused: a code with control characters");
    CHECK(token_of("\x89\xef\x88\xf5") == "refused: a code that is not UTF-8 text");
    CHECK(token_of("\xed\xa0\x80") == "refused: a code that is not UTF-8 text");
    CHECK(token_of("  ") == "refused: a code without text");
    CHECK(token_of("]Q1") == "refused: a code without text");
}

TEST_CASE("scanner: a line ends with CR, LF, both or TAB", "[drivers][scanner]")
{
    CHECK(lines_of("123456\r234567\n345678\r\n456789\t\x02"
                   "567890\x03\r\n\r\n")
          == Lines{"shown card:123456", "shown card:234567", "shown card:345678",
                   "shown card:456789", "shown card:567890"});
    CHECK(lines_of("").empty());
    CHECK(lines_of("\r\n").empty());
    CHECK(lines_of("4901234567893\r2900000000018\r")
          == Lines{"garbled 13: a code with a wrong check digit", "shown card:2900000000018"});
}

TEST_CASE("scanner: a scan without its end is taken only where a check digit vouches for it",
          "[drivers][scanner]")
{
    CHECK(lines_of("]E02900000000018") == Lines{"shown card:2900000000018"});
    CHECK(lines_of("290000000001") == Lines{"garbled 12: a scan cut off before its end"});
    CHECK(lines_of("member") == Lines{"garbled 6: a scan cut off before its end"});
}

TEST_CASE("scanner: a line has a largest size, and the next is taken", "[drivers][scanner]")
{
    const std::string longest(CodeLine::line_max, 'x');
    CHECK(lines_of(longest + "\r123456\r")
          == Lines{"garbled 2048: a code longer than any member's", "shown card:123456"});
    const std::string longer(3 * CodeLine::line_max, 'x');
    CHECK(lines_of(longer + "\r123456\r")
          == Lines{"garbled 6144: a scan longer than any code", "shown card:123456"});
}

TEST_CASE("scanner: cut and damaged anywhere", "[drivers][scanner]")
{
    const Octets day = octets(
        "]E02900000000018\r\n]C18018952012345678901233\x1d"
        "80197\r"
        "会員\t(01)04901234567894\n12345");
    check_cut_anywhere(make_scanner, day);
    check_cut_anywhere(make_scanner,
                       joined({octets(std::string(2100, 'y')), octets("\r2900000000018")}));
    check_garbage(make_scanner, octets("\r123456\r"), "shown card:123456");
    // What was damaged may have eaten its line's end, which costs the next line.
    check_damage_anywhere(make_scanner, day, octets("\r123456\r"), "shown card:123456");
}
