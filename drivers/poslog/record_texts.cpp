#include "drivers/poslog/record_writer.hpp"
#include "drivers/poslog/words.hpp"

/// Where the text of an element goes once it is complete.
namespace raiten::drivers::poslog {

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
            record_.suggests_web = record_.suggests_web || names_the_web(text);
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
