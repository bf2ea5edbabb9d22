#pragma once

#include "drivers/scanner/element_string.hpp"

#include <string_view>

namespace raiten::drivers::gs1 {

/// The elements of a GS1 Digital Link URI (URI syntax 1.3), uncompressed, on any domain:
///
///     https://domain[:port]/any/stem/01/04901234567894/10/A1?17=271231#fragment
///
/// - The key is the rightmost pair of the path that names one; behind it stand its qualifiers, in
///   their order. Old words (`gtin`, `ser`) are taken for numbers.
/// - An item's number may leave out its leading zeros (8, 12 or 13 digits).
/// - Attributes with other than numeric names are skipped; unknown numbers, doubles, empty values,
///   and qualifiers that belong into the path are refused.
Taken<Elements> parse_digital_link(std::string_view uri);

}  // namespace raiten::drivers::gs1
