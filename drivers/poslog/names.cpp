#include "drivers/poslog/names.hpp"

#include <array>
#include <cstddef>

namespace raiten::drivers::poslog {
namespace {

struct Row {
    std::string_view name;
    Tag tag{Tag::other};
};

constexpr std::array rows{
    Row{"Amount", Tag::amount},
    Row{"ActualSalesUnitPrice", Tag::actual_sales_unit_price},
    Row{"BeginDateTime", Tag::begin_date_time},
    Row{"BusinessDayDate", Tag::business_day_date},
    Row{"BusinessUnit", Tag::business_unit},
    Row{"CancelFlag", Tag::cancel_flag},
    Row{"Channel", Tag::channel},
    Row{"ChannelID", Tag::channel_id},
    Row{"CurrencyCode", Tag::currency_code},
    Row{"Customer", Tag::customer},
    Row{"CustomerID", Tag::customer_id},
    Row{"Description", Tag::description},
    Row{"EndDateTime", Tag::end_date_time},
    Row{"ExtendedAmount", Tag::extended_amount},
    Row{"GTIN", Tag::gtin},
    Row{"ItemID", Tag::item_id},
    Row{"ItemLink", Tag::item_link},
    Row{"LineItem", Tag::line_item},
    Row{"LoyaltyAccount", Tag::loyalty_account},
    Row{"LoyaltyAccountID", Tag::loyalty_account_id},
    Row{"LoyaltyID", Tag::loyalty_id},
    Row{"MembershipID", Tag::membership_id},
    Row{"MerchandiseHierarchy", Tag::merchandise_hierarchy},
    Row{"POSIdentity", Tag::pos_identity},
    Row{"POSItemID", Tag::pos_item_id},
    Row{"POSLogDateTime", Tag::poslog_date_time},
    Row{"Quantity", Tag::quantity},
    Row{"ReceiptDateTime", Tag::receipt_date_time},
    Row{"ReceiptNumber", Tag::receipt_number},
    Row{"RegularSalesUnitPrice", Tag::regular_sales_unit_price},
    Row{"RetailStoreID", Tag::retail_store_id},
    Row{"Return", Tag::return_},
    Row{"ReturnForDelivery", Tag::return_},
    Row{"ReturnForPickup", Tag::return_},
    Row{"Rounding", Tag::rounding},
    Row{"Sale", Tag::sale},
    Row{"SaleForDelivery", Tag::sale},
    Row{"SaleForPickup", Tag::sale},
    Row{"SequenceNumber", Tag::sequence_number},
    Row{"SerialNumber", Tag::serial_number},
    Row{"Tender", Tag::tender},
    Row{"TenderChange", Tag::tender_change},
    Row{"Total", Tag::total},
    Row{"Totals", Tag::totals},
    Row{"TouchPointID", Tag::touch_point_id},
    Row{"TrainingModeFlag", Tag::training_mode_flag},
    Row{"Transaction", Tag::transaction},
    Row{"TransactionID", Tag::transaction_id},
    Row{"TransactionLink", Tag::transaction_link},
    Row{"TransactionStatus", Tag::transaction_status},
    Row{"TransactionTypeCode", Tag::transaction_type_code},
    Row{"UnitID", Tag::unit_id},
    Row{"Void", Tag::void_},
    Row{"VoidFlag", Tag::void_flag},
    Row{"WorkstationID", Tag::workstation_id},
};

constexpr std::size_t slots = 256;

/// FNV-1a, 32 bits (Fowler, Noll, Vo).
constexpr std::uint32_t hash_start = 0x811C'9DC5U;
constexpr std::uint32_t mixed(std::uint32_t hash, char c)
{
    return (hash ^ static_cast<std::uint8_t>(c)) * 0x0100'0193U;
}
constexpr std::size_t slot_of(std::uint32_t hash)
{
    return (hash ^ hash >> 16U) % slots;
}

constexpr std::array<Row, slots> make_table()
{
    std::array<Row, slots> table{};
    for (const auto& row : rows) {
        std::uint32_t hash = hash_start;
        for (const char c : row.name) hash = mixed(hash, c);
        std::size_t slot = slot_of(hash);
        while (table[slot].tag != Tag::other) slot = (slot + 1) % slots;
        table[slot] = row;
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

Name name_of(const char* qualified)
{
    const char* local = qualified;
    std::uint32_t hash = hash_start;
    const char* at = qualified;
    for (; *at != '\0'; ++at) {
        if (*at == ':') {
            local = at + 1;
            hash = hash_start;
        } else {
            hash = mixed(hash, *at);
        }
    }
    const std::string_view name{local, static_cast<std::size_t>(at - local)};
    for (std::size_t slot = slot_of(hash); table[slot].tag != Tag::other; slot = (slot + 1) % slots)
        if (table[slot].name == name) return {table[slot].tag, local};
    return {Tag::other, local};
}

}  // namespace raiten::drivers::poslog
