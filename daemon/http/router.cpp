#include "daemon/http/router.hpp"

#include "daemon/http/target.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace raiten::http {

namespace {

constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};

bool is_parameter(std::string_view segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path)
{
    return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                      [](const std::string& want, const std::string& have) {
                          return is_parameter(want) ? !have.empty() : want == have;
                      });
}

/// Both fit the same path, so they differ only where one has a parameter.
bool more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    for (std::size_t i = 0; i < a.size(); ++i)
        if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
    return false;
}

bool same_shape(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x == y || (is_parameter(x) && is_parameter(y));
    });
}

}  // namespace

void Router::add(Route route)
{
    const auto mistake = [&](const std::string& what) {
        throw std::logic_error{route.method + " " + route.pattern + ": " + what};
    };
    auto segments = split_path(route.pattern);
    if (!segments) mistake("a pattern starts with / and has no escapes");
    if (std::find(methods.begin(), methods.end(), route.method) == methods.end())
        mistake("no such method");
    if ((route.handler != nullptr) == (route.stream != nullptr))
        mistake("a route has either a handler or a stream");
    if (route.stream && route.method != "GET") mistake("a stream is read with GET");
    for (const auto& entry : entries_)
        if (entry.route.method == route.method && same_shape(entry.segments, *segments))
            mistake("is there already");
    entries_.push_back({std::move(route), std::move(*segments)});
}

void Router::mount(const Asset& asset)
{
    Response page{200, asset.content_type, std::string{asset.body}, {}};
    page.headers.emplace_back("ETag", asset.etag);
    page.headers.emplace_back("Cache-Control", "no-cache");
    const auto answer = [page](Request) -> boost::asio::awaitable<Response> { co_return page; };
    add({"GET", asset.path, {Role::open}, 0, answer, nullptr});
}

Router::Match Router::find(std::string_view method, std::string_view path) const
{
    Match match;
    const auto segments = split_path(path);
    if (!segments) {
        match.malformed = true;
        return match;
    }

    const Entry* best = nullptr;
    std::array<bool, methods.size()> known{};
    for (const auto& entry : entries_) {
        if (!fits(entry.segments, *segments)) continue;
        const auto at = std::find(methods.begin(), methods.end(), entry.route.method);
        known[static_cast<std::size_t>(at - methods.begin())] = true;
        if (entry.route.method != method) continue;
        if (!best || more_literal(entry.segments, best->segments)) best = &entry;
    }

    for (std::size_t i = 0; i < methods.size(); ++i) {
        if (!known[i]) continue;
        match.allow += std::string{methods[i]} + ", ";
        if (methods[i] == "GET") match.allow += "HEAD, ";
    }
    if (!match.allow.empty()) match.allow += "OPTIONS";
    if (!best) return match;

    for (std::size_t i = 0; i < segments->size(); ++i) {
        const std::string& name = best->segments[i];
        if (!is_parameter(name)) continue;
        if ((*segments)[i].size() > parameter_bytes_max) match.malformed = true;
        match.parameters.emplace_back(name.substr(1, name.size() - 2), (*segments)[i]);
    }
    match.route = &best->route;
    return match;
}

std::vector<const Route*> Router::routes() const
{
    std::vector<const Route*> all;
    for (const auto& entry : entries_) all.push_back(&entry.route);
    return all;
}

}  // namespace raiten::http
