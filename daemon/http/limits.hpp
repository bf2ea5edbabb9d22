#pragma once

#include <chrono>
#include <cstddef>

namespace raiten::http {

/// All that bounds one server. Body sizes belong to the routes, streams to their EventStream.
struct Limits {
    using Span = std::chrono::milliseconds;

    std::size_t connections_max = 256;          // TCP; then the one idle longest makes room, or 503
    std::size_t peer_connections_max = 64;      // of one address; then 503
    std::size_t operator_connections_max = 32;  // on the unix socket, besides the others
    std::size_t head_bytes_max = 16 * 1024;     // request line and header fields; then 431
    std::size_t target_bytes_max = 4 * 1024;    // then 414
    std::size_t requests_max = 10'000;          // on one connection; then it is closed politely

    Span handshake_max{10'000};      // TLS
    Span first_byte_max{10'000};     // from connecting to the first byte
    Span head_max{10'000};           // from the first byte of a head to its end
    Span body_max{30'000};           // from the end of the head to the end of the body
    Span idle_max{75'000};           // between requests
    std::size_t handlers_max = 512;  // at work at once, heard or unheard; then 503
    Span handler_max{30'000};        // then 503, and the handler ends unheard
    Span write_max{10'000};          // to take an answer, and more for a large one:
    std::size_t write_bytes_per_second_min = 16 * 1024;
    Span linger_max{1'000};  // to take a refusal before the connection is closed
    std::size_t linger_bytes_max = 1024 * 1024;
};

}  // namespace raiten::http
