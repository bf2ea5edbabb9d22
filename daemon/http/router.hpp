#pragma once

#include "daemon/http/asset.hpp"
#include "daemon/http/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::http {

class EventStream;

/// Answers one request; may suspend until what it promises is durable. Runs on the server's
/// executor. What it throws becomes a 500 and is reported.
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

struct Route {
    std::string method;   // "GET" (answers HEAD too), "POST", "PUT", "PATCH", "DELETE"
    std::string pattern;  // "/api/v1/members/{member}"; a parameter is a whole segment
    Roles allowed;
    std::size_t body_bytes_max = 64 * 1024;
    Handler handler{};
    std::shared_ptr<EventStream> stream{};  // instead of a handler: server-sent events, GET only
};

/// The table of all that the server answers. Where several patterns fit, the one whose first
/// differing segment is literal wins: "/members/lookup" before "/members/{member}".
class Router {
 public:
    /// A broken pattern or the same route twice is a mistake of ours: std::logic_error.
    void add(Route route);
    /// GET for everybody, with its entity tag; must be revalidated by caches.
    void mount(const Asset& asset);

    struct Match {
        const Route* route = nullptr;  // null: nothing here, or not with this method
        std::string allow{};           // methods of this path, "GET, HEAD, OPTIONS"; empty: no path
        Fields parameters{};
        bool malformed = false;  // the path does not decode, or a parameter is too long
    };
    /// Routes stay where they are once the server has the table: `route` is good as long as it.
    Match find(std::string_view method, std::string_view path) const;

    std::vector<const Route*> routes() const;

 private:
    struct Entry {
        Route route;
        std::vector<std::string> segments;  // "{name}" for a parameter
    };
    std::vector<Entry> entries_;
};

}  // namespace raiten::http
