// A payment at Square's register, from approval to refund, and what is no sale.
#include "tests/drivers/webhook/told.hpp"

using namespace raiten::test;

namespace {

std::string payment(const std::string& status, const std::string& more = "")
{
    return R"({"id":"p1","created_at":"2026-11-22T01:00:00.000Z","updated_at":"2026-11-22T01:09:00Z",)"
           R"("amount_money":{"amount":1280,"currency":"JPY"},"total_money":{"amount":1380,"currency":"JPY"},)"
           R"("location_id":"L1","order_id":"o1","customer_id":"c1","status":")"
           + status + "\"" + more + "}";
}

std::string event(const std::string& type, const std::string& object)
{
    return R"({"merchant_id":"m","type":")" + type
           + R"(","event_id":"e","created_at":"2026-11-22T00:59:00Z","data":{"type":"x","id":"d1","object":)"
           + object + "}}";
}

const std::string order =
    R"({"id":"o1","location_id":"L1","state":"COMPLETED","customer_id":"c9","line_items":[)"
    R"({"name":"Tea","quantity":"2","catalog_object_id":"T","total_money":{"amount":1000,"currency":"JPY"}},)"
    R"({"name":"Bag","quantity":"1","total_money":{"amount":280,"currency":"JPY"}}],)"
    R"("total_money":{"amount":1280,"currency":"JPY"},"created_at":"2026-11-22T00:58:00Z"})";

constexpr const char* at = " at=1795309200000";

}  // namespace

TEST_CASE("square: a payment is a sale once it is completed, under one number", "[webhook]")
{
    const auto told = read(
        "square", event("payment.created", "{\"payment\":" + payment("APPROVED") + "}")
                      + event("payment.updated", "{\"payment\":" + payment("COMPLETED") + "}")
                      + event("payment.updated", "{\"payment\":" + payment("COMPLETED") + "}"));
    const std::string what = std::string{" p1 JPY 1280 store=L1 member=c1"} + at;
    CHECK(text_of(told)
          == "payment" + what + " -- the payment is approved, not completed yet\n" + "sale" + what
                 + "\nsale" + what + "\n");
    CHECK(receipts_of("square", "{\"payment\":" + payment("COMPLETED") + "}")
          == "sale p1 1280 JPY app:c1\n");
}

TEST_CASE("square: every other status waits or is over", "[webhook]")
{
    const auto why = [](const char* status) {
        return receipts_of("square", "{\"payment\":" + payment(status) + "}");
    };
    CHECK(why("APPROVED") == "the payment is approved, not completed yet\n");
    CHECK(why("PENDING") == "the payment is not completed yet\n");
    CHECK(why("CANCELED") == "the payment was cancelled\n");
    CHECK(why("FAILED") == "the payment failed\n");
    CHECK(why("SOMETHING_NEW") == "the payment is not completed\n");
}

TEST_CASE("square: what was sold in the web shop is not sold here", "[webhook]")
{
    const auto product = [](const std::string& name) {
        return receipts_of(
            "square",
            payment("COMPLETED", R"(,"application_details":{"square_product":")" + name + "\"}"));
    };
    CHECK(product("ONLINE_STORE") == "ordered online\n");
    CHECK(product("SQUARE_POS") == "sale p1 1280 JPY app:c1\n");
}

TEST_CASE("square: minor units by currency, and no currency that is none", "[webhook]")
{
    const auto amount = [](const std::string& money) {
        return receipts_of("square",
                           R"({"id":"p","status":"COMPLETED","amount_money":)" + money + "}");
    };
    CHECK(amount(R"({"amount":555,"currency":"USD"})") == "sale p 5.55 USD \n");
    CHECK(amount(R"({"amount":555,"currency":"JPY"})") == "sale p 555 JPY \n");
    CHECK(amount(R"({"amount":555,"currency":"KWD"})") == "sale p 0.555 KWD \n");
    CHECK(amount(R"({"amount":555,"currency":"VUV"})") == "sale p 555 VUV \n");
    CHECK(amount(R"({"amount":555,"currency":"CLF"})") == "sale p 0.0555 CLF \n");
    CHECK(amount(R"({"amount":1000000,"currency":"UNKNOWN_CURRENCY"})")
          == "a payment without an amount\n");
    CHECK(amount(R"({"amount":1.5,"currency":"USD"})") == "a payment without an amount\n");
    CHECK(amount(R"({"amount":9007199254740993000,"currency":"USD"})")
          == "a payment without an amount\n");
    CHECK(amount("{}") == "a payment without an amount\n");
}

TEST_CASE("square: an order lends its lines to its one payment", "[webhook]")
{
    const std::string lines = " [T|Tea|2|1000] [|Bag|1|280]";
    const auto together =
        read("square", "{\"payment\":" + payment("COMPLETED") + ",\"order\":" + order + "}");
    REQUIRE(together.transactions.size() == 2);
    CHECK(line_of(together.transactions[0])
          == "sale p1 JPY 1280 store=L1 member=c1" + std::string{at} + lines);
    CHECK(line_of(together.transactions[1])
          == "order o1 JPY 1280 store=L1 member=c9 at=1795309080000" + lines
                 + " -- an order; its payment is the sale");
    // Two payments of one order: none of them bought all of it.
    const auto split = read("square", "{\"payments\":[" + payment("COMPLETED") + ","
                                          + payment("COMPLETED") + "],\"orders\":[" + order + "]}");
    REQUIRE(split.transactions.size() == 3);
    CHECK(split.transactions[0].lines.empty());
    CHECK(split.transactions[1].lines.empty());
}

TEST_CASE("square: orders tell why they are no sale", "[webhook]")
{
    CHECK(
        text_of(read("square",
                     event("order.created",
                           R"({"order_created":{"order_id":"o2","location_id":"L1","state":"OPEN",)"
                           R"("created_at":"2026-11-22T01:00:00Z","version":1}})")))
        == "order o2 store=L1" + std::string{at} + " -- the order is still open\n");
    CHECK(
        text_of(read("square", event("order.updated",
                                     R"({"order_updated":{"order_id":"o2","state":"CANCELED"}})")))
        == "order o2 -- the order was cancelled\n");
}

TEST_CASE("square: a refund names its payment, and counts when it is completed", "[webhook]")
{
    const auto refund = [](const std::string& status) {
        return read(
            "square",
            event(
                "refund.updated",
                R"({"refund":{"id":"r1","payment_id":"p1","location_id":"L1","status":")" + status
                    + R"(","created_at":"2026-11-22T01:00:00Z","amount_money":{"amount":280,"currency":"JPY"}}})"));
    };
    const std::string what = "refund r1 JPY 280 store=L1 of=p1" + std::string{at};
    CHECK(text_of(refund("COMPLETED")) == what + "\n");
    CHECK(text_of(refund("PENDING")) == what + " -- the refund is not completed yet\n");
    CHECK(text_of(refund("FAILED")) == what + " -- the refund was not paid out\n");
}

TEST_CASE("square: loyalty and everything else is understood and is no sale", "[webhook]")
{
    CHECK(text_of(read("square", event("loyalty.account.updated",
                                       R"({"loyalty_account":{"id":"la1","customer_id":"c1"}})")))
          == "loyalty la1 member=la1 member=c1\n");
    CHECK(text_of(read("square", event("inventory.count.updated", R"({"inventory_counts":[]})")))
          == "notice d1 at=1795309140000 -- an event that is not about a sale\n");
    CHECK(text_of(read("square", R"({"errors":[{"code":"NOT_FOUND"}]})"))
          == "garbled 33: JSON that this service does not send\n");
}

TEST_CASE("square: a register that was cut off tells when it took the money", "[webhook]")
{
    const auto told =
        read("square",
             payment("COMPLETED",
                     R"(,"offline_payment_details":{"client_created_at":"2026-11-21T23:00:00Z"})"));
    REQUIRE(told.transactions.size() == 1);
    CHECK(told.transactions[0].at->time.time_since_epoch().count() == 1795302000000);
}

TEST_CASE("square: placeholders of generated samples are no ids and no times", "[webhook]")
{
    CHECK(
        text_of(read(
            "square",
            R"({"payment":{"id":"p3","status":"COMPLETED","amount_money":{"amount":1,"currency":"USD"},)"
            R"("customer_id":"customer_id","location_id":"location_id","created_at":"created_at",)"
            R"("device_details":{"device_id":"device_id"},)"
            R"("offline_payment_details":{"client_created_at":"client_created_at"}}})"))
        == "sale p3 USD 0.01\n");
}
