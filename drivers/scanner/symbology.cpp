#include "drivers/scanner/symbology.hpp"

#include "drivers/scanner/check_digit.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers::gs1 {
namespace {

constexpr std::size_t prefix_size = 3;

struct Kind {
    std::string_view id;
    Symbology symbology;
    bool elements;  ///< FNC1 in the first position: GS1 elements
};

constexpr std::array kinds{
    Kind{"]E0", Symbology::ean13, false},       Kind{"]E4", Symbology::ean8, false},
    Kind{"]C1", Symbology::gs1_128, true},      Kind{"]e0", Symbology::databar, true},
    Kind{"]e1", Symbology::databar, true},      Kind{"]e2", Symbology::databar, true},
    Kind{"]d1", Symbology::data_matrix, false}, Kind{"]d2", Symbology::data_matrix, true},
    Kind{"]d5", Symbology::data_matrix, true},  Kind{"]Q0", Symbology::qr, false},
    Kind{"]Q1", Symbology::qr, false},          Kind{"]Q2", Symbology::qr, false},
    Kind{"]Q3", Symbology::qr, true},           Kind{"]Q4", Symbology::qr, true},
    Kind{"]J0", Symbology::dotcode, false},     Kind{"]J1", Symbology::dotcode, true},
};

/// The letters that ISO/IEC 15424 gives away. EANs other than ]E0 and ]E4 carry an add-on, as
/// periodicals do.
constexpr std::string_view other_letters = "ABCDFGHIJKLMNOPQRSTUVXZbcdehjopqrsuyz";

bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

Taken<Scan> parse_ean(Symbology symbology, std::string_view text)
{
    const std::size_t size = symbology == Symbology::ean13 ? 13 : 8;
    const std::string_view digits = text.substr(0, size);
    if (digits.size() < size || !all_digits(digits)) return Refusal{"an EAN that is too short"};
    if (!has_check_digit(digits)) return wrong_check_digit;
    Scan scan{symbology, std::string{digits}, {}, {}};
    text.remove_prefix(size);
    if (text.empty()) return scan;

    constexpr std::string_view composite = "|]e0";
    if (!text.starts_with(composite)) return Refusal{"an EAN that is too long"};
    auto elements = parse_elements(text.substr(composite.size()));
    if (!elements.has_value()) return elements.error();
    scan.composite = std::move(*elements);
    return scan;
}

}  // namespace

bool has_symbology(std::string_view text)
{
    const auto is_variant = [](char c) { return (c >= '0' && c <= '9') || is_letter(c); };
    return text.size() >= prefix_size && text[0] == ']' && is_letter(text[1])
           && is_variant(text[2]);
}

Taken<Scan> parse_scan(std::string_view text)
{
    if (!has_symbology(text)) return Refusal{"a scan without its kind of code"};
    const std::string_view id = text.substr(0, prefix_size);
    const std::string_view rest = text.substr(prefix_size);

    const auto* kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& row) { return row.id == id; });
    if (kind == kinds.end()) {
        if (other_letters.find(id[1]) == std::string_view::npos)
            return Refusal{"a scan of an unknown kind of code"};
        const auto symbology = id[1] == 'F' ? Symbology::codabar : Symbology::other;
        return Scan{symbology, std::string{rest}, {}, {}};
    }
    if (kind->symbology == Symbology::ean13 || kind->symbology == Symbology::ean8)
        return parse_ean(kind->symbology, rest);
    if (!kind->elements) return Scan{kind->symbology, std::string{rest}, {}, {}};

    auto elements = parse_elements(rest);
    if (!elements.has_value()) return elements.error();
    return Scan{kind->symbology, {}, std::move(*elements), {}};
}

}  // namespace raiten::drivers::gs1
