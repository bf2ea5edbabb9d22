#pragma once

#include "drivers/pos/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace raiten::drivers::poslog {

/// One line of goods, as the log writes it.
struct RecordLine {
    std::string number;  ///< LineItem/SequenceNumber
    std::string link;    ///< ItemLink: the line that this one undoes, or belongs to
    std::string sku, name, category, quantity, amount, unit_price;
    bool is_return{};
    bool voided{};  ///< VoidFlag, CancelFlag or DeleteFlag
};

struct RecordTender {
    std::string type;    ///< TenderType
    std::string amount;  ///< as written; change may be negative, or stand in `change`
    std::string change;  ///< TenderChange/Amount
    bool rounding{};
    bool voided{};
};

struct RecordTotal {
    std::string type;  ///< TotalType with its prefix; "" where there is none
    std::string amount;
    bool of_returns{};  ///< TypeCode="Return"
};

/// A number that somebody may have shown, with how far it is trusted to be a loyalty number.
struct RecordMember {
    std::string id;
    std::uint8_t rank{};  ///< 0 LoyaltyID, 1 Customer/CustomerID, 2 LoyaltyAccount
};

/// One <Transaction> as it is written, before anything is concluded from it.
struct Record {
    std::string kind;  ///< the body's local name: "RetailTransaction", "ControlTransaction", …
    std::string type_code, status, store, store_type, workstation, sequence, transaction_id,
        receipt_number, business_day;
    /// Times as written; an offset that stands beside them is appended.
    std::string begin, end, receipt_at, logged_at;
    std::string currency;            ///< CurrencyCode
    std::string currency_of_amount;  ///< of a total or tender
    /// TransactionLink: what this one refers to.
    std::string link_workstation, link_sequence, link_transaction_id, link_reason;
    std::vector<RecordLine> lines;  ///< at most pos::lines_max; the counts go on
    std::vector<RecordTender> tenders;
    std::vector<RecordTotal> totals;
    std::vector<RecordMember> members;
    std::size_t sale_lines{};
    std::size_t return_lines{};
    bool training{};
    bool cancelled{};
    bool voided{};
    bool suspended{};
    bool online{};

    /// Empty again, with the memory kept.
    void clear();
};

constexpr std::size_t tenders_max = 100;
constexpr std::size_t totals_max = 100;
constexpr std::size_t members_max = 16;

/// What the record comes to.
pos::Transaction conclude(const Record& record);

}  // namespace raiten::drivers::poslog
