#include "drivers/poslog/record.hpp"

#include "daemon/base/iso8601.hpp"
#include "drivers/xml/document.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace raiten::drivers::poslog {
namespace {

/// So that no sum of a transaction's lines can leave Money.
constexpr std::size_t whole_digits_max = 12;
constexpr std::size_t decimals_kept = 4;

std::string lower(std::string_view text)
{
    std::string out{xml::local_name(text)};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool says_any(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

bool all_digits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// xs:decimal, such as "25.00000" and "-.5", also "12.50-"; more than four decimals are rounded
/// half away from zero.
std::optional<Money> amount_of(std::string_view text)
{
    bool negative = false;
    if (text.starts_with('-') || text.starts_with('+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    } else if (text.ends_with('-')) {
        negative = true;
        text.remove_suffix(1);
    }
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.size() > whole_digits_max || (whole.empty() && part.empty())) return std::nullopt;
    if (!all_digits(whole) || !all_digits(part)) return std::nullopt;

    std::int64_t n = 0;
    for (const char c : whole) n = n * 10 + (c - '0');
    for (std::size_t i = 0; i < decimals_kept; ++i)
        n = n * 10 + (i < part.size() ? part[i] - '0' : 0);
    if (part.size() > decimals_kept && part[decimals_kept] >= '5') ++n;
    return Money::from_ten_thousandths(negative ? -n : n);
}

Money size_of(Money amount)
{
    return amount < Money{} ? -amount : amount;
}

/// Rounded half away from zero; nothing where the product leaves Money.
std::optional<Money> product(Money price, Money quantity)
{
    const double n = price.units() * static_cast<double>(quantity.ten_thousandths());
    if (n > 1e16 || n < -1e16) return std::nullopt;
    return Money::from_ten_thousandths(static_cast<std::int64_t>(n + (n < 0 ? -0.5 : 0.5)));
}

struct Goods {
    const RecordLine* line;
    Money quantity;
    Money amount;
    bool gone{};
};

Goods goods_of(const RecordLine& line)
{
    const Money quantity = amount_of(line.quantity).value_or(Money::from_units(1));
    auto amount = amount_of(line.amount);
    if (const auto price = amount_of(line.unit_price); !amount && price)
        amount = product(*price, quantity);
    return {&line, quantity, amount.value_or(Money{}), line.voided};
}

/// A voiding line takes the line that it names with it, or, where it repeats the goods with the
/// opposite amount, the last such line before it.
void remove_voided(std::vector<Goods>& goods)
{
    for (std::size_t n = 0; n < goods.size(); ++n) {
        const auto& voiding = goods[n];
        if (!voiding.line->voided) continue;
        for (std::size_t m = n; m-- > 0;) {
            auto& before = goods[m];
            if (before.gone || before.line->is_return != voiding.line->is_return) continue;
            const bool named =
                !voiding.line->link.empty() && before.line->number == voiding.line->link;
            const bool opposite = voiding.line->link.empty() && voiding.amount < Money{}
                                  && before.line->sku == voiding.line->sku
                                  && before.amount == -voiding.amount;
            if (!named && !opposite) continue;
            before.gone = true;
            break;
        }
    }
    goods.erase(
        std::remove_if(goods.begin(), goods.end(), [](const Goods& each) { return each.gone; }),
        goods.end());
}

std::vector<Goods> goods_that_count(const Record& record)
{
    std::vector<Goods> goods;
    goods.reserve(record.lines.size());
    for (const auto& line : record.lines) goods.push_back(goods_of(line));
    remove_voided(goods);
    return goods;
}

/// Money is positive in the direction of the receipt: what comes back in a sale is negative.
std::vector<ReceiptLine> receipt_lines(const std::vector<Goods>& goods, bool refund)
{
    std::vector<ReceiptLine> lines;
    lines.reserve(goods.size());
    for (const auto& each : goods) {
        ReceiptLine line;
        line.sku = each.line->sku;
        line.name = each.line->name;
        line.category = each.line->category;
        line.quantity = each.line->is_return ? -size_of(each.quantity) : each.quantity;
        line.amount = each.line->is_return ? -size_of(each.amount) : each.amount;
        if (refund) {
            line.quantity = -line.quantity;
            line.amount = -line.amount;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::optional<Money> total_named(const Record& record, std::string_view type)
{
    for (const auto& total : record.totals)
        if (xml::local_name(total.type) == type)
            if (const auto amount = amount_of(total.amount))
                return total.of_returns ? -size_of(*amount) : amount;
    return std::nullopt;
}

/// What was paid, without what was given back; roundings are no money.
std::optional<Money> paid(const Record& record)
{
    std::optional<Money> sum;
    for (const auto& tender : record.tenders) {
        const auto amount = amount_of(tender.amount);
        if (tender.voided || tender.rounding || !amount) continue;
        sum = sum.value_or(Money{}) + *amount;
        const auto change = amount_of(tender.change);
        // Some write change as a negative tender, some as nothing with the change beside it.
        if (change && *amount >= Money{}) *sum -= size_of(*change);
    }
    return sum;
}

std::optional<Money> total_of(const Record& record, const std::vector<Goods>& goods)
{
    if (const auto grand = total_named(record, "TransactionGrandAmount")) return grand;
    if (const auto total = total_named(record, "TransactionTotalAmount")) return total;
    if (const auto total = total_named(record, "TransactionTotal")) return total;
    const auto tendered = paid(record);
    if (const auto net = total_named(record, "TransactionNetAmount")) {
        // Some write the net amount with the tax in it.
        const auto tax = total_named(record, "TransactionTaxAmount").value_or(Money{});
        return tendered == *net ? *net : *net + tax;
    }
    if (const auto bare = total_named(record, "")) return bare;
    if (const auto gross = total_named(record, "TransactionGrossAmount")) return gross;
    if (const auto applied = total_named(record, "TransactionTenderApplied")) return applied;
    if (tendered) return tendered;
    if (goods.empty()) return std::nullopt;
    Money sum;
    for (const auto& each : goods)
        sum += each.line->is_return ? -size_of(each.amount) : each.amount;
    return sum;
}

std::string number_from(const std::string& workstation, const std::string& sequence,
                        const std::string& otherwise)
{
    if (sequence.empty()) return otherwise;
    return workstation.empty() ? sequence : workstation + "-" + sequence;
}

std::optional<ToldTime> told_time(std::string text)
{
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    if (text.size() == 16) text += ":00";
    if (const auto exact = parse_instant(text)) return ToldTime{*exact, false};
    if (const auto wall = parse_instant(text + "Z")) return ToldTime{*wall, true};
    return std::nullopt;
}

std::optional<ToldTime> time_of(const Record& record)
{
    for (const auto* text : {&record.end, &record.logged_at, &record.receipt_at, &record.begin})
        if (const auto time = told_time(*text)) return time;
    return std::nullopt;
}

std::vector<std::string> members_of(const Record& record)
{
    std::vector<std::string> members;
    for (std::uint8_t rank = 0; rank <= 2; ++rank)
        for (const auto& member : record.members)
            if (member.rank == rank
                && std::find(members.begin(), members.end(), member.id) == members.end())
                members.push_back(member.id);
    return members;
}

struct Course {
    pos::Kind kind;
    std::string_view not_here;
};

/// What became of a retail transaction.
Course course_of(const Record& record, const std::optional<Money>& total)
{
    using pos::Kind;
    const std::string status = lower(record.status);
    const std::string type = lower(record.type_code);
    const bool nothing_paid = record.tenders.empty();
    const bool only_returns = record.return_lines > 0 && record.sale_lines == 0;
    const bool below_zero = total && *total < Money{};
    const bool called_return = says_any(type, {"return", "refund"}) && record.sale_lines == 0;

    Course course{Kind::sale, {}};
    if (only_returns || below_zero || called_return) course.kind = Kind::refund;

    const bool has_link = !record.link_sequence.empty() || !record.link_transaction_id.empty();
    const bool after_the_fact = says_any(status, {"postvoid"}) || says_any(type, {"postvoid"});
    const bool voided = record.voided || says_any(status, {"void"}) || says_any(type, {"void"});
    if (voided) {
        course.kind = Kind::void_;
        if (!has_link && !after_the_fact) course.not_here = "voided before it was completed";
    } else if (record.cancelled || says_any(status, {"cancel"}) || says_any(type, {"cancel"})) {
        course = {Kind::void_, "cancelled"};
    } else if (record.suspended || (says_any(status, {"suspend"}) && nothing_paid)
               || status == "suspended") {
        course.not_here = "suspended";
    } else if (says_any(status, {"inprocess", "in process", "failed", "aborted", "abandoned",
                                 "incomplete", "pending"})
               || (status == "totaled" && nothing_paid)) {
        course.not_here = "not completed";
    } else if (!total) {
        course.not_here = "a transaction without a total";
    }
    if (record.online) course.not_here = "ordered online";
    if (record.training || says_any(status, {"training"}) || says_any(type, {"training"}))
        course.not_here = "training mode";
    return course;
}

bool is_retail(const Record& record)
{
    if (record.kind == "RetailTransaction") {
        // Opening the drawer is a retail transaction to some.
        return record.sale_lines + record.return_lines + record.tenders.size()
                   + record.totals.size()
               > 0;
    }
    const bool goods = record.sale_lines + record.return_lines > 0;
    return goods && !says_any(record.kind, {"Order", "Inventory", "Control"});
}

}  // namespace

void Record::clear()
{
    for (auto* text : {&kind,
                       &type_code,
                       &status,
                       &store,
                       &store_type,
                       &workstation,
                       &sequence,
                       &transaction_id,
                       &receipt_number,
                       &business_day,
                       &begin,
                       &end,
                       &receipt_at,
                       &logged_at,
                       &currency,
                       &currency_of_amount,
                       &link_workstation,
                       &link_sequence,
                       &link_transaction_id,
                       &link_reason})
        text->clear();
    lines.clear();
    tenders.clear();
    totals.clear();
    members.clear();
    sale_lines = return_lines = 0;
    training = cancelled = voided = suspended = online = false;
}

pos::Transaction conclude(const Record& record)
{
    pos::Transaction transaction;
    transaction.number =
        number_from(record.workstation, record.sequence,
                    record.transaction_id.empty() ? record.receipt_number : record.transaction_id);
    transaction.register_name = record.workstation;
    transaction.store = record.store;
    transaction.business_day = record.business_day;
    transaction.at = time_of(record);
    transaction.currency = record.currency.empty() ? record.currency_of_amount : record.currency;
    transaction.members = members_of(record);
    if (!is_retail(record)) {
        const bool order = says_any(record.kind, {"Order"});
        transaction.kind = order ? pos::Kind::order : pos::Kind::control;
        return transaction;
    }

    const auto goods = goods_that_count(record);
    const auto total = total_of(record, goods);
    const auto course = course_of(record, total);
    transaction.kind = course.kind;
    transaction.not_here = course.not_here;
    transaction.total = size_of(total.value_or(Money{}));
    transaction.lines = receipt_lines(goods, course.kind == pos::Kind::refund);
    if (course.kind != pos::Kind::sale) {
        transaction.refers_to =
            number_from(record.link_workstation, record.link_sequence, record.link_transaction_id);
        const bool undone_in_place =
            course.kind == pos::Kind::void_ && transaction.refers_to.empty();
        if (undone_in_place && course.not_here.empty()) transaction.refers_to = transaction.number;
    }
    return transaction;
}

}  // namespace raiten::drivers::poslog
