#pragma once

#include "daemon/base/result.hpp"
#include "daemon/simulator/check_digit.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::stage {

struct ReceiptItem {
    std::string name;
    int quantity{1};
    std::int64_t price_yen{};  ///< of one
};

struct ReceiptContent {
    std::string number;      ///< of the transaction, digits
    std::string printed_at;  ///< "2026年11月22日(日) 10:14"
    std::string member;      ///< 13 digits with a right check digit, or empty
    std::vector<ReceiptItem> items;
    std::int64_t paid_yen{};
};

/// The ESC/POS bytes that a Japanese register sends for it: Shift_JIS, columns placed with ESC $,
/// yen as 5C, the member as 会員番号 and as an EAN-13 barcode, drawer kick, cut. 576 dots wide.
Result<std::vector<std::byte>> receipt_bytes(const ReceiptContent& content);

using simulator::with_check_digit;

/// UTF-8 -> Shift_JIS (code page 932).
Result<std::string> shift_jis(std::string_view utf8);

}  // namespace raiten::stage
