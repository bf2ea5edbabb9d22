#include "daemon/http/gate.hpp"

#include <algorithm>
#include <array>

namespace raiten::http {

namespace {

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool all_of(std::string_view text, std::string_view allowed)
{
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::string> cookie_value(const Request& request, std::string_view name)
{
    for (const auto& [field, list] : request.headers) {
        if (field != "cookie") continue;
        std::string_view rest = list;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view pair = trimmed(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
                return std::string{pair.substr(name.size() + 1)};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> host_of(std::string_view authority)
{
    std::string_view host;
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
        if (!all_of(host, "0123456789abcdefABCDEF:.")) return std::nullopt;
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        host = authority.substr(0, colon);
        port = authority.substr(colon);
        if (!all_of(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"))
            return std::nullopt;
    }
    if (host.empty() || host.size() > 253) return std::nullopt;
    if (!port.empty() && (port.front() != ':' || port.size() > 6)) return std::nullopt;
    if (!port.empty() && !all_of(port.substr(1), "0123456789")) return std::nullopt;
    if (host.ends_with('.')) host.remove_suffix(1);
    return lower(host);
}

bool host_is_ours(std::string_view host, const std::vector<std::string>& names,
                  std::string_view bound_address)
{
    constexpr std::array<std::string_view, 3> always{"localhost", "127.0.0.1", "::1"};
    return std::find(always.begin(), always.end(), host) != always.end() || host == bound_address
           || std::find(names.begin(), names.end(), host) != names.end();
}

Credential credential_of(const Request& request)
{
    if (const auto shown = find_field(request.headers, "authorization")) {
        constexpr std::string_view scheme = "bearer ";
        const bool bearer = lower(shown->substr(0, scheme.size())) == scheme;
        return {Proof::bearer,
                bearer ? std::string{trimmed(shown->substr(scheme.size()))} : std::string{}};
    }
    if (auto token = cookie_value(request, "raiten_session"))
        return {Proof::cookie, std::move(*token)};
    return {};
}

bool is_cross_site(const Request& request, Proof proof, std::string_view host)
{
    if (request.method == "GET" || proof == Proof::bearer) return false;
    if (const auto site = find_field(request.headers, "sec-fetch-site"))
        return *site != "same-origin";
    if (const auto origin = find_field(request.headers, "origin"))
        return lower(*origin) != (request.secure ? "https://" : "http://") + lower(host);
    return proof == Proof::cookie;
}

}  // namespace raiten::http
