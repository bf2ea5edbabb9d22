#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raiten::http {

/// Who calls. `open` is anybody: no credential, or on an open route one that nobody knows.
enum class Role : std::uint8_t { open, kiosk, pos, reader, admin };

std::string_view name_of(Role role);
/// "kiosk", "pos", "reader", "admin"; nothing else, and never "open".
std::optional<Role> role_named(std::string_view name);

/// Those who may use a route. A set with `open` lets everybody in; `admin` implies nobody else.
class Roles {
 public:
    constexpr Roles() = default;
    constexpr Roles(std::initializer_list<Role> roles)
    {
        for (const Role role : roles) bits_ |= bit(role);
    }
    constexpr bool contains(Role role) const { return (bits_ & bit(role)) != 0; }

 private:
    static constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
    unsigned bits_ = 0;
};

/// In the order in which they came; names of header fields are lower case.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field called `name`, or nothing.
std::optional<std::string_view> find_field(const Fields& fields, std::string_view name);

/// One request, already routed, authenticated, within its limits, and whole.
struct Request {
    std::string method;  // "GET" for HEAD too: the server leaves the body out
    std::string path;    // as it was sent, without the query
    Fields parameters;   // of the route's pattern: decoded, UTF-8, 1 to 256 bytes each
    Fields query;        // decoded, UTF-8, each name once
    Fields headers;
    std::string body;
    Role role = Role::open;
    std::string caller;   // the same text for the same credential; holds no secret
    std::string peer;     // "127.0.0.1", "::1", "unix:uid=0"
    bool secure = false;  // it came over TLS

    /// `name` in lower case; empty where the caller did not send it.
    std::string_view header(std::string_view name) const;
    /// A name of the route's own pattern; any other is a mistake of ours.
    const std::string& parameter(std::string_view name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::string content_type{};
    std::string body{};
    Fields headers{};
};

Response json(std::string body, unsigned status = 200);
Response no_content();

/// RFC 9457 `application/problem+json`. `detail` says what is wrong and what to do; `type` is a
/// URI reference, or empty for "about:blank".
Response problem(unsigned status, std::string_view title, std::string_view detail,
                 std::string_view type = {});

/// "Not Found"; "Unknown" for a number that no registry knows.
std::string_view reason_phrase(unsigned status);

/// For the answer of the route that signs a browser in: `Set-Cookie` with `raiten_session`,
/// HttpOnly and SameSite=Strict, and Secure where the request was. `token` must be of letters,
/// digits and -._~ only; an empty token signs out.
std::pair<std::string, std::string> session_cookie(std::string_view token, bool secure,
                                                   std::int64_t seconds_max);

}  // namespace raiten::http
