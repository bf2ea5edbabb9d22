// JSON values out of a stream of bytes: however laid out, however cut, however damaged.
#include "drivers/webhook/json_stream.hpp"
#include "tests/drivers/webhook/told.hpp"

#include <sstream>

using namespace raiten;
using namespace raiten::drivers::webhook;

namespace {

/// "{a,b} [3]" for an object with those keys and an array of three, "!why(bytes)" between them.
std::string stream(std::string_view text, std::size_t piece = std::string_view::npos)
{
    std::ostringstream out;
    JsonStream json;
    const auto take = [&](const Value& value, std::size_t) {
        if (value.is_array()) {
            out << "[" << value.items.size() << "]";
            return;
        }
        out << "{";
        for (const auto& key : value.keys) out << key;
        out << "}";
    };
    const auto refuse = [&](const Garbled& it) { out << "!" << it.why << "(" << it.bytes << ")"; };
    while (!text.empty()) {
        json.feed(test::bytes(text.substr(0, piece)), take, refuse);
        text.remove_prefix(std::min(piece, text.size()));
    }
    json.finish(refuse);
    return out.str();
}

}  // namespace

TEST_CASE("json stream: values one a line, laid out, or one behind the other", "[webhook]")
{
    CHECK(stream("{\"a\":1}\n{\"b\":2}\r\n") == "{a}{b}");
    CHECK(stream("{\n  \"a\": {\n    \"b\": [1, 2]\n  }\n}\n[\n{},\n{}\n]\n") == "{a}[2]");
    CHECK(stream("{\"a\":1}{\"b\":2} [3]") == "{a}{b}[1]");
    CHECK(stream("\xef\xbb\xbf{\"a\":\"}{\\\"\"}") == "{a}");
    CHECK(stream("\x1e{\"a\":1}\n\x1e{\"b\":1}\n") == "{a}{b}");
    CHECK(stream("") == "");
}

TEST_CASE("json stream: goes on after damage with the next line that begins a value", "[webhook]")
{
    CHECK(stream("garbage {\"x\":1}\n{\"a\":1}") == "!not JSON(16){a}");
    CHECK(stream("{\"a\":}\n{\"b\":1}") == "!not JSON(6){b}");
    CHECK(stream("{\"a\":1\n{\"b\":1}") == "!JSON that breaks off(7){b}");
    CHECK(stream("{\"a:1}\n{\"b\":1}") == "!not JSON(7){b}");        // a quote is lost
    CHECK(stream("{\"a\":[1}\n{\"b\":1}") == "!not JSON(9){b}");     // brackets do not match
    CHECK(stream("{\"a\":1}}\n{\"b\":1}") == "{a}!not JSON(2){b}");  // one too many
    CHECK(stream("{\"a\":1{\n{\"b\":1}") == "!not JSON(8){b}");      // a brace the wrong way round
    CHECK(stream("{\"a\":1}{\n{\"b\":1}") == "{a}!JSON that breaks off(2){b}");
    CHECK(stream("{\"a\":1") == "!JSON that breaks off(6)");
    CHECK(stream("{\"a\":\"\xff\"}\n{\"b\":1}") == "!not JSON(9){b}");  // not UTF-8
}

TEST_CASE("json stream: limits of size, depth and number of values", "[webhook]")
{
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(stream(nested(json_depth_max)) == "[1]");
    CHECK(stream(nested(json_depth_max + 1) + "\n{\"a\":1}")
          == "!JSON that is nested too deeply(131){a}");
    CHECK(stream(nested(200'000) + "\n{\"a\":1}") == "!JSON that is nested too deeply(400001){a}");

    const std::string fits = "{\"a\":\"" + std::string(json_bytes_max - 8, 'x') + "\"}";
    REQUIRE(fits.size() == json_bytes_max);
    CHECK(stream(fits) == "{a}");
    CHECK(stream("{\"a\":\"x" + fits.substr(6) + "\n{\"b\":1}")
          == "!JSON larger than 1 MiB(1048578){b}");

    std::string many = "[0";
    for (std::size_t i = 2; i < json_values_max; ++i) many += ",0";
    CHECK(stream(many + "]") == "[131071]");
    CHECK(stream(many + ",0]") == "!JSON of too many values(262145)");
}

TEST_CASE("json stream: numbers keep their text, whatever their size", "[webhook]")
{
    const auto parsed = parse_json(
        R"({"a":0.1,"b":12345678901234567890123,"c":1e400,"d":-0.30,"e":9007199254740993,"f":true})");
    // What no double can hold is refused by the parser; everything else is kept as written.
    CHECK_FALSE(parsed.has_value());
    const auto value = parse_json(
        R"({"a":0.10,"b":12345678901234567890123,"d":-0.30,"e":9007199254740993,"f":true})");
    REQUIRE(value.has_value());
    CHECK((*value)["a"].text == "0.10");
    CHECK((*value)["b"].text == "12345678901234567890123");
    CHECK((*value)["d"].text == "-0.30");
    CHECK((*value)["e"].text == "9007199254740993");
    CHECK((*value)["f"].is_true());
    CHECK_FALSE((*value).has("z"));
}

TEST_CASE("json stream: cut anywhere, it tells the same", "[webhook]")
{
    const std::string text =
        "junk\n{\"a\":\"\\\"}\"}\n[1,\n{\"x\":2}\n]\n{\"a:1}\n{\"b\":1\n{\"c\":[{}]}}\n{\"d\":1} "
        "tail";
    const auto whole = stream(text);
    CHECK(
        whole
        == "!not JSON(5){a}[2]!not JSON(7)!JSON that breaks off(7){c}!not JSON(2){d}!not JSON(4)");
    for (std::size_t piece = 1; piece <= text.size(); ++piece) CHECK(stream(text, piece) == whole);
}
