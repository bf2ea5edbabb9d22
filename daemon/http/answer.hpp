#pragma once

#include "daemon/http/request.hpp"

#include <string>

namespace raiten::http {

/// Gives a 200 to GET its entity tag, if it is JSON and has none, and turns it into a 304 where
/// If-None-Match says that the caller has it already.
void revalidate(const Request& request, Response& answer);

/// Status line and header fields up to the empty line: with what every answer of ours carries
/// (nosniff, referrer and content policies, Cache-Control). Line breaks in a handler's values
/// become spaces. `with_length` is off for streams.
std::string head_text(const Response& answer, bool keep_alive, bool with_length = true);

}  // namespace raiten::http
