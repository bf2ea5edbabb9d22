#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/ndjson.hpp"
#include "tests/app/ctl/tool.hpp"
#include "tests/support/btsnoop_reader.hpp"
#include "tests/support/demo_scene.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <random>

using namespace raiten;
using namespace raiten::test;

namespace {

constexpr std::uint64_t seed = 7;

std::string text_of(const std::vector<std::byte>& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::map<std::string, std::string> scene()
{
    const auto made = stage::demo_scene(seed);
    REQUIRE(made.has_value());
    std::map<std::string, std::string> out;
    for (const auto& [name, bytes] : *made) out[name] = text_of(bytes);
    return out;
}

/// What the scene's radio heard, as a bare H4 stream.
std::string h4_of(const std::string& btsnoop)
{
    const auto packets =
        stage::read_btsnoop(std::as_bytes(std::span{btsnoop.data(), btsnoop.size()}));
    REQUIRE(packets.has_value());
    std::string out;
    for (const auto& packet : *packets) out += text_of(packet.h4);
    return out;
}

/// Every line is an event that replay would take.
void check_events(const Ran& ran)
{
    for (const auto& line : ran.lines()) {
        const auto event = app::parse_line(line);
        CAPTURE(line);
        if (!event) FAIL(event.error().text());
        CHECK(app::write_line(*event, std::chrono::hours{0}).substr(0, 10) == line.substr(0, 10));
    }
}

}  // namespace

TEST_CASE("decode btsnoop: a radio's hour as events that replay takes", "[tool][decode]")
{
    const auto files = scene();
    const Scratch scratch;
    const auto file = scratch.file("entrance.btsnoop", files.at("entrance.btsnoop"));
    const auto ran = raitenctl({"decode", "btsnoop", file, "--reader", "ent-1"});
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(ran.lines().size() > 100);
    check_events(ran);
    CHECK(ran.out.find(R"("reader":"ent-1","token":"ibeacon:72616974-656e-4000-8000-)")
          != std::string::npos);
    CHECK(ran.out.find(R"("rotating":true)") != std::string::npos);
    CHECK(ran.lines()[0].find("+00:00\"") != std::string::npos);

    const auto piped =
        raitenctl({"decode", "btsnoop", "-", "--reader", "ent-1"}, files.at("entrance.btsnoop"));
    CHECK(piped.out == ran.out);
    const auto raw = raitenctl({"decode", "--raw", "btsnoop", file});
    CHECK(raw.lines().size() == ran.lines().size());
    const auto first = nlohmann::json::parse(raw.lines()[0]);
    CHECK(first["type"] == "advertisement");
    CHECK(first["address"].get<std::string>().size() == 17);
    CHECK(first["rssi"].is_number_integer());
    CHECK(first["event_type"].is_number_unsigned());

    // In the store's own zone, where a configuration says which.
    const auto config = small_store(scratch);
    const auto local = raitenctl({"decode", "btsnoop", file, "--config", config});
    CHECK(local.lines().size() == ran.lines().size());
    CHECK(local.lines()[0].find("+09:00\"") != std::string::npos);
}

TEST_CASE("decode h4: the same reports, at no known time", "[tool][decode]")
{
    const auto files = scene();
    const auto stream = h4_of(files.at("entrance.btsnoop"));
    const auto whole = raitenctl({"decode", "btsnoop"}, files.at("entrance.btsnoop"));
    const auto ran = raitenctl({"decode", "h4"}, stream);
    CHECK(ran.code == 0);
    CHECK(ran.lines().size() == whole.lines().size());
    CHECK(ran.lines()[0].starts_with(R"({"type":"sighting","at":null,"reader":"h4",)"));
    check_events(ran);
}

TEST_CASE("decode escpos: a receipt, and what was on the paper", "[tool][decode]")
{
    const auto files = scene();
    const auto ran =
        raitenctl({"decode", "escpos", "--reader", "reg-2"}, files.at("receipt-b.bin"));
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    REQUIRE(ran.lines().size() == 1);
    check_events(ran);
    const auto event = nlohmann::json::parse(ran.lines()[0]);
    CHECK(event["pos"] == "reg-2");
    CHECK(event["at"].is_null());
    CHECK(event["currency"] == "JPY");

    const auto raw = raitenctl({"decode", "--raw", "escpos"}, files.at("receipt-b.bin"));
    REQUIRE(raw.lines().size() == 1);
    const auto slip = nlohmann::json::parse(raw.lines()[0]);
    CHECK(slip["type"] == "slip");
    CHECK(slip["receipt"] == true);
    CHECK(slip["text"].size() > 3);

    const auto order = raitenctl({"decode", "--raw", "escpos"}, "Hello\n\x1dV\x01");
    CHECK(order.code == 0);
    const auto hello = nlohmann::json::parse(order.lines().at(0));
    CHECK(hello["receipt"] == false);
    CHECK_FALSE(hello["why"].get<std::string>().empty());
    const auto skipped = raitenctl({"decode", "escpos"}, "Hello\n\x1dV\x01");
    CHECK(skipped.code == 0);
    CHECK(skipped.out.empty());
    CHECK(skipped.err.starts_with("raitenctl: skipped 1: "));
}

TEST_CASE("decode escpos: by a reader's own patterns", "[tool][decode]")
{
    const Scratch scratch;
    const std::string pos =
        "[[reader]]\nname = \"till\"\nzone = \"register\"\n"
        "driver = \"pos-escpos\"\nprinter = \"tcp:127.0.0.1:9101\"\n"
        "pos = \"reg-9\"\npatterns.total = ['^Grand sum (\\d+)$']\n";
    const auto config = small_store(scratch, pos);
    const std::string slip = "Coffee 400\nGrand sum 400\n\x1dV\x01";
    CHECK(raitenctl({"decode", "escpos"}, slip).out.empty());
    for (const std::vector<std::string>& named :
         {std::vector<std::string>{}, std::vector<std::string>{"--reader", "till"}}) {
        std::vector<std::string> words{"decode", "escpos", "--config", config};
        words.insert(words.end(), named.begin(), named.end());
        const auto ran = raitenctl(words, slip);
        CAPTURE(ran.err);
        REQUIRE(ran.lines().size() == 1);
        const auto event = nlohmann::json::parse(ran.lines()[0]);
        CHECK(event["pos"] == "reg-9");
        CHECK(event["total"] == "400");
        CHECK(event["currency"] == "JPY");
    }
    const auto other = raitenctl({"decode", "escpos", "--config", config, "--reader", "x"}, slip);
    CHECK(other.code == 64);
    CHECK(other.err.find("known: till") != std::string::npos);
}

TEST_CASE("decode ndjson: wrong lines are counted by reason and skipped", "[tool][decode]")
{
    const std::string good = R"({"type":"tick","at":"2026-11-22T10:00:00.000+00:00"})";
    const auto ran =
        raitenctl({"decode", "ndjson"}, good + "\nnonsense\n\n{}\nnonsense\r\n" + good);
    CHECK(ran.code == 0);
    CHECK(ran.out == good + "\n" + good + "\n");
    CHECK(ran.err.find("skipped 2: ") != std::string::npos);
    CHECK(ran.err.find("first at line 2") != std::string::npos);
    CHECK(ran.err.find("first at line 4") != std::string::npos);
    const auto long_line = raitenctl({"decode", "ndjson"}, std::string(300'000, 'x') + "\n" + good);
    CHECK(long_line.out == good + "\n");
    CHECK(raitenctl({"decode", "ndjson", "--raw"}, good).code == 64);
}

TEST_CASE("decode: exit codes", "[tool][decode]")
{
    const Scratch scratch;
    for (const auto& format : app::ctl::decode_formats()) {
        CAPTURE(format);
        CHECK(raitenctl({"decode", format}).code == 65);
        CHECK(raitenctl({"decode", format, scratch.path("none")}).code == 66);
        CHECK(raitenctl({"decode", format, scratch.path("")}).code == 66);  // a folder
    }
    CHECK(raitenctl({"decode", "btsnoop"}, "this is no capture at all, just words").code == 65);
    CHECK(raitenctl({"decode", "h4"}, std::string(5000, '\x55')).code == 65);
    const auto none = raitenctl({"decode", "carrier-pigeon"}, "coo");
    CHECK(none.code == 64);
    for (const auto& format : app::ctl::decode_formats())
        CHECK(none.err.find(format) != std::string::npos);
    const auto wrong = raitenctl({"decode", "btsnop"}, "");
    CHECK(wrong.code == 64);
    CHECK(wrong.err.find("did you mean 'btsnoop'?") != std::string::npos);
}

TEST_CASE("decode: damage costs what it hits, and is told", "[tool][decode]")
{
    const auto files = scene();
    const auto& whole = files.at("floor.btsnoop");
    const auto lines = raitenctl({"decode", "btsnoop"}, whole).lines().size();
    const auto dice_seed = std::random_device{}();
    CAPTURE(dice_seed);
    std::mt19937 dice{dice_seed};
    for (int round = 0; round < 5; ++round) {
        auto damaged = whole;
        const auto at = 100 + dice() % (damaged.size() - 200);
        damaged.replace(at, 40, std::string(40, '\xff'));
        const auto ran = raitenctl({"decode", "btsnoop"}, damaged);
        CAPTURE(at, ran.err);
        CHECK(ran.code == 0);
        CHECK(ran.lines().size() + 10 >= lines);
        check_events(ran);
    }
    const auto cut = raitenctl({"decode", "btsnoop"}, whole.substr(0, whole.size() / 2));
    CHECK(cut.code == 0);
    CHECK(cut.lines().size() > lines / 3);
}
