#include "daemon/app/host_port.hpp"

#include <charconv>
#include <optional>

namespace raiten::app {
namespace {

constexpr std::size_t host_bytes_max = 253;

std::string shown(std::string_view text)
{
    return "'" + std::string{text.substr(0, 80)} + "'";
}

template <class T>
std::optional<T> whole(std::string_view text)
{
    T value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

bool plain_host(std::string_view host)
{
    return !host.empty() && host.size() <= host_bytes_max
           && host.find_first_not_of(
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "0123456789.-_")
                  == std::string_view::npos;
}

bool ipv6_host(std::string_view host)
{
    return host.find(':') != std::string_view::npos && host.size() <= host_bytes_max
           && host.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
}

}  // namespace

bool HostPort::loopback() const
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string HostPort::text() const
{
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HostPort> parse_host_port(std::string_view text)
{
    const Problem refused{shown(text) + " is not an address with a port",
                          {},
                          "write HOST:PORT, such as \"127.0.0.1:8470\" or \"[::1]:8470\""};
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return refused;
    auto host = text.substr(0, colon);
    const auto port = whole<std::uint16_t>(text.substr(colon + 1));
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!port || !(bracketed ? ipv6_host(host) : plain_host(host))) return refused;
    return HostPort{std::string{host}, *port};
}

}  // namespace raiten::app
