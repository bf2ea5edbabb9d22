#include "drivers/poslog/record_writer.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::poslog {
namespace {

using xml::Attributes;

bool alike(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

bool yes(std::string_view text)
{
    return alike(text, "true") || text == "1" || alike(text, "yes") || alike(text, "y");
}

/// What web shops call themselves.
bool names_the_web(std::string_view text)
{
    constexpr std::array names{"web",      "online",    "ecommerce",  "e-commerce",
                               "ecom",     "webstore",  "webshop",    "web shop",
                               "internet", "mobileapp", "onlineshop", "eshop"};
    const auto local = xml::local_name(text);
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return alike(local, name); });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Without half a character at its end.
void cut_to(std::string& text, std::size_t bytes_max)
{
    if (text.size() <= bytes_max) return;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
}

void set_if_empty(std::string& into, std::string_view text)
{
    if (into.empty()) into = text;
}

bool is_body(std::string_view local)
{
    for (const std::string_view ending : {"Transaction", "Control", "Inventory", "EOD", "SOD"})
        if (local.ends_with(ending) && local.size() > ending.size()) return true;
    return false;
}

/// "07:00:00" -> "+07:00"; empty where it is no offset.
std::string as_offset(std::string_view text)
{
    std::string out = "+";
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        out[0] = text[0];
        text.remove_prefix(1);
    }
    const auto digit = [&](std::size_t n) { return text[n] >= '0' && text[n] <= '9'; };
    const bool good =
        text.size() >= 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
    return good ? out.append(text.substr(0, 5)) : std::string{};
}

bool has_offset(std::string_view time)
{
    const auto clock = time.find_first_of("T ");
    if (clock == std::string_view::npos) return false;
    return time.find_first_of("Zz+-", clock) != std::string_view::npos;
}

bool is_no_number(std::string_view id)
{
    return id.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

Tag RecordWriter::above(std::size_t steps) const
{
    return steps < depth_ ? path_[depth_ - steps] : Tag::other;
}

bool RecordWriter::at_transaction() const
{
    return depth_ == transaction_ + 1;
}

bool RecordWriter::at_head() const
{
    return at_transaction() || (body_ != 0 && depth_ == body_ + 1);
}

bool RecordWriter::in_item(std::size_t steps) const
{
    return item_ != 0 && depth_ == item_ + steps;
}

bool RecordWriter::in_link() const
{
    return link_ != 0 && depth_ == link_ + 1;
}

void RecordWriter::begin(const char* qualified, const Attributes& attributes)
{
    const Name name = name_of(qualified);
    path_[++depth_] = name.tag;
    if (transaction_ != 0) return begin_within(name, attributes);
    if (name.tag == Tag::transaction) begin_transaction(attributes);
}

void RecordWriter::begin_transaction(const Attributes& attributes)
{
    record_.clear();
    transaction_ = depth_;
    note_flags(attributes);
    note_channel(attributes);
}

void RecordWriter::begin_within(Name name, const Attributes& attributes)
{
    switch (name.tag) {
        case Tag::other:
            if (at_transaction() && is_body(name.local)) begin_body(name, attributes);
            return;
        case Tag::line_item:
            if (line_ == 0) begin_line(attributes);
            return;
        case Tag::sale:
        case Tag::return_:
            if (line_ != 0 && item_ == 0 && depth_ == line_ + 1)
                begin_item(name.tag == Tag::return_);
            return;
        case Tag::void_:
            if (line_ != 0 && depth_ == line_ + 1) now_.voided = line_has_item_ = true;
            return;
        case Tag::tender:
            if (tender_ == 0 && item_ == 0) begin_tender(attributes);
            return;
        case Tag::rounding:
            if (tender_ != 0 && depth_ == tender_ + 1) tender_now_.rounding = true;
            return;
        case Tag::transaction_link:
            if (link_ == 0) begin_link(attributes);
            return;
        case Tag::channel:
        case Tag::touch_point_id:
            return note_channel(attributes);
        default:
            return begin_head(name, attributes);
    }
}

/// Elements of which the text counts, where they stand in the right place.
void RecordWriter::begin_head(Name name, const Attributes& attributes)
{
    const Tag parent = above(1);
    bool wanted = false;
    switch (name.tag) {
        case Tag::channel_id:
            note_channel(attributes);
            wanted = parent == Tag::channel;
            break;
        case Tag::unit_id:
            wanted = parent == Tag::business_unit && depth_ == transaction_ + 2;
            break;
        case Tag::workstation_id:
            if (at_head()) note_channel(attributes);
            wanted = at_head() || in_link();
            break;
        case Tag::sequence_number:
            wanted = at_head() || in_link() || (line_ != 0 && depth_ == line_ + 1);
            break;
        case Tag::transaction_id:
            wanted = at_head() || in_link();
            break;
        case Tag::total:
            wanted = item_ == 0 && tender_ == 0 && line_ == 0;
            if (wanted) note_currency(attributes);
            break;
        case Tag::amount:
            wanted = in_item(1)
                     || (tender_ != 0 && (depth_ == tender_ + 1 || parent == Tag::tender_change));
            if (wanted) note_currency(attributes);
            break;
        case Tag::customer_id:
        case Tag::loyalty_id:
        case Tag::membership_id:
        case Tag::loyalty_account_id:
            wanted = link_ == 0;
            break;
        case Tag::item_link:
            wanted = line_ != 0;
            break;
        case Tag::pos_item_id:
            wanted = in_item(1) || (in_item(2) && parent == Tag::pos_identity);
            break;
        case Tag::item_id:
            wanted = in_item(1);
            if (wanted) set_if_empty(now_.name, attributes.text("Name"));
            break;
        case Tag::serial_number:
            wanted = in_item(1) && attributes.text("Type") == "GTIN";
            break;
        case Tag::gtin:
            wanted = in_item(1) || in_item(2);
            break;
        case Tag::description:
        case Tag::extended_amount:
        case Tag::quantity:
        case Tag::actual_sales_unit_price:
        case Tag::regular_sales_unit_price:
        case Tag::merchandise_hierarchy:
            wanted = in_item(1);
            break;
        case Tag::cancel_flag:
        case Tag::void_flag:
            wanted = at_head() || (line_ != 0 && depth_ == line_ + 1);
            break;
        default:
            wanted = at_head();
            break;
    }
    if (wanted) capture(attributes);
}

void RecordWriter::begin_body(Name name, const Attributes& attributes)
{
    const std::string_view local = name.local;
    if (record_.kind.empty() || local == "RetailTransaction") record_.kind = local;
    cut_to(record_.kind, pos::text_bytes_max);
    body_ = depth_;
    note_flags(attributes);
    note_channel(attributes);
}

void RecordWriter::begin_line(const Attributes& attributes)
{
    line_ = depth_;
    line_has_item_ = false;
    now_ = {};
    attributes.for_each([&](std::string_view name, std::string_view value) {
        if (name == "VoidFlag" || name == "CancelFlag" || name == "DeleteFlag")
            now_.voided = now_.voided || yes(value);
    });
}

void RecordWriter::begin_item(bool is_return)
{
    item_ = depth_;
    line_has_item_ = true;
    now_.is_return = is_return;
    ++(is_return ? record_.return_lines : record_.sale_lines);
}

void RecordWriter::begin_tender(const Attributes& attributes)
{
    tender_ = depth_;
    tender_now_ = {};
    tender_now_.type = attributes.text("TenderType");
    cut_to(tender_now_.type, pos::text_bytes_max);
    tender_now_.rounding = alike(xml::local_name(tender_now_.type), "Rounding");
    tender_now_.voided = line_ != 0 && now_.voided;
}

void RecordWriter::begin_link(const Attributes& attributes)
{
    const auto reason = attributes.text("ReasonCode");
    const bool goes_on = alike(reason, "Resume") || alike(reason, "Resumed")
                         || alike(reason, "Suspend") || alike(reason, "Suspended")
                         || alike(reason, "Retrieve") || alike(reason, "Retrieved");
    const bool first = record_.link_sequence.empty() && record_.link_transaction_id.empty();
    if (goes_on || !first) return;
    link_ = depth_;
    record_.link_workstation.clear();
    record_.link_reason = reason;
    cut_to(record_.link_reason, pos::text_bytes_max);
}

void RecordWriter::note_flags(const Attributes& attributes)
{
    attributes.for_each([&](std::string_view name, std::string_view value) {
        if (name == "TrainingModeFlag")
            record_.training = record_.training || yes(value);
        else if (name == "CancelFlag")
            record_.cancelled = record_.cancelled || yes(value);
        else if (name == "VoidFlag")
            record_.voided = record_.voided || yes(value);
        else if (name == "SuspendFlag" || name == "SuspendedFlag")
            record_.suspended = record_.suspended || yes(value);
        else if (name == "TransactionStatus")
            set_if_empty(record_.status, value.substr(0, pos::text_bytes_max));
        else if (name == "TransactionTypeCode" || name == "TypeCode" || name == "TransactionType")
            set_if_empty(record_.type_code, value.substr(0, pos::text_bytes_max));
    });
}

void RecordWriter::note_channel(const Attributes& attributes)
{
    attributes.for_each([&](std::string_view name, std::string_view value) {
        const bool says = (name == "OnLineOffLineTypeCode" && alike(value, "OnLine"))
                          || (name == "PhysicalDigitalCode" && alike(value, "Digital"))
                          || (name == "OrderChannel" && names_the_web(value))
                          || (name == "TypeCode" && names_the_web(value))
                          || (name == "Description" && names_the_web(value));
        record_.online = record_.online || says;
    });
}

void RecordWriter::note_currency(const Attributes& attributes)
{
    if (!record_.currency_of_amount.empty()) return;
    attributes.for_each([&](std::string_view name, std::string_view value) {
        if ((name == "CurrencyCode" || name == "Currency") && value.size() == 3)
            record_.currency_of_amount = value;
    });
}

void RecordWriter::capture(const Attributes& attributes)
{
    captured_ = depth_;
    captured_text_.clear();
    captured_type_.clear();
    captured_offset_.clear();
    captured_return_ = false;
    attributes.for_each([&](std::string_view name, std::string_view value) {
        if (name == "Offset")
            captured_offset_ = as_offset(value.substr(0, pos::text_bytes_max));
        else if (name == "TotalType")
            captured_type_ = value.substr(0, pos::text_bytes_max);
        else if (name == "TypeCode")
            captured_return_ = alike(value, "Return");
        if (name == "TypeCode" && path_[depth_] != Tag::total)
            captured_type_ = value.substr(0, pos::text_bytes_max);
    });
}

void RecordWriter::text(std::string_view piece)
{
    if (captured_ == 0 || captured_ != depth_) return;
    if (captured_text_.empty()) {
        // Blanks before a text are none of it, however many they are.
        const auto first = piece.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return;
        piece.remove_prefix(first);
    }
    // A little more than is kept, so that a character is not cut in half here.
    constexpr std::size_t room = pos::text_bytes_max + 8;
    if (captured_text_.size() < room)
        captured_text_.append(piece.substr(0, room - captured_text_.size()));
}

bool RecordWriter::end()
{
    if (captured_ != 0 && captured_ == depth_) {
        take(path_[depth_]);
        captured_ = 0;
    }
    bool told = transaction_ == 0;
    if (transaction_ != 0) {
        if (depth_ == link_) link_ = 0;
        if (depth_ == item_) item_ = 0;
        if (depth_ == tender_) {
            tender_ = 0;
            if (record_.tenders.size() < tenders_max) record_.tenders.push_back(tender_now_);
        }
        if (depth_ == line_) end_line();
        if (depth_ == body_) body_ = 0;
        if (depth_ == transaction_) {
            transaction_ = 0;
            told = true;
            hear_(record_);
        }
    }
    --depth_;
    return told;
}

void RecordWriter::broken()
{
    depth_ = transaction_ = body_ = line_ = item_ = tender_ = link_ = captured_ = 0;
}

void RecordWriter::end_line()
{
    line_ = 0;
    if (line_has_item_ && record_.lines.size() < pos::lines_max)
        record_.lines.push_back(std::move(now_));
}

void RecordWriter::take(Tag tag)
{
    cut_to(captured_text_, pos::text_bytes_max);
    const auto text = trimmed(captured_text_);
    if (text.empty()) return;
    if (tag == Tag::total) return take_total(text);
    if (tag == Tag::customer_id || tag == Tag::loyalty_id || tag == Tag::membership_id
        || tag == Tag::loyalty_account_id) {
        return take_member(tag, text);
    }
    if (tag == Tag::item_link) return set_if_empty(now_.link, text);
    if (tender_ != 0) {
        if (tag == Tag::amount)
            set_if_empty(depth_ == tender_ + 1 ? tender_now_.amount : tender_now_.change, text);
        return;
    }
    if (link_ != 0) return take_link(tag, text);
    if (item_ != 0) return take_item(tag, text);
    if (line_ != 0) {
        if (tag == Tag::sequence_number) set_if_empty(now_.number, text);
        if (tag == Tag::void_flag || tag == Tag::cancel_flag)
            now_.voided = now_.voided || yes(text);
        return;
    }
    take_head(tag, text);
}

void RecordWriter::take_head(Tag tag, std::string_view text)
{
    const bool store_unit = captured_type_ == "RetailStore";
    switch (tag) {
        case Tag::retail_store_id:
            record_.store = text;
            record_.store_type = "RetailStore";
            return;
        case Tag::unit_id:
            if (!record_.store.empty() && (!store_unit || !record_.store_type.empty())) return;
            record_.store = text;
            if (store_unit) record_.store_type = captured_type_;
            return;
        case Tag::workstation_id:
            return set_if_empty(record_.workstation, text);
        case Tag::sequence_number:
            return set_if_empty(record_.sequence, text);
        case Tag::transaction_id:
            return set_if_empty(record_.transaction_id, text);
        case Tag::receipt_number:
            return set_if_empty(record_.receipt_number, text);
        case Tag::business_day_date:
            return set_if_empty(record_.business_day, text.substr(0, 10));
        case Tag::begin_date_time:
            if (record_.begin.empty()) take_time(record_.begin, text);
            return;
        case Tag::end_date_time:
            return take_time(record_.end, text);  // several: the last phase ends it
        case Tag::poslog_date_time:
            if (record_.logged_at.empty() || captured_type_ == "Transaction")
                take_time(record_.logged_at, text);
            return;
        case Tag::receipt_date_time:
            if (record_.receipt_at.empty()) take_time(record_.receipt_at, text);
            return;
        case Tag::currency_code:
            return set_if_empty(record_.currency, text);
        case Tag::transaction_status:
            return set_if_empty(record_.status, text);
        case Tag::transaction_type_code:
            return set_if_empty(record_.type_code, text);
        case Tag::training_mode_flag:
            record_.training = record_.training || yes(text);
            return;
        case Tag::cancel_flag:
            record_.cancelled = record_.cancelled || yes(text);
            return;
        case Tag::void_flag:
            record_.voided = record_.voided || yes(text);
            return;
        case Tag::channel_id:
            record_.online = record_.online || names_the_web(text);
            return;
        default:
            return;
    }
}

void RecordWriter::take_item(Tag tag, std::string_view text)
{
    switch (tag) {
        case Tag::pos_item_id:  // trusted before what else names the goods
            now_.sku = text;
            return;
        case Tag::item_id:
        case Tag::gtin:
        case Tag::serial_number:
            return set_if_empty(now_.sku, text);
        case Tag::description:
            now_.name = text;
            return;
        case Tag::extended_amount:
            now_.amount = text;
            return;
        case Tag::amount:
            return set_if_empty(now_.amount, text);
        case Tag::quantity:
            return set_if_empty(now_.quantity, text);
        case Tag::actual_sales_unit_price:
            now_.unit_price = text;
            return;
        case Tag::regular_sales_unit_price:
            return set_if_empty(now_.unit_price, text);
        case Tag::merchandise_hierarchy:
            return set_if_empty(now_.category, text);
        default:
            return;
    }
}

void RecordWriter::take_link(Tag tag, std::string_view text)
{
    if (tag == Tag::workstation_id) set_if_empty(record_.link_workstation, text);
    if (tag == Tag::sequence_number) set_if_empty(record_.link_sequence, text);
    if (tag == Tag::transaction_id) set_if_empty(record_.link_transaction_id, text);
}

void RecordWriter::take_member(Tag tag, std::string_view text)
{
    if (is_no_number(text) || record_.members.size() == members_max) return;
    bool in_account = tag == Tag::loyalty_account_id;
    for (std::size_t n = transaction_; n < depth_; ++n)
        in_account = in_account || path_[n] == Tag::loyalty_account;
    const bool loyalty = tag == Tag::loyalty_id || tag == Tag::membership_id;
    const std::uint8_t rank = loyalty ? 0 : in_account ? 2 : 1;
    record_.members.push_back({std::string{text}, rank});
}

void RecordWriter::take_total(std::string_view text)
{
    if (record_.totals.size() < totals_max)
        record_.totals.push_back({captured_type_, std::string{text}, captured_return_});
}

void RecordWriter::take_time(std::string& into, std::string_view text)
{
    into = text;
    if (!has_offset(into)) into += captured_offset_;
}

}  // namespace raiten::drivers::poslog
