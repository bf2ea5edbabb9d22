#pragma once

#include <string>
#include <vector>

namespace raiten::drivers::escpos {

/// How a store's receipts are written: RE2 expressions (no look-around, no back-references), tried
/// in order on each line after fold_width, so that digits, letters, ¥ and blanks are always the
/// narrow ones. `(?i)` in front ignores case. Each key is a setting of the reader section.
///
/// Lists marked (1) need exactly one capture group: the part to take.
struct ReceiptPatterns {
    std::vector<std::string> total;   ///< (1) the amount paid; first pattern first, then first line
    std::vector<std::string> number;  ///< (1) the register's own number of the receipt
    std::vector<std::string> member;  ///< (1) the member's number in a line of text
    std::vector<std::string> member_barcode;  ///< (1) the member's number in a printed barcode
    std::vector<std::string> date;            ///< (1) date and time as printed
    std::vector<std::string> refers_to;       ///< (1) the receipt that a refund or void undoes
    std::vector<std::string> void_;           ///< a line that makes it a void
    std::vector<std::string> refund;          ///< a line that makes it a refund
    std::vector<std::string> reprint;         ///< a line that makes it a copy of an earlier receipt
    std::vector<std::string> not_a_receipt;   ///< kitchen orders, card slips, reports
    /// An item: the groups (?P<name>…) and (?P<amount>…), and if printed (?P<quantity>…) and
    /// (?P<sku>…). Lines from the first total or `not_an_item` total on are no items.
    std::vector<std::string> line;
    std::vector<std::string> not_an_item;  ///< lines that look like items but are none

    std::string member_prefix{"card:"};  ///< makes the member's number a token
    std::string currency;                ///< ISO 4217; empty: what the sign beside the total says

    /// Receipts in Japanese, English, German, French, Spanish, Portuguese, Italian, Dutch, Chinese
    /// and Korean; totals also in the Nordic, Baltic and Slavic languages, Hungarian, Romanian,
    /// Greek, Turkish, Arabic, Hebrew, Hindi, Thai, Vietnamese, Indonesian and Malay. README.md
    /// shows how to write a store's own.
    static ReceiptPatterns common();

    bool operator==(const ReceiptPatterns&) const = default;
};

}  // namespace raiten::drivers::escpos
