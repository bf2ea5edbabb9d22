// What a POS service posts to its door: who may, and what becomes of it.
#include "daemon/app/webhook_door.hpp"

#include "daemon/app/store_clock.hpp"
#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::app;

namespace {

const std::string hello = R"({"hello":"world"})";

http::Request request(std::string body, http::Fields headers = {},
                      http::Role role = http::Role::open)
{
    http::Request out;
    out.method = "POST";
    out.headers = std::move(headers);
    out.body = std::move(body);
    out.role = role;
    return out;
}

/// Square's own documented example.
WebhookDoor square()
{
    return {"square-1", "square", {"last-year", "asdf1234"}, "https://example.com/webhook", "", {}};
}

const http::Fields signed_by_square{
    {"x-square-hmacsha256-signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="}};

unsigned status(const std::optional<http::Response>& refusal)
{
    return refusal ? refusal->status : 200;
}

StoreClock tokyo()
{
    const auto clock = make_store_clock("Asia/Tokyo", std::chrono::minutes{0});
    REQUIRE(clock.has_value());
    return *clock;
}

Instant at(std::string_view text)
{
    return parse_instant(text).value();
}

const Instant now = at("2026-11-22T12:00:00Z");

}  // namespace

TEST_CASE("webhook door: a signed body comes in, a changed one does not", "[webhook]")
{
    CHECK(status(refuse_sender(square(), request(hello, signed_by_square))) == 200);
    const auto changed = refuse_sender(square(), request(hello + " ", signed_by_square));
    REQUIRE(changed.has_value());
    CHECK(changed->status == 401);
    CHECK(changed->content_type == "application/problem+json");
    CHECK(changed->body.find("signature does not fit") != std::string::npos);
    CHECK(status(refuse_sender(square(), request(hello))) == 401);
    auto elsewhere = square();
    elsewhere.notification_url = "https://example.com/other";
    CHECK(status(refuse_sender(elsewhere, request(hello, signed_by_square))) == 401);
}

TEST_CASE("webhook door: a shared secret in the field that the store names", "[webhook]")
{
    WebhookDoor door{"smaregi-1", "smaregi", {"s3cret"}, "", "", {}};
    CHECK(status(refuse_sender(door, request("{}", {{"x-raiten-key", "s3cret"}}))) == 200);
    CHECK(status(refuse_sender(door, request("{}", {{"x-raiten-key", "s3cre"}}))) == 401);
    door.header = "x-our-own";
    CHECK(status(refuse_sender(door, request("{}", {{"x-raiten-key", "s3cret"}}))) == 401);
    CHECK(status(refuse_sender(door, request("{}", {{"x-our-own", "s3cret"}}))) == 200);
}

TEST_CASE("webhook door: without keys only registers and operators may post", "[webhook]")
{
    const WebhookDoor door{"epos-1", "epos", {}, "", "", {}};
    CHECK(status(refuse_sender(door, request("x", {}, http::Role::pos))) == 200);
    CHECK(status(refuse_sender(door, request("x", {}, http::Role::admin))) == 200);
    CHECK(status(refuse_sender(door, request("x", {}, http::Role::kiosk))) == 403);
    const auto stranger = refuse_sender(door, request("x"));
    REQUIRE(stranger.has_value());
    CHECK(stranger->status == 401);
    CHECK(stranger->headers.at(0).first == "WWW-Authenticate");
    // Whoever fetched a transaction posts it with a token, where the service would sign.
    CHECK(status(refuse_sender(square(), request("{}", {}, http::Role::pos))) == 200);
    CHECK(status(refuse_sender(square(), request("{}", {}, http::Role::kiosk))) == 401);
}

TEST_CASE("webhook door: a sale becomes this reader's receipt, with its own time", "[webhook]")
{
    const auto heard = hear_webhook(
        square(),
        R"({"payment":{"id":"p1","status":"COMPLETED","created_at":"2026-11-22T01:00:00Z",)"
        R"("customer_id":"QX","amount_money":{"amount":1280,"currency":"JPY"}}})",
        now, tokyo());
    CHECK(heard.understood);
    CHECK(heard.ignored_count == 0);
    REQUIRE(heard.receipts.size() == 1);
    CHECK(
        write_line(heard.receipts[0], std::chrono::hours{9})
        == R"({"type":"receipt","at":"2026-11-22T10:00:00.000+09:00","pos":"square-1","number":"p1",)"
           R"("kind":"sale","token":"app:QX","total":"1280","currency":"JPY","lines":[]})");
}

TEST_CASE("webhook door: the store's zone turns a time off the wall, else it is now", "[webhook]")
{
    const WebhookDoor door{"smaregi-1", "smaregi", {}, "", "", {}};
    const auto heard = hear_webhook(
        door,
        R"([{"transactionHeadId":"1","transactionHeadDivision":"1","total":"5","terminalTranDateTime":"2026-11-22 10:00:00"},)"
        R"({"transactionHeadId":"2","transactionHeadDivision":"1","total":"5"}])",
        now, tokyo());
    REQUIRE(heard.receipts.size() == 2);
    CHECK(heard.receipts[0].at == at("2026-11-22T01:00:00Z"));
    CHECK(heard.receipts[1].at == now);
}

TEST_CASE("webhook door: what is no sale is ignored with its reason, garbage is not understood",
          "[webhook]")
{
    const WebhookDoor door{"smaregi-1", "smaregi", {}, "", "", {}};
    const auto notice = hear_webhook(
        door,
        R"({"contractId":"c","event":"pos:transactions","action":"created","transactionHeadIds":["3"]})",
        now, tokyo());
    CHECK(notice.understood);
    CHECK(notice.receipts.empty());
    REQUIRE(notice.ignored.size() == 1);
    CHECK(notice.ignored[0].number == "3");
    CHECK(notice.ignored[0].kind == "notice");
    CHECK(notice.ignored[0].reason == "a notice without contents");
    for (const char* garbage : {"", "x", "{\"a\":1}", "[1,2]", "{\"event\"", "null"}) {
        INFO(garbage);
        CHECK_FALSE(hear_webhook(door, garbage, now, tokyo()).understood);
    }
    std::string ids = "\"1\"";
    for (int i = 0; i < 500; ++i) ids += ",\"2\"";
    const auto many = hear_webhook(
        door, R"({"event":"pos:transactions","transactionHeadIds":[)" + ids + "]}", now, tokyo());
    CHECK(many.ignored_count == 501);
    CHECK(many.ignored.size() == ignored_max);
}

TEST_CASE("webhook door: a member's number that is no token leaves the receipt nobody's",
          "[webhook]")
{
    WebhookDoor door{"smaregi-1", "smaregi", {}, "", "", {}};
    door.options.member_kind = "felica";
    const auto heard = hear_webhook(
        door,
        R"({"transactionHeadId":"1","transactionHeadDivision":"1","total":"5","customerCode":"no hex"})",
        now, tokyo());
    REQUIRE(heard.receipts.size() == 1);
    CHECK(std::get<RawReceipt>(heard.receipts[0].what).token.empty());
}
