#include "sync/settings.hpp"

#include "sync/topics.hpp"

#include <algorithm>
#include <charconv>

namespace raiten::sync {

namespace {

constexpr std::size_t host_bytes_max = 253;

bool is_host(std::string_view host)
{
    if (host.empty() || host.size() > host_bytes_max) return false;
    const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
    const auto inner = bracketed ? host.substr(1, host.size() - 2) : host;
    return std::all_of(inner.begin(), inner.end(), [bracketed](char c) {
        const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                          || c == '-' || c == '.' || c == '_';
        return name || (bracketed && (c == ':' || c == '%'));
    });
}

}  // namespace

Result<BrokerAddress> BrokerAddress::parse(std::string_view uri)
{
    const auto refuse = [uri](std::string what) {
        return Problem{std::move(what), std::string{uri.substr(0, 300)},
                       "mqtt://host:1883 or mqtts://host:8883"};
    };
    BrokerAddress address;
    auto rest = uri;
    if (rest.starts_with("mqtts://")) {
        address.tls = true;
        rest.remove_prefix(8);
    } else if (rest.starts_with("mqtt://")) {
        rest.remove_prefix(7);
    } else {
        return refuse("not a broker's address");
    }
    address.port = address.tls ? 8883 : 1883;
    const auto bracket = rest.rfind(']');
    const auto colon = rest.rfind(':');
    if (colon != rest.npos && (bracket == rest.npos || colon > bracket)) {
        const auto digits = rest.substr(colon + 1);
        const auto* end = digits.data() + digits.size();
        const auto [at, error] = std::from_chars(digits.data(), end, address.port);
        if (error != std::errc{} || at != end || address.port == 0) return refuse("no such port");
        rest = rest.substr(0, colon);
    }
    if (!is_host(rest)) return refuse("not a host name");
    address.host = rest;
    return address;
}

std::string BrokerAddress::text() const
{
    return (tls ? "mqtts://" : "mqtt://") + host + ":" + std::to_string(port);
}

Result<void> CourierSettings::check() const
{
    if (brokers.empty()) return Problem{"no broker is named", "brokers"};
    for (const auto& uri : brokers) {
        const auto address = BrokerAddress::parse(uri);
        if (!address.has_value()) return address.error();
        if (address->tls && ca_file.empty()) {
            return Problem{"TLS without a CA file trusts nobody", uri, "name the CA file"};
        }
    }
    if (certificate_file.empty() != key_file.empty()) {
        return Problem{"a client certificate needs its key, and a key its certificate",
                       certificate_file + key_file, "name both files or neither"};
    }
    const auto topics = Topics::make(tenant, store, device);
    if (!topics.has_value()) return topics.error();
    if (window < 1 || window > 1'000) return Problem{"out of range", "window", "1 to 1000"};
    if (unsettled_rows_max < 1 || fetch_rows_max < 1) {
        return Problem{"must be at least 1", "unsettled_rows_max, fetch_rows_max"};
    }
    if (keep_alive.count() < 1 || connect_timeout.count() < 1) {
        return Problem{"must be at least a second", "keep_alive, connect_timeout"};
    }
    return {};
}

}  // namespace raiten::sync
