#include "drivers/scanner/ai_table.hpp"
#include "drivers/scanner/check_digit.hpp"
#include "drivers/scanner/digital_link.hpp"
#include "drivers/scanner/symbology.hpp"
#include "tests/drivers/checkin.hpp"

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;
using gs1::parse_bracketed;
using gs1::parse_digital_link;
using gs1::parse_elements;
using gs1::parse_scan;

namespace {

std::string text_of(const Taken<gs1::Elements>& elements)
{
    return elements.has_value() ? gs1::notation(*elements)
                                : "refused: " + std::string{elements.error().why};
}

/// As GS1's own engine writes a scan: `^` for FNC1, and a backslash before a `^` that is text.
std::string text_of(const gs1::Scan& scan)
{
    if (!scan.elements.empty()) return gs1::notation(scan.elements);
    const std::size_t carets = scan.text.find_first_not_of('\\');
    const bool ambiguous = carets != std::string::npos && scan.text[carets] == '^';
    std::string out = (ambiguous ? "\\" : "") + scan.text;
    if (!scan.composite.empty()) out += "|" + gs1::notation(scan.composite);
    return out;
}

std::string name_of(gs1::Symbology symbology)
{
    switch (symbology) {
        case gs1::Symbology::ean13:
            return "EAN13";
        case gs1::Symbology::ean8:
            return "EAN8";
        case gs1::Symbology::gs1_128:
            return "GS1_128_CCA";
        case gs1::Symbology::databar:
            return "DataBarExpanded";
        case gs1::Symbology::data_matrix:
            return "DM";
        case gs1::Symbology::qr:
            return "QR";
        case gs1::Symbology::dotcode:
            return "DotCode";
        case gs1::Symbology::codabar:
        case gs1::Symbology::other:
            break;
    }
    return "NONE";
}

/// One vector, against what was expected of it. GS1's engine was asked some of them twice, under
/// two settings (short item numbers allowed or not, words such as `gtin` allowed or not, unknown
/// numbers allowed or not, an escape in the text): `also` holds the other answer. Ours must be one.
void check_one_of(const nlohmann::json& vector, bool ok, const std::string& key,
                  const std::string& text)
{
    const auto matches = [&](const nlohmann::json& expected) {
        return expected["ok"] == ok && expected[key] == text;
    };
    bool found = matches(vector["expected"]);
    if (vector.contains("also"))
        for (const auto& other : vector["also"]) found = found || matches(other["expected"]);
    INFO(vector["id"] << " " << vector["input"]);
    INFO("expected " << vector["expected"]);
    INFO("got " << ok << " " << text);
    CHECK(found);
}

void check_elements(const nlohmann::json& vector, const Taken<gs1::Elements>& elements)
{
    check_one_of(vector, elements.has_value(), "element_string",
                 elements.has_value() ? gs1::notation(*elements) : "");
}

}  // namespace

TEST_CASE("gs1: check digits of GS1's keys", "[drivers][scanner]")
{
    for (const auto* good : {"4901234567894", "2900000000018", "02345673", "614141999996",
                             "12312312312333", "006141411234567890", "9520123456788"})
        CHECK(gs1::has_check_digit(good));
    for (const auto* bad : {"4901234567893", "2900000000081", "", "49012345678x4"})
        CHECK_FALSE(gs1::has_check_digit(bad));
}

TEST_CASE("gs1: elements are cut where their lengths say, or at the separator",
          "[drivers][scanner]")
{
    CHECK(text_of(parse_elements("0112312312312333"
                                 "10ABC123\x1d"
                                 "99TESTING"))
          == "^011231231231233310ABC123^99TESTING");
    CHECK(text_of(parse_elements("10A\x1d"
                                 "0112312312312333\x1d"
                                 "21X\x1d"))
          == "^10A^011231231231233321X");
    CHECK(text_of(parse_elements("3103000195"
                                 "3922"
                                 "0299\x1d"
                                 "17201225"))
          == "^310300019539220299^17201225");
    CHECK(text_of(parse_elements("8018952012345678901230"))
          == "refused: a code with a wrong check digit");
    CHECK(text_of(parse_elements("0112312312312334"))
          == "refused: a code with a wrong check digit");
    CHECK(text_of(parse_elements("01123")) == "refused: a GS1 value that is too short");
    CHECK(text_of(parse_elements("17209913")) == "refused: a GS1 value that cannot be");
    CHECK(text_of(parse_elements("1720120")) == "refused: a GS1 value that is too short");
    CHECK(text_of(parse_elements("17200200")) == "^17200200");
    CHECK(text_of(parse_elements("7006200200")) == "refused: a GS1 value that cannot be");
    CHECK(text_of(parse_elements("17210229")) == "refused: a GS1 value that cannot be");
    CHECK(text_of(parse_elements("3106000195")) == "refused: an unknown GS1 identifier");
    CHECK(text_of(parse_elements("0512345")) == "refused: an unknown GS1 identifier");
    CHECK(text_of(parse_elements("10A B"))
          == "refused: a GS1 value with a character that it cannot have");
    CHECK(text_of(parse_elements("21123456789012345678901"))
          == "refused: a GS1 value that is too long");
    CHECK(text_of(parse_elements("")) == "refused: a GS1 code without elements");
    CHECK(text_of(parse_elements("10")) == "refused: a GS1 value that is too short");
}

TEST_CASE("gs1: no identifier is the beginning of another", "[drivers][scanner]")
{
    for (unsigned number = 0; number < 10000; ++number) {
        std::string digits = std::to_string(number);
        digits.insert(0, 4 - digits.size(), '0');
        int known = 0;
        for (std::size_t size = 2; size <= 4; ++size)
            known += gs1::find_ai(digits.substr(0, size)) != nullptr ? 1 : 0;
        INFO(digits);
        CHECK(known <= 1);
    }
    CHECK(gs1::find_ai("x1") == nullptr);
    CHECK(gs1::find_ai("") == nullptr);
    CHECK(gs1::find_ai("+1") == nullptr);
}

TEST_CASE("gs1: elements in brackets, as people write them", "[drivers][scanner]")
{
    CHECK(text_of(parse_bracketed("(01)12345678901231(10)12345")) == "^01123456789012311012345");
    CHECK(text_of(parse_bracketed("(10)12\\(45(11)991225")) == "^1012(45^11991225");
    for (const auto* wrong : {"", "10", "(10)", "()1", "(10", "(10)1(", "(12345)1", "(10)12(45"}) {
        INFO(wrong);
        CHECK_FALSE(parse_bracketed(wrong).has_value());
    }
}

TEST_CASE("gs1: a Digital Link names its key, qualifiers and attributes", "[drivers][scanner]")
{
    CHECK(text_of(
              parse_digital_link("https://shop.example/x/8018/952012345678901233/8019/7?99=A#top"))
          == "^8018952012345678901233^80197^99A");
    CHECK(text_of(parse_digital_link("HTTP://EXAMPLE.COM:8080/01/04901234567894"))
          == "^0104901234567894");
    for (const auto* no_link :
         {"", "https://", "https:///01/04901234567894", "ftp://a/01/04901234567894",
          "https://a:/01/04901234567894", "https://a:65536/01/04901234567894",
          "https://u@a/01/04901234567894", "https://a/01", "https://a/21/5",
          "https://a/01/04901234567894/21/1/10/1", "https://a/01/0490123456789%", "https://a?01=1",
          "https://a/01/04901234567894?21=5", "https://a/01/04901234567894?17=", "https://a//",
          "https://a/01/04901234567894?05=1", "https://a/01/04901234567894/", "https://a/01/ "}) {
        INFO(no_link);
        CHECK_FALSE(parse_digital_link(no_link).has_value());
    }
}

TEST_CASE("gs1: scans with their kind of code", "[drivers][scanner]")
{
    const auto symbology = [](std::string_view text) {
        const auto scan = parse_scan(text);
        return scan.has_value() ? static_cast<int>(scan->symbology) : -1;
    };
    CHECK(symbology("]C0ABC") == static_cast<int>(gs1::Symbology::other));
    CHECK(symbology("]F0A123B") == static_cast<int>(gs1::Symbology::codabar));
    for (const auto* none : {"]", "]C", "C1", "]99", "]w0x", "]E0", "]E3490123456789412", "]C1"}) {
        INFO(none);
        CHECK(symbology(none) == -1);
    }
}

TEST_CASE("gs1: every scan of GS1's own tests", "[drivers][scanner][shared]")
{
    for (const auto& vector : shared_vectors("codes/vectors/gs1.scan_data.json")) {
        const auto scan = parse_scan(vector["input"]["scan_data"].get<std::string>());
        check_one_of(vector, scan.has_value(), "data", scan.has_value() ? text_of(*scan) : "");
        check_one_of(vector, scan.has_value(), "symbology",
                     scan.has_value() ? name_of(scan->symbology) : "NONE");
    }
}

TEST_CASE("gs1: every bracketed text of GS1's own tests", "[drivers][scanner][shared]")
{
    for (const auto& vector : shared_vectors("codes/vectors/gs1.ai_bracketed.json"))
        check_elements(vector, parse_bracketed(vector["input"]["text"].get<std::string>()));
}

TEST_CASE("gs1: every Digital Link of GS1's own tests", "[drivers][scanner][shared]")
{
    for (const auto& vector : shared_vectors("codes/vectors/gs1.digital_link.json"))
        check_elements(vector, parse_digital_link(vector["input"]["text"].get<std::string>()));
}
