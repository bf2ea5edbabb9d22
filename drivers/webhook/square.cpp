// Square's webhook events and API objects.
//
//   {"type":"payment.updated","created_at":…,"data":{"type":"payment","id":…,"object":{"payment":{…}}}}
//   {"payment":{…}}   {"payments":[…]}   {"order":{…}}   {"refunds":[…]}   {"events":[…]}   bare
//   ones
//
// A sale is a payment whose status is COMPLETED: its id stays the same from APPROVED on, however
// often and in whatever order it is told. An order is what was bought; it lends its lines to its
// payment where both come together, and is no receipt itself.
#include "drivers/webhook/fields.hpp"
#include "drivers/webhook/webhook.hpp"

#include <map>
#include <utility>

namespace raiten::drivers::webhook {
namespace {

using pos::Kind;
using pos::Transaction;
using Hear = pos::TransactionReader::Hear;

/// {"amount": 555, "currency": "USD"}
void set_money(Transaction& told, const Value& money)
{
    const auto currency = id_at(money, "currency");
    const auto amount = minor_units(id_at(money, "amount"), currency);
    if (!amount) return;
    told.total = without_sign(*amount);
    told.currency = currency;
}

ReceiptLine line_of(const Value& item)
{
    ReceiptLine line;
    line.sku = id_at(item, "sku");
    if (line.sku.empty()) line.sku = id_at(item, "catalog_object_id");
    line.name = text_at(item, "name");
    line.quantity = money_at(item, "quantity").value_or(Money{});
    const Value& total = item["total_money"];
    line.amount = minor_units(id_at(total, "amount"), id_at(total, "currency")).value_or(Money{});
    return line;
}

std::vector<ReceiptLine> lines_of(const Value& order)
{
    std::vector<ReceiptLine> lines;
    for (const auto& item : order["line_items"].items)
        if (lines.size() < pos::lines_max && item.is_object()) lines.push_back(line_of(item));
    return lines;
}

void add_member(Transaction& told, const Value& from)
{
    auto member = id_at(from, "customer_id");
    if (!member.empty()) told.members.push_back(std::move(member));
}

std::string_view why_no_sale(std::string_view status)
{
    if (status == "COMPLETED") return {};
    if (status == "APPROVED") return "the payment is approved, not completed yet";
    if (status == "PENDING") return "the payment is not completed yet";
    if (status == "CANCELED") return "the payment was cancelled";
    if (status == "FAILED") return "the payment failed";
    return "the payment is not completed";
}

std::optional<ToldTime> paid_at(const Value& payment)
{
    // A register that was cut off tells later when it really took the money.
    if (const auto offline = time_at(payment["offline_payment_details"], "client_created_at"))
        return offline;
    return time_at(payment, "created_at");
}

Transaction payment_of(const Value& payment)
{
    Transaction told;
    const auto status = id_at(payment, "status");
    told.not_here = why_no_sale(status);
    told.kind = status == "COMPLETED" ? Kind::sale : Kind::payment;
    if (told.not_here.empty()
        && id_at(payment["application_details"], "square_product") == "ONLINE_STORE")
        told.not_here = "ordered online";
    told.number = id_at(payment, "id");
    told.store = id_at(payment, "location_id");
    told.register_name = id_at(payment["device_details"], "device_id");
    told.at = paid_at(payment);
    // Without the tip: it is no turnover, and may still change after the sale.
    set_money(told, payment["amount_money"]);
    if (told.not_here.empty() && told.currency.empty())
        told.not_here = "a payment without an amount";
    add_member(told, payment);
    return told;
}

Transaction refund_of(const Value& refund)
{
    Transaction told;
    told.kind = Kind::refund;
    const auto status = id_at(refund, "status");
    if (status == "PENDING") {
        told.not_here = "the refund is not completed yet";
    } else if (status == "REJECTED" || status == "FAILED") {
        told.not_here = "the refund was not paid out";
    } else if (status != "COMPLETED") {
        told.not_here = "the refund is not completed";
    }
    told.number = id_at(refund, "id");
    told.refers_to = id_at(refund, "payment_id");
    told.store = id_at(refund, "location_id");
    told.at = time_at(refund, "created_at");
    set_money(told, refund["amount_money"]);
    if (told.not_here.empty() && told.currency.empty())
        told.not_here = "a refund without an amount";
    return told;
}

/// A whole order, or what an order event says of one.
Transaction order_of(const Value& order)
{
    Transaction told;
    told.kind = Kind::order;
    const auto state = id_at(order, "state");
    told.not_here = state == "OPEN"        ? "the order is still open"
                    : state == "CANCELED"  ? "the order was cancelled"
                    : state == "DRAFT"     ? "the order is a draft"
                    : state == "COMPLETED" ? "an order; its payment is the sale"
                                           : "an order, not a sale";
    told.number = id_at(order, "id");
    if (told.number.empty()) told.number = id_at(order, "order_id");
    told.store = id_at(order, "location_id");
    told.at = time_at(order, "created_at");
    set_money(told, order["total_money"]);
    told.lines = lines_of(order);
    add_member(told, order);
    return told;
}

/// An event of a loyalty account, or the account itself.
Transaction loyalty_of(const Value& about)
{
    Transaction told;
    told.kind = Kind::loyalty;
    told.number = id_at(about, "id");
    told.store = id_at(about, "location_id");
    told.at = time_at(about, "created_at");
    auto account = id_at(about, "loyalty_account_id");
    if (account.empty()) account = told.number;
    if (!account.empty()) told.members.push_back(std::move(account));
    add_member(told, about);
    return told;
}

/// One record, and those in an array of them.
template <class Each>
void each_of(const Value& object, const char* one, const char* several, const Each& each)
{
    if (object[one].is_object()) each(object[one]);
    for (const auto& item : object[several].items)
        if (item.is_object()) each(item);
}

/// What lies under its own name: the answers of the API, and `data.object` of an event.
class Named {
 public:
    Named(const Value& object, const Hear& hear) : object_{object}, hear_{hear}
    {
        each_of(object, "payment", "payments",
                [this](const Value& payment) { ++payments_[id_at(payment, "order_id")]; });
        each_of(object, "order", "orders",
                [this](const Value& order) { orders_.emplace(id_at(order, "id"), &order); });
    }

    bool tell()
    {
        each("payment", "payments", [this](const Value& payment) { tell_payment(payment); });
        each("refund", "refunds", [this](const Value& refund) { hear_(refund_of(refund)); });
        for (const char* order :
             {"order", "order_created", "order_updated", "order_fulfillment_updated"})
            each(order, "", [this](const Value& it) { hear_(order_of(it)); });
        each("", "orders", [this](const Value& order) { hear_(order_of(order)); });
        for (const char* about : {"loyalty_account", "loyalty_event", "event"})
            each(about, "", [this](const Value& it) { hear_(loyalty_of(it)); });
        each("", "loyalty_accounts", [this](const Value& it) { hear_(loyalty_of(it)); });
        return told_;
    }

 private:
    template <class Each>
    void each(const char* one, const char* several, const Each& tell)
    {
        each_of(object_, one, several, [&](const Value& record) {
            told_ = true;
            tell(record);
        });
    }

    void tell_payment(const Value& payment)
    {
        auto told = payment_of(payment);
        const auto order_id = id_at(payment, "order_id");
        const auto order = orders_.find(order_id);
        if (!order_id.empty() && order != orders_.end()) {
            if (told.members.empty()) add_member(told, *order->second);
            // Where several payments share an order, none of them bought all its lines.
            if (payments_[order_id] == 1) told.lines = lines_of(*order->second);
        }
        hear_(std::move(told));
    }

    const Value& object_;
    const Hear& hear_;
    std::map<std::string, std::size_t> payments_;  ///< how many of each order
    std::map<std::string, const Value*> orders_;   ///< by id
    bool told_{};
};

bool tell_event(const Value& event, const Hear& hear)
{
    const Value& data = event["data"];
    if (Named{data["object"], hear}.tell()) return true;
    Transaction told;
    told.kind = id_at(event, "type").starts_with("loyalty.") ? Kind::loyalty : Kind::notice;
    told.not_here = "an event that is not about a sale";
    told.number = id_at(data, "id");
    told.at = time_at(event, "created_at");
    hear(std::move(told));
    return true;
}

bool tell_bare(const Value& record, const Hear& hear)
{
    if (record["amount_money"].is_object()) {
        hear(record.has("payment_id") ? refund_of(record) : payment_of(record));
    } else if (record.has("loyalty_account_id")) {
        hear(loyalty_of(record));
    } else if (record["line_items"].is_array()
               || (record.has("state") && record.has("location_id"))) {
        hear(order_of(record));
    } else {
        return false;
    }
    return true;
}

/// {"events":[…]}: webhook events that were missed, or those of loyalty accounts.
bool tell_events(const Value& events, const Hear& hear)
{
    bool told = false;
    for (const auto& event : events.items)
        told =
            (event["data"].is_object() ? tell_event(event, hear) : tell_bare(event, hear)) || told;
    return told;
}

}  // namespace

bool read_square(const Value& value, const Hear& hear)
{
    if (value.is_array()) {
        bool told = false;
        for (const auto& item : value.items)
            told = (item.is_object() && read_square(item, hear)) || told;
        return told;
    }
    if (value.has("type") && value["data"].is_object()) return tell_event(value, hear);
    if (value["events"].is_array()) return tell_events(value["events"], hear);
    // A record has parts with the names of other records (an order its refunds): bare ones first.
    return tell_bare(value, hear) || Named{value, hear}.tell();
}

}  // namespace raiten::drivers::webhook
