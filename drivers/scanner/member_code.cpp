#include "drivers/scanner/member_code.hpp"

#include "drivers/scanner/ai_table.hpp"
#include "drivers/scanner/check_digit.hpp"
#include "drivers/scanner/digital_link.hpp"
#include "drivers/scanner/symbology.hpp"
#include "drivers/scanner/utf8_text.hpp"

#include <cstdint>

namespace raiten::drivers {
namespace {

std::string card(std::string_view digits)
{
    return "card:" + std::string{digits};
}

Taken<std::string> of_elements(const gs1::Elements& elements)
{
    for (const auto ai : {gs1::gsrn_recipient, gs1::gsrn_provider})
        if (const auto* member = gs1::find_element(elements, ai)) return card(member->value);
    return Refusal{"an item, not a member"};
}

/// An address whose path is a Digital Link's is a GS1 code, whatever its attributes are, and so is
/// one whose number was damaged. Any other address may well be a member's.
Taken<std::string> of_text(std::string_view text)
{
    const auto link = gs1::parse_digital_link(text);
    if (link.has_value()) return of_elements(*link);
    const auto path = gs1::parse_digital_link(text.substr(0, text.find('?')));
    const bool damaged = link.error().why == gs1::wrong_check_digit.why;
    if (path.has_value() || damaged) return link.error();

    if (gs1::all_digits(text) && text.size() >= card_digits_min && text.size() <= card_digits_max)
        return card(text);
    if (text.size() > code_text_max) return Refusal{"a code longer than any member's"};
    switch (kind_of_text(text)) {
        case TextKind::printable:
            return "qr:" + std::string{text};
        case TextKind::blank:
            return Refusal{"a code without text"};
        case TextKind::control:
            return Refusal{"a code with control characters"};
        case TextKind::not_utf8:
            return Refusal{"a code that is not UTF-8 text"};
    }
    return Refusal{"a code without text"};
}

/// NW-7 prints a letter from A to D at either end, which some scanners send along.
std::string_view without_ends(std::string_view text)
{
    const auto is_end = [](char c) { return (c >= 'A' && c <= 'D') || (c >= 'a' && c <= 'd'); };
    const bool has_ends = text.size() > 2 && is_end(text.front()) && is_end(text.back());
    return has_ends ? text.substr(1, text.size() - 2) : text;
}

Taken<std::string> of_scan(const gs1::Scan& scan)
{
    switch (scan.symbology) {
        case gs1::Symbology::ean13:
        case gs1::Symbology::ean8:
            return card(scan.text);
        case gs1::Symbology::codabar:
            return of_text(without_ends(scan.text));
        case gs1::Symbology::gs1_128:
        case gs1::Symbology::databar:
        case gs1::Symbology::data_matrix:
        case gs1::Symbology::qr:
        case gs1::Symbology::dotcode:
        case gs1::Symbology::other:
            return scan.elements.empty() ? of_text(scan.text) : of_elements(scan.elements);
    }
    return Refusal{"a code without text"};
}

/// What a scanner sent that does not say which kind of code it read.
Taken<std::string> of_bare(std::string_view code)
{
    constexpr std::size_t ean13_digits = 13;
    constexpr std::size_t gsrn_with_ai_digits = 22;
    if (gs1::all_digits(code)) {
        if (code.size() == ean13_digits && !gs1::has_check_digit(code))
            return gs1::wrong_check_digit;
        const bool member =
            code.starts_with(gs1::gsrn_recipient) || code.starts_with(gs1::gsrn_provider);
        if (member && code.size() == gsrn_with_ai_digits && gs1::has_check_digit(code.substr(4)))
            return card(code.substr(4));
        return of_text(code);
    }
    const bool separated = code.find(gs1::separator) != std::string_view::npos;
    if (!separated && !code.starts_with('(')) return of_text(code);

    if (code.starts_with(gs1::separator)) code.remove_prefix(1);
    const auto elements = separated ? gs1::parse_elements(code) : gs1::parse_bracketed(code);
    if (elements.has_value()) return of_elements(*elements);
    if (elements.error().why == gs1::wrong_check_digit.why) return elements.error();
    return of_text(code);
}

}  // namespace

Taken<std::string> member_token(std::string_view code)
{
    if (!gs1::has_symbology(code)) return of_bare(code);
    const auto scan = gs1::parse_scan(code);
    if (!scan.has_value()) return scan.error();
    return of_scan(*scan);
}

}  // namespace raiten::drivers
