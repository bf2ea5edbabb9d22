#include "daemon/app/ndjson.hpp"
#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace raiten;
using namespace raiten::app;

namespace {

using Dice = std::mt19937_64;

std::string word(Dice& dice)
{
    static const std::vector<std::string> words{"ent-1", "合計 お茶", "a\"b\\c",
                                                "x/y",   "é",         "😀 ok"};
    return words[dice() % words.size()];
}

std::string maybe(Dice& dice, const std::string& text)
{
    return dice() % 2 == 0 ? text : std::string{};
}

std::string token(Dice& dice)
{
    return "card:" + std::to_string(dice() % 1'000'000);
}

Money money(Dice& dice)
{
    return Money::from_ten_thousandths(static_cast<std::int64_t>(dice() % 1'000'000'000));
}

RawReceipt receipt(Dice& dice)
{
    RawReceipt r{word(dice),
                 word(dice),
                 static_cast<ReceiptKind>(dice() % 3),
                 maybe(dice, token(dice)),
                 money(dice),
                 "JPY",
                 maybe(dice, word(dice)),
                 {}};
    for (auto n = dice() % 4; n > 0; --n)
        r.lines.push_back({maybe(dice, word(dice)), maybe(dice, word(dice)), money(dice),
                           -money(dice), maybe(dice, word(dice))});
    return r;
}

RawEvent event(Dice& dice)
{
    RawEvent e;
    e.at = Instant{Millis{static_cast<std::int64_t>(dice() % 4'000'000'000'000)}};
    if (dice() % 2 == 0) e.received_at = *e.at + Millis{dice() % 100'000};
    const auto kind = dice() % 5;
    if (kind == 0) {
        RawSighting s{word(dice), token(dice), std::nullopt, dice() % 4 == 0};
        if (dice() % 3 != 0)
            s.rssi_dbm = static_cast<std::int16_t>(-20 - static_cast<int>(dice() % 80));
        if (dice() % 4 == 0) e.at.reset();
        e.what = s;
    } else if (kind == 1) {
        e.what = RawCheckIn{word(dice), token(dice), maybe(dice, word(dice))};
    } else if (kind == 2) {
        e.what = receipt(dice);
    } else if (kind == 3) {
        e.what = RawReaderState{word(dice), dice() % 2 == 0, maybe(dice, word(dice))};
    } else {
        e.what = RawTick{};
    }
    return e;
}

std::string refusal(const std::string& line)
{
    const auto read = parse_line(line);
    return read ? std::string{"accepted"} : read.error().text();
}

const std::string receipt_start =
    R"({"type":"receipt","at":"2026-11-22T10:00:00+09:00","pos":"r","number":"1","kind":"sale",)";

}  // namespace

TEST_CASE("ndjson: the lines of the contract are read and written as they stand", "[ndjson]")
{
    const std::vector<std::string> lines{
        R"({"type":"sighting","at":"2026-11-22T10:00:00.120+09:00","reader":"ent-1","token":"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7","rssi":-67})",
        R"({"type":"checkin","at":"2026-11-22T10:00:00.120+09:00","reader":"desk-1","token":"felica:0123456789abcdef","id":"optional idempotency key"})",
        R"({"type":"receipt","at":"2026-11-22T10:00:00.120+09:00","pos":"reg-2","number":"000123","kind":"sale","token":"card:2900000000018","total":"1280","currency":"JPY","lines":[{"sku":"4901234567894","name":"…","quantity":"1","amount":"1280","category":"…"}]})",
        R"({"type":"reader","at":"2026-11-22T10:00:00.120+09:00","reader":"ent-1","state":"up","reason":"…"})",
        R"({"type":"tick","at":"2026-11-22T10:00:00.120+09:00"})"};
    for (const auto& line : lines) {
        const auto read = parse_line(line);
        INFO(line << (read ? "" : read.error().text()));
        REQUIRE(read.has_value());
        CHECK(write_line(read.value(), std::chrono::hours{9}) == line);
    }
}

TEST_CASE("ndjson: what is written can be read again", "[ndjson]")
{
    const unsigned seed = 17;
    Dice dice{seed};
    for (int i = 0; i < 3000; ++i) {
        const auto e = event(dice);
        const auto line =
            write_line(e, std::chrono::minutes{static_cast<int>(dice() % 28) * 30 - 420});
        const auto read = parse_line(line);
        if (!read) FAIL("seed " << seed << ": " << line << " " << read.error().text());
        if (!(read.value() == e)) FAIL("seed " << seed << ": changed: " << line);
    }
}

TEST_CASE("ndjson: a wrong line says which key, and what would be right", "[ndjson]")
{
    CHECK(refusal(receipt_start + R"("total":1280,"currency":"JPY"})")
          == "total: is a number (write it as a decimal string, such as \"1280\" or \"3.50\")");
    CHECK(refusal(receipt_start + R"("total":"-5","currency":"JPY"})").find("total: is negative")
          == 0);
    CHECK(refusal(receipt_start + R"("total":"5","currency":"yen"})").find("currency: ") == 0);
    CHECK(refusal(receipt_start + R"("total":"5","currency":"JPY","lines":[{"amount":1}]})")
              .find("lines[0].amount: is a number")
          == 0);
    CHECK(refusal(receipt_start + R"("total":"5","currency":"JPY","lines":{}})").find("lines: ")
          == 0);
    CHECK(refusal(receipt_start + R"("total":"5","currency":"JPY","lines":[1]})").find("lines: ")
          == 0);
    CHECK(refusal(R"({"type":"sightnig"})").find("did you mean 'sighting'?") != std::string::npos);
    CHECK(refusal(R"({"type":"sighting","reader":"r","token":"card:47x11"})").find("47x11")
          == std::string::npos);
    CHECK(
        refusal(R"({"type":"sighting","reader":"r","token":"card:1","rssi":-67.5})").find("rssi: ")
        == 0);
    CHECK(refusal(R"({"type":"sighting","reader":"r","token":"card:1","rssi":127})").find("rssi: ")
          == 0);
    CHECK(refusal(R"({"type":"tick"})") == "at: is missing");
    CHECK(refusal(R"({"type":"tick","at":"2026-11-22T10:00:00"})").find("at: is not a time") == 0);
    CHECK(refusal(R"({"type":"tick","type":"tick"})") == "type: stands twice");
    CHECK(refusal("[]") == "is a list, not an event");
    CHECK(refusal("") == "is empty");
    CHECK(refusal("{\"type\":").find("byte ") == 0);
    CHECK(refusal(std::string(70'000, ' ')) == "is longer than 65536 bytes");
    CHECK(refusal("{\"x\":" + std::string(1000, '[') + std::string(1000, ']') + "}")
          == "is nested too deeply");
    CHECK(refusal(R"({"type":"reader","at":null,"reader":"r","state":"open"})").find("state: ")
          == 0);
}

TEST_CASE("ndjson: unknown keys are passed over, and counted", "[ndjson]")
{
    const auto read = parse_line(
        R"({"type":"checkin","reader":"r","token":"card:1","mood":"good","more":{"reader":"x","l":[1,{"a":2}]}})");
    REQUIRE(read.has_value());
    CHECK(read.value().ignored_keys == 2);
    CHECK(std::get<RawCheckIn>(read.value().what).reader == "r");
}

TEST_CASE("ndjson: 10,000 damaged lines are refused in words or read", "[ndjson]")
{
    const unsigned seed = 23;
    Dice dice{seed};
    int refused = 0;
    for (int i = 0; i < 10'000; ++i) {
        auto line = write_line(event(dice));
        if (dice() % 4 == 0) line.resize(dice() % line.size());
        for (auto k = dice() % 6; k > 0 && !line.empty(); --k)
            line[dice() % line.size()] = static_cast<char>(dice() % 256);
        const auto read = parse_line(line);
        if (read) continue;
        ++refused;
        if (read.error().what.empty()) FAIL("seed " << seed << ": no reason for " << line);
    }
    CHECK(refused > 5000);
}
