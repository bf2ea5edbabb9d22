#pragma once

#include "daemon/base/money.hpp"

#include <optional>
#include <string_view>

namespace raiten::drivers::escpos {

/// An amount as receipts print it.
struct PrintedAmount {
    Money value;                ///< never negative
    bool negative{false};       ///< -100, 100-, (100), ▲100, △100
    std::string_view currency;  ///< ISO 4217 where a sign or code beside it says so, else empty
};

/// "¥1,300" "\1,300" "1,300円" "$41.49" "1.234,50 €" "RM28.09" "CHF 1'234.50" "218 000,00".
/// With two kinds of separators the last one is the decimal point; a single one followed by three
/// digits separates thousands, by one, two or four digits decimals. What is no amount is nothing.
/// The text must be folded (fold.hpp). ¥ and \ say yen (Chinese receipts: name the currency in
/// the store's settings); a bare $ says nothing.
std::optional<PrintedAmount> parse_amount(std::string_view text);

}  // namespace raiten::drivers::escpos
