// An order at Shopify's register, paid, changed, refunded; and those that no register took.
#include "tests/drivers/webhook/told.hpp"

using namespace raiten::test;

namespace {

std::string order(const std::string& status, const std::string& source = "pos",
                  const std::string& more = "")
{
    return R"({"id":450789469123456789,"name":"#1001","currency":"USD","total_price":"25.50","current_total_price":"20.00",)"
           R"("processed_at":"2026-11-22T10:00:00+09:00","created_at":"2026-11-22T10:00:05+09:00",)"
           R"("location_id":77,"device_id":3,"customer":{"id":207119551},"financial_status":")"
           + status + R"(","source_name":")" + source
           + R"(","line_items":[{"sku":"TEA","name":"Tea - large","title":"Tea","quantity":2,"price":"10.00","total_discount":"0.50"},)"
             R"({"variant_id":49,"title":"Bag","quantity":1,"price":"7.00","total_discount":"0.00",)"
             R"("discount_allocations":[{"amount":"0.75"},{"amount":"0.25"}]}],"test":false,"cancelled_at":null)"
           + more + "}";
}

const std::string head = " 450789469123456789 USD 25.5 store=77 register=3 member=207119551";
const std::string tail = " at=1795309200000 [TEA|Tea - large|2|19.5] [49|Bag|1|6]";

const std::string refund =
    R"({"id":929361464,"order_id":450789469123456789,"created_at":"2026-11-22T10:00:00+09:00",)"
    R"("refund_line_items":[{"quantity":1,"subtotal":9.75,"line_item":{"sku":"TEA","name":"Tea"}}],)"
    R"("transactions":[{"kind":"refund","status":"success","amount":"9.75","currency":"USD"}]})";

}  // namespace

TEST_CASE("shopify: a paid order of a register is a sale, by its id and what was paid", "[webhook]")
{
    CHECK(text_of(read("shopify", order("paid"))) == "sale" + head + tail + "\n");
    CHECK(text_of(read("shopify", order("partially_refunded"))) == "sale" + head + tail + "\n");
    CHECK(receipts_of("shopify", "{\"order\":" + order("paid") + "}")
          == "sale 450789469123456789 25.5 USD card:207119551\n");
    CHECK(read("shopify", "{\"orders\":[" + order("paid") + "," + order("pending") + "]}")
              .transactions.size()
          == 2);
    CHECK(read("shopify", "[" + order("paid") + "]").transactions.size() == 1);
}

TEST_CASE("shopify: what is not paid, or not sold here, says why", "[webhook]")
{
    const auto why = [](const std::string& body) { return receipts_of("shopify", body); };
    CHECK(why(order("pending")) == "not paid yet\n");
    CHECK(why(order("authorized")) == "the payment is approved, not completed yet\n");
    CHECK(why(order("partially_paid")) == "not paid in full yet\n");
    CHECK(why(order("voided")) == "the payment was cancelled\n");
    CHECK(why(order("refunded")) == "refunded in full\n");
    CHECK(why(order("paid", "web")) == "ordered online\n");
    CHECK(why(order("paid", "shopify_draft_order")) == "not sold at a register\n");
    CHECK(
        why(R"({"id":1,"test":true,"source_name":"pos","financial_status":"paid","total_price":"1.00","currency":"USD"})")
        == "a test order\n");
    CHECK(why(R"({"id":1,"source_name":"pos","financial_status":"paid","currency":"USD"})")
          == "an order without a total\n");
}

TEST_CASE("shopify: a cancelled order undoes its sale, unless a refund does", "[webhook]")
{
    const auto cancelled = [](const std::string& status) {
        return R"({"id":5,"source_name":"pos","financial_status":")" + status
               + R"(","total_price":"1.00","currency":"USD","cancelled_at":"2026-11-22T10:00:00+09:00"})";
    };
    CHECK(text_of(read("shopify", cancelled("paid"))) == "void 5 USD 1 of=5\n");
    CHECK(receipts_of("shopify", cancelled("refunded")) == "the order was cancelled\n");
    CHECK(receipts_of("shopify", cancelled("voided")) == "the order was cancelled\n");
}

TEST_CASE("shopify: a refund names its order, alone or within it", "[webhook]")
{
    const std::string told = "refund 929361464 USD 9.75";
    const std::string rest = " of=450789469123456789 at=1795309200000 [TEA|Tea|1|9.75]";
    CHECK(text_of(read("shopify", refund)) == told + rest + "\n");
    const auto within =
        read("shopify", order("partially_refunded", "pos", ",\"refunds\":[" + refund + "]"));
    REQUIRE(within.transactions.size() == 2);
    CHECK(line_of(within.transactions[1]) == told + " store=77" + rest);
    const auto online =
        read("shopify", order("partially_refunded", "web", ",\"refunds\":[" + refund + "]"));
    CHECK(online.transactions.at(1).not_here == "ordered online");
}

TEST_CASE("shopify: a refund counts when the money went back", "[webhook]")
{
    const auto with = [](const std::string& payments) {
        return receipts_of(
            "shopify",
            R"({"id":9,"order_id":5,"refund_line_items":[],"transactions":)" + payments + "}");
    };
    CHECK(with("[]") == "nothing was paid back\n");
    CHECK(with(R"([{"kind":"refund","status":"pending","amount":"1.00"}])")
          == "the refund is not completed yet\n");
    CHECK(with(R"([{"kind":"refund","status":"success","test":true,"amount":"1.00"}])")
          == "a test order\n");
    CHECK(with(R"([{"kind":"refund","status":"success","amount":"1.00","currency":"EUR"},)"
               R"({"kind":"refund","status":"success","amount":"0.25"},)"
               R"({"kind":"refund","status":"failure","amount":"7"}])")
          == "refund 9 1.25 EUR \n");
}

TEST_CASE("shopify: other topics are understood and are no sale", "[webhook]")
{
    CHECK(receipts_of("shopify",
                      R"({"id":1,"order_id":5,"kind":"sale","amount":"9.00","status":"success"})")
          == "a payment that is told elsewhere\n");
    CHECK(receipts_of("shopify",
                      R"({"id":1,"email":"a@example.com","created_at":"2026-11-22T10:00:00Z"})")
          == "an event that is not about a sale\n");
    CHECK(receipts_of(
              "shopify",
              R"({"draft_order":{"id":1,"line_items":[],"total_price":"9.00","status":"open"}})")
          == "not sold at a register\n");
    CHECK(receipts_of("shopify", R"({"orders":[]})") == "");
    CHECK(receipts_of("shopify", R"({"hello":1})") == "JSON that this service does not send\n");
}
