#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace raiten::http {

/// Why somebody was turned away. Each has a name for /metrics and, where a reply was still
/// possible, a problem detail that says the same in words.
enum class Refusal : std::uint8_t {
    malformed,         // 400: not HTTP, or cut short
    header_too_large,  // 431
    target_too_long,   // 414
    body_too_large,    // 413
    unsupported,       // 501, 505, 415, 417: transfer coding, version, content coding, expectation
    host,              // 421: a name that is not ours (DNS rebinding)
    not_found,         // 404
    method,            // 405
    unauthenticated,   // 401
    forbidden,         // 403: role
    cross_site,        // 403: a cookie's request from another page
    idempotency,       // 400, 422, 503: the key is broken, used for something else, or no room
    handler_slow,      // 503: no answer in time
    handler_failed,    // 500: it threw
    head_late,         // 408 or closed: no complete head in time
    body_late,         // 408
    reader_slow,       // closed: does not take its answer, or its events
    streams_full,      // 503
    connections_full,  // 503
    peer_full,         // 503: too many connections of one peer
    tls,               // closed: no handshake
};
constexpr std::size_t refusals = 21;

std::string_view name_of(Refusal refusal);

/// Written and read on the server's executor only. All but the `_open` ones only grow.
struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t requests = 0;                       // heads that could be read
    std::array<std::uint64_t, 6> answers_by_class{};  // [2]: 2xx, [4]: 4xx
    std::array<std::uint64_t, refusals> refused{};
    std::uint64_t replayed = 0;  // answers given again for an Idempotency-Key
    std::uint64_t streams = 0;
    std::uint64_t streams_open = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;

    std::uint64_t& of(Refusal refusal) { return refused[static_cast<std::size_t>(refusal)]; }
    std::uint64_t of(Refusal refusal) const { return refused[static_cast<std::size_t>(refusal)]; }
};

}  // namespace raiten::http
