#pragma once

#include "daemon/http/request.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::http {

constexpr std::size_t parameter_bytes_max = 256;
constexpr std::size_t query_pairs_max = 32;
constexpr std::size_t query_value_bytes_max = 2048;

/// RFC 3986 percent-decoding ('+' stays '+'); nothing for a broken escape, bytes that are not
/// UTF-8, or control characters.
std::optional<std::string> decode_percent(std::string_view text);

/// Shortest forms only, no surrogates, up to U+10FFFF.
bool is_utf8(std::string_view text);

/// "/a/b%2Fc" → {"a", "b/c"}: split first, decoded then. Nothing if a piece does not decode or
/// the path does not start with '/'.
std::optional<std::vector<std::string>> split_path(std::string_view path);

/// application/x-www-form-urlencoded, '+' is a space. Nothing if broken, if a name comes twice, or
/// beyond the limits above.
std::optional<Fields> split_query(std::string_view query);

}  // namespace raiten::http
