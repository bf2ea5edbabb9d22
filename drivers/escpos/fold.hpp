#pragma once

#include <string>
#include <string_view>

namespace raiten::drivers::escpos {

/// One spelling for what receipts write in two widths: full-width ASCII, currency signs and
/// blanks become narrow, half-width katakana become wide with their voice marks joined. This is
/// NFKC for the characters that printers have in both widths, and for nothing else.
std::string fold_width(std::string_view text);

}  // namespace raiten::drivers::escpos
