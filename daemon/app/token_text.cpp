#include "daemon/app/token_text.hpp"

#include "daemon/app/nearest.hpp"

#include <charconv>

namespace raiten::app {
namespace {

constexpr std::size_t hex_bytes_max = 32;
constexpr std::size_t card_digits_max = 64;
constexpr std::size_t uuid_digits = 32;
constexpr std::size_t idm_digits = 16;
constexpr std::size_t mac_digits = 12;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// The hex digits in lower case without separators; "" if anything else stands there.
std::string hex_digits(std::string_view text, std::string_view separators)
{
    std::string digits;
    for (const char c : text) {
        if (separators.find(c) != std::string_view::npos) continue;
        if (!is_hex(lower(c))) return {};
        digits.push_back(lower(c));
    }
    return digits;
}

/// "007" -> "7"; "" if it is not a number up to 65535.
std::string short_number(std::string_view text)
{
    std::uint16_t value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return {};
    return std::to_string(value);
}

/// "<uuid>/<major>/<minor>", or "".
std::string ibeacon_body(std::string_view body)
{
    const auto first = body.find('/');
    const auto second = first == std::string_view::npos ? first : body.find('/', first + 1);
    if (second == std::string_view::npos) return {};
    auto uuid = hex_digits(body.substr(0, first), "-");
    const auto major = short_number(body.substr(first + 1, second - first - 1));
    const auto minor = short_number(body.substr(second + 1));
    if (uuid.size() != uuid_digits || major.empty() || minor.empty()) return {};
    for (const std::size_t at : {20U, 16U, 12U, 8U}) uuid.insert(at, "-");
    return uuid + "/" + major + "/" + minor;
}

std::string mac_body(std::string_view body)
{
    auto mac = hex_digits(body, ":-");
    if (mac.size() != mac_digits) return {};
    for (const std::size_t at : {10U, 8U, 6U, 4U, 2U}) mac.insert(at, ":");
    return mac;
}

std::string hex_body(std::string_view body)
{
    auto digits = hex_digits(body, ":- ");
    return digits.size() % 2 == 0 && digits.size() <= 2 * hex_bytes_max ? digits : std::string{};
}

/// The first half byte of an IDm is the number of the system that the reader happened to select
/// (JIS X 6319-4): the same card, however it was read.
std::string felica_body(std::string_view body)
{
    auto digits = hex_body(body);
    if (digits.size() == idm_digits) digits[0] = '0';
    return digits;
}

std::string card_body(std::string_view body)
{
    const bool digits = body.find_first_not_of("0123456789") == std::string_view::npos;
    return digits && body.size() <= card_digits_max ? std::string{body} : std::string{};
}

std::string body_of(TokenKind kind, std::string_view body)
{
    switch (kind) {
        case TokenKind::ibeacon:
            return ibeacon_body(body);
        case TokenKind::ble:
            return mac_body(body);
        case TokenKind::eddystone_uid:
        case TokenKind::eddystone_eid:
        case TokenKind::altbeacon:
        case TokenKind::nfc:
            return hex_body(body);
        case TokenKind::felica:
            return felica_body(body);
        case TokenKind::card:
            return card_body(body);
        case TokenKind::qr:
        case TokenKind::app:
            return std::string{body};
    }
    return {};
}

std::string_view form_of(TokenKind kind)
{
    switch (kind) {
        case TokenKind::ibeacon:
            return "write ibeacon:<uuid>/<major>/<minor>";
        case TokenKind::ble:
            return "write ble:aa:bb:cc:dd:ee:ff";
        case TokenKind::eddystone_uid:
        case TokenKind::eddystone_eid:
        case TokenKind::altbeacon:
        case TokenKind::nfc:
        case TokenKind::felica:
            return "write 1 to 32 bytes in hex after the colon";
        case TokenKind::card:
            return "write 1 to 64 digits after the colon";
        case TokenKind::qr:
        case TokenKind::app:
            return "write a text after the colon";
    }
    return {};
}

/// How many bytes the sequence at the front has, or 0 where it is not UTF-8.
std::size_t sequence_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    if (length < 3) return length;
    const unsigned second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

std::string_view make_of(const TokenText& token)
{
    const std::string_view text = token.text;
    const auto kind = text.find(':');
    std::size_t digits = 0;
    switch (token.kind) {
        case TokenKind::ibeacon:
            return text.substr(0, text.find('/'));
        case TokenKind::eddystone_uid:
            digits = 20;
            break;
        case TokenKind::altbeacon:
            digits = 32;
            break;
        case TokenKind::ble:
            digits = 8;
            break;
        default:
            break;
    }
    return text.substr(0, digits == 0 ? kind : kind + 1 + digits);
}

bool is_plain_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto length = sequence_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0 || first < 0x20 || first == 0x7F) return false;
        if (length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0)
            return false;  // the second set of control characters
        text.remove_prefix(length);
    }
    return true;
}

Result<TokenText> normalise_token(std::string_view text)
{
    if (text.size() > token_bytes_max)
        return Problem{"a token of more than " + std::to_string(token_bytes_max) + " bytes"};
    if (!is_plain_utf8(text)) return Problem{"a token that is not plain UTF-8"};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return Problem{"a token without a kind", {}, "write its kind before it, as in card:…"};
    std::string lowered{text.substr(0, colon)};
    for (char& c : lowered) c = lower(c);
    const auto kind = kind_of(lowered + ":");
    if (!kind) {
        const std::vector<std::string> known{token_prefixes.begin(), token_prefixes.end()};
        return Problem{"an unknown kind of token", {}, advice_for(lowered, known)};
    }
    const auto body = body_of(*kind, text.substr(colon + 1));
    if (body.empty())
        return Problem{
            "a token of the kind " + lowered + " in a wrong form", {}, std::string{form_of(*kind)}};
    return TokenText{lowered + ":" + body, *kind};
}

}  // namespace raiten::app
