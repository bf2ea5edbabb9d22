#include "daemon/http/counters.hpp"

namespace raiten::http {

std::string_view name_of(Refusal refusal)
{
    static constexpr std::array<std::string_view, refusals> names{
        "malformed",  "header_too_large", "target_too_long", "body_too_large",   "unsupported",
        "host",       "not_found",        "method",          "unauthenticated",  "forbidden",
        "cross_site", "idempotency",      "handler_slow",    "handler_failed",   "head_late",
        "body_late",  "reader_slow",      "streams_full",    "connections_full", "peer_full",
        "tls"};
    return names[static_cast<std::size_t>(refusal)];
}

}  // namespace raiten::http
