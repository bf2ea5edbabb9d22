// Shopify's orders and refunds, as webhooks (orders/*, refunds/create) and as the REST API has
// them: {"order":{…}}, {"orders":[…]}, {"refund":{…}}, bare, or an array of bare ones.
//
// A sale is an order that a register took (`source_name` "pos"), that is paid, not cancelled and
// no test. Its number is `id`, which never changes; its total is `total_price`, what was paid then:
// refunds are told by themselves, so `current_total_price` would count them twice.
#include "drivers/webhook/fields.hpp"
#include "drivers/webhook/webhook.hpp"

#include <utility>

namespace raiten::drivers::webhook {
namespace {

using pos::Kind;
using pos::Transaction;
using Hear = pos::TransactionReader::Hear;

std::optional<ToldTime> processed_at(const Value& record)
{
    const auto processed = time_at(record, "processed_at");
    return processed ? processed : time_at(record, "created_at");
}

/// What was given off a line, with its share of what was given off the order.
Money discount_of(const Value& item)
{
    const Value& shares = item["discount_allocations"];
    if (shares.items.empty()) return money_at(item, "total_discount").value_or(Money{});
    Money sum;
    for (const auto& share : shares.items)
        sum = plus(sum, money_at(share, "amount").value_or(Money{}));
    return sum;
}

ReceiptLine item_of(const Value& item)
{
    ReceiptLine line;
    for (const char* key : {"sku", "variant_id", "product_id"})
        if (line.sku.empty()) line.sku = id_at(item, key);
    line.name = text_at(item, "name");
    if (line.name.empty()) line.name = text_at(item, "title");
    line.quantity = money_at(item, "quantity").value_or(Money{});
    return line;
}

std::vector<ReceiptLine> lines_of(const Value& order)
{
    std::vector<ReceiptLine> lines;
    for (const auto& item : order["line_items"].items) {
        if (lines.size() == pos::lines_max) break;
        auto line = item_of(item);
        const auto price = money_at(item, "price").value_or(Money{});
        line.amount = plus(times(price, line.quantity).value_or(Money{}), -discount_of(item));
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<ReceiptLine> lines_back(const Value& refund)
{
    std::vector<ReceiptLine> lines;
    for (const auto& back : refund["refund_line_items"].items) {
        if (lines.size() == pos::lines_max) break;
        auto line = item_of(back["line_item"]);
        line.quantity = money_at(back, "quantity").value_or(line.quantity);
        line.amount = money_at(back, "subtotal").value_or(Money{});
        lines.push_back(std::move(line));
    }
    return lines;
}

/// Why an order is none of this store's doings; "" where it is.
std::string_view why_elsewhere(const Value& order)
{
    if (order["test"].is_true()) return "a test order";
    const auto source = id_at(order, "source_name");
    if (source == "pos") return {};
    return source == "web" ? "ordered online" : "not sold at a register";
}

std::string_view why_unpaid(std::string_view status)
{
    if (status == "paid" || status == "partially_refunded") return {};
    if (status == "refunded") return "refunded in full";
    if (status == "voided") return "the payment was cancelled";
    if (status == "partially_paid") return "not paid in full yet";
    if (status == "authorized") return "the payment is approved, not completed yet";
    return "not paid yet";
}

/// A cancelled order undoes the sale that it was, unless a refund does so already.
void judge_cancelled(Transaction& told, std::string_view status)
{
    if (status == "paid") {
        told.kind = Kind::void_;
        told.refers_to = told.number;
    } else {
        told.not_here = "the order was cancelled";
    }
}

Transaction order_of(const Value& order)
{
    Transaction told;
    told.number = id_at(order, "id");
    told.register_name = id_at(order, "device_id");
    told.store = id_at(order, "location_id");
    told.at = processed_at(order);
    told.currency = id_at(order, "currency");
    const auto total = money_at(order, "total_price");
    told.total = without_sign(total.value_or(Money{}));
    told.lines = lines_of(order);
    auto member = id_at(order["customer"], "id");
    if (!member.empty()) told.members.push_back(std::move(member));

    const auto status = id_at(order, "financial_status");
    told.not_here = why_elsewhere(order);
    if (told.not_here.empty()) {
        if (order.has("cancelled_at"))
            judge_cancelled(told, status);
        else
            told.not_here = why_unpaid(status);
    }
    // What was never sold here is an order; what was, stays a sale.
    if (!told.not_here.empty() && status != "refunded") told.kind = Kind::order;
    if (told.not_here.empty() && !total) told.not_here = "an order without a total";
    return told;
}

Transaction refund_of(const Value& refund)
{
    Transaction told;
    told.kind = Kind::refund;
    told.number = id_at(refund, "id");
    told.refers_to = id_at(refund, "order_id");
    told.at = processed_at(refund);
    told.lines = lines_back(refund);
    bool waiting = false;
    bool test = false;
    bool paid_back = false;
    for (const auto& payment : refund["transactions"].items) {
        const auto kind = id_at(payment, "kind");
        if (kind != "refund" && kind != "void") continue;
        test = test || payment["test"].is_true();
        const auto status = id_at(payment, "status");
        if (status == "pending") waiting = true;
        if (status != "success" && !status.empty()) continue;
        paid_back = true;
        told.total = plus(told.total, without_sign(money_at(payment, "amount").value_or(Money{})));
        if (told.currency.empty()) told.currency = id_at(payment, "currency");
    }
    if (test) {
        told.not_here = "a test order";
    } else if (!paid_back) {
        told.not_here = waiting ? "the refund is not completed yet" : "nothing was paid back";
    }
    return told;
}

/// An order, and the refunds that it carries: they may have been told alone, under the same number.
void tell_order(const Value& order, const Hear& hear)
{
    hear(order_of(order));
    const auto elsewhere = why_elsewhere(order);
    for (const auto& refund : order["refunds"].items) {
        if (!refund.is_object()) continue;
        auto told = refund_of(refund);
        if (told.refers_to.empty()) told.refers_to = id_at(order, "id");
        if (told.currency.empty()) told.currency = id_at(order, "currency");
        told.store = id_at(order, "location_id");
        if (!elsewhere.empty()) told.not_here = elsewhere;
        hear(std::move(told));
    }
}

/// Money for an order, on its own (topic order_transactions/create).
Transaction payment_of(const Value& payment)
{
    Transaction told;
    told.kind = Kind::payment;
    told.number = id_at(payment, "id");
    told.refers_to = id_at(payment, "order_id");
    told.at = processed_at(payment);
    told.currency = id_at(payment, "currency");
    told.total = without_sign(money_at(payment, "amount").value_or(Money{}));
    return told;
}

/// A customer, a product, a cart: other topics, all of which number what they are about.
Transaction other_of(const Value& record)
{
    Transaction told;
    told.kind = Kind::notice;
    told.not_here = "an event that is not about a sale";
    told.number = id_at(record, "id");
    told.at = time_at(record, "created_at");
    return told;
}

}  // namespace

bool read_shopify(const Value& value, const Hear& hear)
{
    if (value.is_array()) {
        bool told = value.items.empty();
        for (const auto& item : value.items)
            told = (item.is_object() && read_shopify(item, hear)) || told;
        return told;
    }
    // An answer of the API names what it holds: {"order":{…}}, {"orders":[…]}, {"refund":{…}}.
    if (value.items.size() == 1 && (value.items[0].is_object() || value.items[0].is_array()))
        return read_shopify(value.items[0], hear);

    if (value.has("financial_status") || (value.has("line_items") && value.has("total_price"))) {
        tell_order(value, hear);
    } else if (value.has("order_id")
               && (value.has("refund_line_items") || value["transactions"].is_array())) {
        hear(refund_of(value));
    } else if (value.has("order_id") && value.has("kind") && value.has("amount")) {
        hear(payment_of(value));
    } else if (value.has("id") && value.has("created_at")) {
        hear(other_of(value));
    } else {
        return false;
    }
    return true;
}

}  // namespace raiten::drivers::webhook
