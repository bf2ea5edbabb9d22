#include "daemon/http/answer.hpp"

#include "daemon/http/digest.hpp"

#include <algorithm>

namespace raiten::http {

namespace {

constexpr std::string_view page_policy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";
constexpr std::string_view data_policy = "default-src 'none'; frame-ancestors 'none'";

bool same_name(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

const std::string* header_of(const Response& answer, std::string_view name)
{
    for (const auto& [key, value] : answer.headers)
        if (same_name(key, name)) return &value;
    return nullptr;
}

void append(std::string& head, std::string_view name, std::string_view value)
{
    const std::size_t begin = head.size();
    head.append(name).append(": ").append(value);
    std::replace_if(
        head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
        [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    head += "\r\n";
}

}  // namespace

void revalidate(const Request& request, Response& answer)
{
    if (request.method != "GET" || answer.status != 200) return;
    if (!header_of(answer, "Cache-Control"))
        answer.headers.emplace_back("Cache-Control", "private, no-cache");
    if (!header_of(answer, "ETag")) {
        if (!answer.content_type.starts_with("application/json")) return;
        answer.headers.emplace_back("ETag", etag_of(answer.body));
    }
    const auto known = request.header("if-none-match");
    if (known.empty() || !none_match_holds(known, *header_of(answer, "ETag"))) return;
    answer.status = 304;
    answer.body.clear();
    answer.content_type.clear();
}

std::string head_text(const Response& answer, bool keep_alive, bool with_length)
{
    std::string head;
    head.reserve(512);
    head += "HTTP/1.1 " + std::to_string(answer.status) + ' ';
    head.append(reason_phrase(answer.status)).append("\r\n");
    if (!answer.content_type.empty()) append(head, "Content-Type", answer.content_type);
    if (with_length && answer.status != 204 && answer.status != 304)
        append(head, "Content-Length", std::to_string(answer.body.size()));
    for (const auto& [name, value] : answer.headers) append(head, name, value);
    if (!header_of(answer, "Cache-Control")) append(head, "Cache-Control", "no-store");
    const bool page = answer.content_type.starts_with("text/html");
    // A 304 has no type, and its fields replace those of the page that the browser kept.
    if (answer.status != 304)
        append(head, "Content-Security-Policy", page ? page_policy : data_policy);
    head +=
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n";
    if (!keep_alive) head += "Connection: close\r\n";
    return head += "\r\n";
}

}  // namespace raiten::http
