#pragma once

#include "drivers/refusal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::gs1 {

/// One identifier with its value: `01` and `04901234567894`.
struct Element {
    std::string ai;
    std::string value;
};

using Elements = std::vector<Element>;

inline constexpr char separator = '\x1D';  ///< GS, as scanners send FNC1 between elements

/// A refusal that tells a misread code from one of another kind.
inline constexpr Refusal wrong_check_digit{"a code with a wrong check digit"};

/// Whether this may stand behind that identifier; the refusal says why not.
Taken<Elements> with_element(Elements elements, std::string_view ai, std::string_view value);

/// The elements of a GS1 code, without the FNC1 that stands before the first. A separator behind a
/// value of predefined length, and one at the end, are tolerated: scanners send them.
Taken<Elements> parse_elements(std::string_view text);

/// Elements as people write them: `(01)04901234567894(10)A1`, where `\(` is a bracket within a
/// value.
Taken<Elements> parse_bracketed(std::string_view text);

/// GS1's notation, `^` for FNC1: `^010490123456789410A1^21X`.
std::string notation(const Elements& elements);

const Element* find_element(const Elements& elements, std::string_view ai);

}  // namespace raiten::drivers::gs1
