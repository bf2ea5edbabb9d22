#include "drivers/gateway/lines.hpp"
#include "drivers/gateway/message.hpp"

#include "daemon/base/hex.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::drivers::gateway;

namespace {

std::vector<std::string> cut(std::string_view stream, std::size_t chunk = 4096)
{
    std::vector<std::string> out;
    Lines lines;
    const Lines::Take take = [&](const Lines::Message& m) {
        out.push_back((m.json ? "json <" : "text <") + std::string{m.topic} + "> "
                      + std::string{m.payload});
    };
    const drivers::ble::Refuse refuse = [&](const Garbled& g) {
        out.push_back("garbled " + std::to_string(g.bytes) + ": " + std::string{g.why});
    };
    for (std::size_t at = 0; at < stream.size(); at += chunk)
        lines.feed(bytes_of(stream.substr(at, chunk)), take, refuse);
    lines.finish(take, refuse);
    return out;
}

using Told = std::vector<std::string>;

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("a stream of lines is cut into messages, with or without topics")
{
    CHECK(cut("home/gw/x {\"a\":1}\n{\"b\":2}\n\n$GPRP,1\r\n[1,2]\nlast")
          == Told{"json <home/gw/x> {\"a\":1}", "json <> {\"b\":2}", "text <> $GPRP,1",
                  "json <> [1,2]", "text <> last"});
    CHECK(cut("shop 1/a b {\"a\":1}\r\n") == Told{"json <shop 1/a b> {\"a\":1}"});
    CHECK(cut("{\"a\":1}{\"b\":\"}\\\"\"} t/u [3]\n")
          == Told{"json <> {\"a\":1}", "json <> {\"b\":\"}\\\"\"}", "json <t/u> [3]"});
}

TEST_CASE("JSON written for people goes on over lines")
{
    CHECK(cut("[\n {\"a\":\n 1},\n {\"b\":2}\n]\n{}\n")
          == Told{"json <> [\n {\"a\":\n 1},\n {\"b\":2}\n]", "json <> {}"});
}

TEST_CASE("a message that breaks off costs itself and no other")
{
    CHECK(cut("{\"a\":1\n{\"b\":2}\n")
          == Told{"garbled 7: a message that is no JSON", "json <> {\"b\":2}"});
    CHECK(cut("{\"a\":\"x\nt {\"b\":2}\n")
          == Told{"garbled 7: a message that is no JSON", "json <t> {\"b\":2}"});
    CHECK(cut("t [{\"a\":1},\nt/u [{\"b\":2}]\n")
          == Told{"garbled 10: a message that is no JSON", "json <t/u> [{\"b\":2}]"});
    CHECK(cut("{\"a\":}xyz\n{\"b\":2}\n")
          == Told{"garbled 9: a message that is no JSON", "json <> {\"b\":2}"});
    CHECK(cut("{\"a\":1") == Told{"garbled 6: a message that breaks off"});
}

TEST_CASE("messages and lines have a largest size")
{
    const std::string flood(Lines::message_bytes_max + 10, 'x');
    CHECK(cut(flood + "\n{\"b\":2}\n")
          == Told{"garbled 262154: a line of more than 256 KiB", "json <> {\"b\":2}"});
    CHECK(cut("{\"a\":\"" + flood + "\"}\n{\"b\":2}\n")
          == Told{"garbled 262162: a message of more than 256 KiB", "json <> {\"b\":2}"});
    CHECK(cut(nested(32) + "\n") == Told{"json <> " + nested(32)});
    CHECK(cut(nested(100'000) + "\n{}\n")
          == Told{"garbled 200000: a message that is no JSON", "json <> {}"});
}

TEST_CASE("lines tell the same wherever they are cut")
{
    const std::string stream =
        "t/u {\"a\":\"\\\"}\"}\n{\"a\":1\n[\n{\"b\":2},\n3]\r\nplain\n{\"c\":nan} \n{\"half\":";
    const auto whole = cut(stream);
    CHECK(whole.size() == 6);
    for (std::size_t chunk = 1; chunk < stream.size(); ++chunk) CHECK(cut(stream, chunk) == whole);
}

TEST_CASE("a wire's line holds no line end but its own")
{
    CHECK(line_of("a/b", "{\"x\":\r\n1}") == "a/b {\"x\":  1}\n");
    CHECK(cut(line_of("a\nb", "$GPRP,1\n$GPRP,2")) == Told{"text <> a b $GPRP,1 $GPRP,2"});
}

TEST_CASE("a topic's levels are counted from both ends")
{
    CHECK(level("home/gw/BTtoMQTT/aa", 0) == "home");
    CHECK(level("home/gw/BTtoMQTT/aa", 1) == "gw");
    CHECK(level("home/gw/BTtoMQTT/aa", -1) == "aa");
    CHECK(level("home/gw/BTtoMQTT/aa", -2) == "BTtoMQTT");
    CHECK(level("home", 0) == "home");
    CHECK(level("home", -2).empty());
    CHECK(level("", -1).empty());
}

TEST_CASE("a recorder's object is unpacked, and what is nearly JSON is mended")
{
    const auto unpacked = [](std::string_view text) {
        std::string out;
        unpack(
            Lines::Message{"outer", text, true},
            [&](const Message& m) {
                out =
                    std::string{m.topic} + " " + (m.json ? m.json->dump() : std::string{m.text})
                    + (m.told_at ? " " + std::to_string(m.told_at->time.time_since_epoch().count())
                                 : "");
            },
            [&](const Garbled& g) { out = g.why; });
        return out;
    };
    CHECK(unpacked(R"({"tst":"2023-11-27T19:47:59.913652-0500","topic":"a/b","payload":{"x":1}})")
          == R"(a/b {"x":1} 1701132479913)");
    CHECK(unpacked(R"({"tst":1701132479,"topic":"a/b","payload":"{\"x\":[1]}"})")
          == R"(a/b {"x":[1]} 1701132479000)");
    CHECK(unpacked(R"({"topic":"a/b","payload":"$GPRP,1"})") == "a/b $GPRP,1");
    CHECK(unpacked(R"({"topic":"a/b","payload":"{half"})") == "a recorded payload that is no JSON");
    const auto deep = R"({"topic":"a","payload":")" + nested(200) + "\"}";
    CHECK(unpacked(deep) == "a recorded payload that is no JSON");
    CHECK(unpacked(R"({"topic":"a","payload":7})") == R"(outer {"payload":7,"topic":"a"})");
    CHECK(unpacked("{\"x\":nan,\"y\":-inf,\"name\":\"caf\xe9 \\\" nan\"}")
          == R"(outer {"name":"caf? \" nan","x":null,"y":null})");
    CHECK(unpacked(R"({"x":nope})") == "a message that is no JSON");
}
