#include "daemon/http/target.hpp"

#include <algorithm>

namespace raiten::http {

namespace {

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

struct Lead {
    std::size_t followers;
    char32_t bits;
    char32_t least;  // a smaller code point has a shorter form
};

std::optional<Lead> lead_of(unsigned char byte)
{
    if (byte < 0x80) return Lead{0, byte, 0};
    if ((byte & 0xE0U) == 0xC0) return Lead{1, byte & 0x1FU, 0x80};
    if ((byte & 0xF0U) == 0xE0) return Lead{2, byte & 0x0FU, 0x800};
    if ((byte & 0xF8U) == 0xF0) return Lead{3, byte & 0x07U, 0x10000};
    return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = lead_of(static_cast<unsigned char>(text[i]));
        if (!lead || lead->followers >= text.size() - i) return false;
        char32_t point = lead->bits;
        for (std::size_t k = 1; k <= lead->followers; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xC0U) != 0x80) return false;
            point = (point << 6U) | (byte & 0x3FU);
        }
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (point < lead->least || point > 0x10FFFF || surrogate) return false;
        i += lead->followers + 1;
    }
    return true;
}

std::optional<std::string> decode_percent(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
        i += 2;
    }
    if (!is_utf8(out) || has_control(out)) return std::nullopt;
    return out;
}

std::optional<std::vector<std::string>> split_path(std::string_view path)
{
    if (path.empty() || path.front() != '/') return std::nullopt;
    std::vector<std::string> segments;
    for (std::size_t begin = 1;;) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        auto segment = decode_percent(path.substr(begin, end - begin));
        if (!segment) return std::nullopt;
        segments.push_back(std::move(*segment));
        if (end == path.size()) return segments;
        begin = end + 1;
    }
}

std::optional<Fields> split_query(std::string_view query)
{
    Fields pairs;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        std::string pair{query.substr(0, end)};
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;

        std::replace(pair.begin(), pair.end(), '+', ' ');
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = decode_percent(std::string_view{pair}.substr(0, equals));
        auto value =
            decode_percent(std::string_view{pair}.substr(std::min(equals + 1, pair.size())));
        if (!name || !value || find_field(pairs, *name)) return std::nullopt;
        if (value->size() > query_value_bytes_max || pairs.size() == query_pairs_max)
            return std::nullopt;
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

}  // namespace raiten::http
