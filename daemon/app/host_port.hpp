#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::app {

/// "127.0.0.1:8470", "[::1]:0", "printer.local:9100".
struct HostPort {
    std::string host;  ///< without the brackets of an IPv6 address
    std::uint16_t port{};

    bool loopback() const;  ///< 127.x.x.x, ::1 or localhost
    std::string text() const;
    friend bool operator==(const HostPort&, const HostPort&) = default;
};
Result<HostPort> parse_host_port(std::string_view text);

}  // namespace raiten::app
