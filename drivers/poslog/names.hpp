#pragma once

#include <cstdint>
#include <string_view>

namespace raiten::drivers::poslog {

/// The elements of a register's log that mean something to us, by local name.
enum class Tag : std::uint8_t {
    other,
    amount,
    actual_sales_unit_price,
    begin_date_time,
    business_day_date,
    business_unit,
    cancel_flag,
    channel,
    channel_id,
    currency_code,
    customer,
    customer_id,
    description,
    end_date_time,
    extended_amount,
    gtin,
    item_id,
    item_link,
    line_item,
    loyalty_account,
    loyalty_account_id,
    loyalty_id,
    membership_id,
    merchandise_hierarchy,
    pos_identity,
    pos_item_id,
    poslog_date_time,
    quantity,
    receipt_date_time,
    receipt_number,
    regular_sales_unit_price,
    retail_store_id,
    return_,
    rounding,
    sale,
    sequence_number,
    serial_number,
    tender,
    tender_change,
    total,
    totals,
    touch_point_id,
    training_mode_flag,
    transaction,
    transaction_id,
    transaction_link,
    transaction_status,
    transaction_type_code,
    unit_id,
    void_,
    void_flag,
    workstation_id,
};

struct Name {
    Tag tag;
    const char* local;  ///< without its prefix
};

/// One pass over the name: this runs for every start tag.
Name name_of(const char* qualified);

}  // namespace raiten::drivers::poslog
