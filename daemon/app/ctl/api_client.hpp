#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace raiten::app::ctl {

/// One server-sent event.
struct StreamEvent {
    std::string id;
    std::string type;
    std::string data;
};

/// Cuts a `text/event-stream` (HTML Living Standard, 9.2.6) that arrives in pieces. An event of
/// more than `event_bytes_max` is left out.
class EventCutter {
 public:
    static constexpr std::size_t event_bytes_max = 1024 * 1024;
    /// `take` returns false when it wants no more; feed() then returns false at once.
    bool feed(std::string_view bytes, const std::function<bool(const StreamEvent&)>& take);

 private:
    bool take_line(std::string_view line, const std::function<bool(const StreamEvent&)>& take);

    std::string line_;
    bool after_return_{};
    bool too_long_{};
    bool has_data_{};
    StreamEvent event_;
};

/// Speaks to the running raitend over its unix socket, one request at a time; each waits at most
/// `patience_ms` for the next bytes.
class ApiClient {
 public:
    static constexpr int patience_ms = 20'000;
    static constexpr std::size_t body_bytes_max = 64 * 1024 * 1024;

    explicit ApiClient(std::string socket) : socket_{std::move(socket)} {}

    struct Reply {
        unsigned status{};
        std::string body;
    };
    /// A Problem only if raitend does not answer; what it answers is a Reply, also a refusal.
    Result<Reply> get(const std::string& target) const;
    Result<Reply> post(const std::string& target, const std::string& json) const;
    Result<Reply> put(const std::string& target, const std::string& json) const;

    struct Followed {
        bool opened{};                   ///< raitend agreed to stream
        std::optional<Problem> problem;  ///< why it ended; nothing: `take` wanted no more
    };
    /// Follows a stream after the event `last_id` ("": from now on) until it ends, `take` returns
    /// false, or nothing at all, not even a sign of life, came for a minute.
    Followed follow(const std::string& target, const std::string& last_id,
                    const std::function<bool(const StreamEvent&)>& take) const;

    const std::string& socket() const { return socket_; }

 private:
    std::string socket_;
};

/// For a query value or a path segment (RFC 3986, 2.1).
std::string url_encoded(std::string_view text);

/// What an answer that is no success says (RFC 9457), as a problem.
Problem refusal_of(const ApiClient::Reply& reply);

}  // namespace raiten::app::ctl
