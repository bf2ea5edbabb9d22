#pragma once

#include <string>
#include <string_view>

namespace raiten::http {

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view text);

/// A strong entity tag from the content: the first 128 bits of its SHA-256, in quotes.
std::string etag_of(std::string_view content);

/// RFC 9110 If-None-Match: "*", or a list of which one equals `etag` (W/ is ignored).
bool none_match_holds(std::string_view if_none_match, std::string_view etag);

}  // namespace raiten::http
