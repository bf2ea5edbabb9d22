#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/reading.hpp"
#include "drivers/escpos/pattern_scan.hpp"
#include "drivers/escpos/receipt_patterns.hpp"
#include "drivers/escpos/slip.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <variant>

namespace raiten::drivers::escpos {

/// A slip that is no purchase, refund or void of this store. `why` is a literal.
struct NotAReceipt {
    std::string_view why;
    bool as_usual{};  ///< of a kind that registers print beside receipts: nothing is wrong
};

using Judgement = std::variant<ReceiptRead, NotAReceipt>;

constexpr std::size_t pattern_bytes_max = 2048;
constexpr std::size_t receipt_lines_max = 500;  ///< items beyond these are left out

/// Judges slips by a store's patterns, in this order: text missing, kitchen order or card slip,
/// copy, no total. Everything else is a receipt: a void or refund if a line says so (a negative
/// total is a refund), else a sale. RE2 matches in linear time, whatever is printed.
///
/// A receipt on which no number is found is numbered "#" and 16 hex digits of its text and
/// barcodes: the same slip sent twice is one receipt. Two sales whose slips are alike to the last
/// character (no number, the same minute, the same items) are then one too; where registers print
/// numbers, teach `number` to find them.
class ReceiptJudge {
 public:
    /// A pattern that does not compile, is too long, or has the wrong number of groups is a
    /// Problem whose `where` names the key and its place in the list: "total[2]". The common
    /// patterns are compiled once: all printers of a store that has none of its own share them.
    static Result<ReceiptJudge> make(const ReceiptPatterns& patterns);

    Judgement judge(const Slip& slip) const;

 private:
    struct Compiled;
    explicit ReceiptJudge(std::shared_ptr<const Compiled> compiled);
    static Result<ReceiptJudge> compile(const ReceiptPatterns& patterns);

    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace raiten::drivers::escpos
