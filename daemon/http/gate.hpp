#pragma once

#include "daemon/http/request.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::http {

/// Whose token this is; compares in constant time and is asked once per request.
using Authenticator = std::function<std::optional<Role>(std::string_view token)>;

/// "Raiten.local:8470" → "raiten.local", "[::1]:80" → "::1". Nothing if that is no authority.
std::optional<std::string> host_of(std::string_view authority);

/// Whether a request for `host` is meant for us: localhost, 127.0.0.1, ::1, one of `names` (lower
/// case), or the address the connection came in on. A page of the internet whose name was
/// re-pointed at this machine (DNS rebinding) still says its own name here.
bool host_is_ours(std::string_view host, const std::vector<std::string>& names,
                  std::string_view bound_address);

/// How a caller showed who it is.
enum class Proof : std::uint8_t { none, bearer, cookie, local };

struct Credential {
    Proof proof = Proof::none;
    std::string token{};
};
/// `Authorization: Bearer` first, then the cookie `raiten_session`. Any other scheme is a bearer
/// with an empty token: an attempt, and refused as one.
Credential credential_of(const Request& request);

/// Whether a browser may have been made to send this by another site. Safe methods never count.
/// With a cookie the browser must prove the same origin (`Sec-Fetch-Site`, else `Origin`); without
/// a bearer token it must at least not prove the opposite. `host` as it was sent, with the port.
bool is_cross_site(const Request& request, Proof proof, std::string_view host);

}  // namespace raiten::http
