// Smaregi's webhooks and transactions (スマレジ・プラットフォームAPI).
//
//   notice
//   {"contractId":…,"event":"pos:transactions","action":"created","transactionHeadIds":["3"]}
//           {"contractId":…,"event":…,"action":…,"data":{"transactionHeadId":"3"}}
//   head
//   {"transactionHeadId":"3","transactionHeadDivision":"1","cancelDivision":"0","total":"1280",
//            "customerCode":…,"details":[{"productCode":…,"salesPrice":"640","quantity":"2"}]}
//   tables
//   {"data":[{"table_name":"TransactionHead","rows":[…]},{"table_name":"TransactionDetail",…}]}
//
// A notice has only numbers; the heads come as {…}, [{…}], {"result":[…]} or as tables, which may
// lie in {"proc_name":…,"params":…} as an object or as a text of JSON. All values are texts,
// amounts in yen. The total is the head's: discounts, points and taxes on the whole stand between
// it and the sum of the lines.
#include "drivers/webhook/fields.hpp"
#include "drivers/webhook/webhook.hpp"

#include <map>
#include <utility>

namespace raiten::drivers::webhook {
namespace {

using pos::Kind;
using pos::Transaction;
using Hear = pos::TransactionReader::Hear;

constexpr std::string_view not_about_a_sale = "an event that is not about a sale";

struct Division {
    std::string_view code;
    Kind kind;
    std::string_view why;
};

/// transactionHeadDivision, as the API's reference lists it.
constexpr Division divisions[] = {
    {"1", Kind::sale, {}},
    {"2", Kind::control, "money put into the drawer"},
    {"3", Kind::control, "money taken from the drawer"},
    {"4", Kind::control, "a deposit, not a sale"},
    {"5", Kind::control, "a deposit paid back"},
    {"6", Kind::loyalty, "points added"},
    {"7", Kind::loyalty, "points taken"},
    {"8", Kind::loyalty, "points expired"},
    {"9", Kind::control, "a ticket that was paid before"},
    {"10", Kind::order, "laid away, not sold yet"},
    {"11", Kind::control, "a tip"},
    {"13", Kind::loyalty, "miles added"},
    {"14", Kind::loyalty, "miles taken"},
    {"15", Kind::control, "money put on a card"},
    {"16", Kind::control, "a receipt form, not a sale"},
};

Division division_of(const Value& head)
{
    const auto code = id_at(head, "transactionHeadDivision");
    if (code.empty()) return divisions[0];
    for (const auto& division : divisions)
        if (division.code == code) return division;
    return {{}, Kind::control, "a kind of transaction that is no sale"};
}

ReceiptLine line_of(const Value& detail)
{
    ReceiptLine line;
    line.sku = id_at(detail, "productCode");
    if (line.sku.empty()) line.sku = id_at(detail, "productId");
    line.name = text_at(detail, "productName");
    line.category = text_at(detail, "categoryName");
    if (line.category.empty()) line.category = text_at(detail, "categoryId");
    line.quantity = money_at(detail, "quantity").value_or(Money{});
    if (const auto discounted = money_at(detail, "unitDiscountedSum")) {
        line.amount = *discounted;
    } else {
        const auto price = money_at(detail, "salesPrice").value_or(Money{});
        line.amount = times(price, line.quantity).value_or(Money{});
    }
    const bool brought_back = id_at(detail, "transactionDetailDivision") == "2";
    if (brought_back && line.amount > Money{}) line.amount = -line.amount;
    return line;
}

/// When it was rung up; `transactionDateTime` is when the server heard of it.
std::optional<ToldTime> sold_at(const Value& head)
{
    const auto sold = time_at(head, "terminalTranDateTime");
    return sold ? sold : time_at(head, "transactionDateTime");
}

/// Undone at the register: cancelled itself, or by a second transaction that cancels it.
void judge_void(Transaction& told, const Value& head)
{
    if (id_at(head, "cancelDivision") == "1") {
        told.kind = Kind::void_;
        told.refers_to = told.number;
        if (const auto cancelled = time_at(head, "cancelDateTime")) told.at = cancelled;
    } else if (id_at(head, "disposeDivision") == "2") {
        told.kind = Kind::void_;
        told.refers_to = id_at(head, "disposeServerTransactionHeadId");
    }
}

Transaction head_of(const Value& head)
{
    Transaction told;
    const auto division = division_of(head);
    told.kind = division.kind;
    told.not_here = division.why;
    told.number = id_at(head, "transactionHeadId");
    told.register_name = id_at(head, "terminalId");
    told.store = id_at(head, "storeId");
    told.business_day = id_at(head, "sumDate");
    told.at = sold_at(head);
    told.currency = "JPY";
    const auto total = money_at(head, "total");
    told.total = without_sign(total.value_or(Money{}));
    for (const char* key : {"customerCode", "customerId", "memberId"}) {
        auto member = id_at(head, key);
        if (!member.empty()) told.members.push_back(std::move(member));
    }
    if (told.kind == Kind::sale) {
        const bool back = id_at(head, "returnSales") == "1" || (total && *total < Money{});
        if (back) told.kind = Kind::refund;
        judge_void(told, head);
        if (!total) told.not_here = "a sale without a total";
    }
    return told;
}

void add_line(Transaction& told, const Value& detail)
{
    if (told.lines.size() < pos::lines_max && detail.is_object())
        told.lines.push_back(line_of(detail));
}

void tell_head(const Value& head, const Hear& hear)
{
    auto told = head_of(head);
    for (const auto& detail : head["details"].items) add_line(told, detail);
    hear(std::move(told));
}

bool is_head(const Value& value)
{
    return value.has("transactionHeadDivision")
           || (value.has("transactionHeadId") && value.has("total"));
}

bool tell_tables(const Value& tables, const Hear& hear)
{
    const Value* heads = nullptr;
    std::multimap<std::string, const Value*> details;  // by the number of their head
    for (const auto& table : tables.items) {
        const auto name = id_at(table, "table_name");
        const Value& rows = table["rows"];
        if (name == "TransactionHead" && rows.is_array()) heads = &rows;
        if (name == "TransactionDetail")
            for (const auto& row : rows.items)
                details.emplace(id_at(row, "transactionHeadId"), &row);
    }
    if (heads == nullptr) return false;
    for (const auto& head : heads->items) {
        if (!is_head(head)) continue;
        auto told = head_of(head);
        const auto [from, to] = details.equal_range(told.number);
        for (auto at = from; at != to; ++at) add_line(told, *at->second);
        // Each line is of one head only, however often its number comes.
        details.erase(from, to);
        hear(std::move(told));
    }
    return true;
}

void tell_notice(std::string number, std::string_view why, const Hear& hear)
{
    Transaction told;
    told.kind = Kind::notice;
    told.number = std::move(number);
    told.not_here = why;
    hear(std::move(told));
}

/// Tells a notice for each number that an event, or a part of it, holds; how many there were.
std::size_t tell_numbers(const Value& part, const Hear& hear)
{
    std::size_t told = 0;
    if (auto id = id_at(part, "transactionHeadId"); !id.empty()) {
        tell_notice(std::move(id), {}, hear);
        ++told;
    }
    for (const auto& id : part["transactionHeadIds"].items) {
        if (id.type != Value::Type::text && id.type != Value::Type::number) continue;
        tell_notice(id.text.substr(0, id_bytes_max), {}, hear);
        ++told;
    }
    return told;
}

void tell_event(const Value& event, const Hear& hear)
{
    const auto name = id_at(event, "event");
    if (!name.empty() && name != "pos:transactions") return tell_notice({}, not_about_a_sale, hear);
    const Value& data = event["data"];
    std::size_t told = tell_numbers(event, hear) + tell_numbers(data, hear);
    if (data.is_array())
        for (const auto& part : data.items) told += tell_numbers(part, hear);
    if (told == 0) tell_notice({}, {}, hear);
}

}  // namespace

bool read_smaregi(const Value& value, const Hear& hear)
{
    if (value.is_array()) {
        bool told = value.items.empty();
        for (const auto& item : value.items)
            told = (item.is_object() && read_smaregi(item, hear)) || told;
        return told;
    }
    if (is_head(value)) {
        tell_head(value, hear);
    } else if (value.has("event") || value.has("transactionHeadIds")) {
        tell_event(value, hear);
    } else if (value["result"].is_array()) {
        return read_smaregi(value["result"], hear);
    } else if (value["params"].is_object()) {
        return tell_tables(value["params"]["data"], hear);
    } else if (value["params"].type == Value::Type::text) {
        const auto within = parse_json(value["params"].text);
        return within && tell_tables((*within)["data"], hear);
    } else {
        return tell_tables(value["data"], hear);
    }
    return true;
}

}  // namespace raiten::drivers::webhook
