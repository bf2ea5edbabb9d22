#pragma once

#include "drivers/scanner/element_string.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::drivers::gs1 {

/// What was printed, by the AIM identifier that a scanner may put before its text
/// (ISO/IEC 15424): `]`, a letter for the kind, a character for the variant.
enum class Symbology : std::uint8_t {
    ean13,        ///< ]E0: EAN-13, and UPC-A and UPC-E as 13 digits
    ean8,         ///< ]E4
    gs1_128,      ///< ]C1
    databar,      ///< ]e0, and ]e1, ]e2 for composite codes
    data_matrix,  ///< ]d1, GS1's ]d2
    qr,           ///< ]Q1, GS1's ]Q3
    dotcode,      ///< ]J0, GS1's ]J1
    codabar,      ///< ]F0 and others: NW-7
    other         ///< any other of the standard's
};

struct Scan {
    Symbology symbology{};
    std::string text;    ///< as printed: digits, a URI, anything; empty for GS1 elements
    Elements elements;   ///< of a GS1 code
    Elements composite;  ///< of the 2D part above an EAN, behind `|]e0`
};

/// Whether the text begins like an AIM identifier.
bool has_symbology(std::string_view text);

/// A scan with its AIM identifier. EANs need their check digit, GS1 codes their elements.
Taken<Scan> parse_scan(std::string_view text);

}  // namespace raiten::drivers::gs1
