#pragma once

#include <string>
#include <string_view>

namespace raiten::drivers::escpos {

/// One spelling for what receipts write in two widths: full-width ASCII, currency signs and
/// blanks become narrow, half-width katakana become wide with their voice marks joined. This is
/// NFKC for the characters that printers have in both widths. Arabic and Thai
/// digits become the usual ones. Ruled lines and blocks (U+2500 to
/// U+259F) become blanks, so that a boxed total reads as a plain one.
std::string fold_width(std::string_view text);

}  // namespace raiten::drivers::escpos
