#include "daemon/app/endpoint.hpp"

#include "daemon/base/overloaded.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace raiten::app {
namespace {

constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t unix_path_bytes_max = 107;
constexpr std::array<std::uint32_t, 10> bauds{1200,  2400,  4800,   9600,   19200,
                                              38400, 57600, 115200, 230400, 921600};

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

bool absolute(std::string_view path)
{
    return path.size() > 1 && path[0] == '/' && path.find('\0') == std::string_view::npos;
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

Result<Endpoint> parse_endpoint(std::string_view text)
{
    const Problem refused{
        shown(text) + " names no device",
        {},
        "write \"tcp:HOST:PORT\", \"unix:/PATH\" or \"serial:/dev/ttyUSB0@115200\""};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return refused;
    const auto scheme = text.substr(0, colon);
    const auto rest = text.substr(colon + 1);
    if (scheme == "tcp") {
        const auto address = parse_host_port(rest);
        if (!address) return address.error();
        return Endpoint{*address};
    }
    if (scheme == "unix") {
        if (!absolute(rest) || rest.size() > unix_path_bytes_max) return refused;
        return Endpoint{UnixPath{std::string{rest}}};
    }
    if (scheme != "serial") return refused;
    const auto at = rest.rfind('@');
    if (at == std::string_view::npos || !absolute(rest.substr(0, at))) return refused;
    const auto baud = whole<std::uint32_t>(rest.substr(at + 1));
    if (!baud || std::find(bauds.begin(), bauds.end(), *baud) == bauds.end())
        return Problem{
            shown(text) + " has no speed that serial lines know", {}, "such as @9600 or @115200"};
    return Endpoint{SerialLine{std::string{rest.substr(0, at)}, *baud}};
}

std::string endpoint_text(const Endpoint& endpoint)
{
    return std::visit(overloaded{
                          [](const HostPort& tcp) { return "tcp:" + tcp.text(); },
                          [](const UnixPath& path) { return "unix:" + path.path; },
                          [](const SerialLine& line) {
                              return "serial:" + line.device + "@" + std::to_string(line.baud);
                          },
                      },
                      endpoint);
}

}  // namespace raiten::app
