#include "daemon/http/request.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <stdexcept>

namespace raiten::http {

namespace {

constexpr std::array<std::string_view, 5> role_names{"open", "kiosk", "pos", "reader", "admin"};

void append_json_text(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

std::string_view name_of(Role role)
{
    return role_names[static_cast<std::size_t>(role)];
}

std::optional<Role> role_named(std::string_view name)
{
    for (std::size_t i = 1; i < role_names.size(); ++i)
        if (role_names[i] == name) return static_cast<Role>(i);
    return std::nullopt;
}

std::optional<std::string_view> find_field(const Fields& fields, std::string_view name)
{
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return std::nullopt;
}

std::string_view Request::header(std::string_view name) const
{
    return find_field(headers, name).value_or(std::string_view{});
}

const std::string& Request::parameter(std::string_view name) const
{
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    throw std::logic_error{"the route has no parameter " + std::string{name}};
}

std::optional<std::string_view> Request::query_value(std::string_view name) const
{
    return find_field(query, name);
}

Response json(std::string body, unsigned status)
{
    return {status, "application/json", std::move(body), {}};
}

Response no_content()
{
    return {204, {}, {}, {}};
}

Response problem(unsigned status, std::string_view title, std::string_view detail,
                 std::string_view type)
{
    std::string body = "{\"type\":";
    append_json_text(body, type.empty() ? "about:blank" : type);
    body += ",\"title\":";
    append_json_text(body, title.empty() ? reason_phrase(status) : title);
    body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
    append_json_text(body, detail);
    body += "}";
    return {status, "application/problem+json", std::move(body), {}};
}

std::string_view reason_phrase(unsigned status)
{
    struct Phrase {
        unsigned status;
        std::string_view text;
    };
    static constexpr std::array<Phrase, 34> phrases{{
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {207, "Multi-Status"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    }};
    const auto found = std::find_if(phrases.begin(), phrases.end(),
                                    [&](const Phrase& p) { return p.status == status; });
    return found == phrases.end() ? "Unknown" : found->text;
}

std::pair<std::string, std::string> session_cookie(std::string_view token, bool secure,
                                                   std::int64_t seconds_max)
{
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    if (token.find_first_not_of(allowed) != std::string_view::npos)
        throw std::logic_error{"a session token has a character that a cookie cannot carry"};

    std::string value = "raiten_session=" + std::string{token};
    value += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=";
    value += std::to_string(token.empty() ? 0 : seconds_max);
    if (secure) value += "; Secure";
    return {"Set-Cookie", std::move(value)};
}

}  // namespace raiten::http
