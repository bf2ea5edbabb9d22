#pragma once

#include "daemon/http/channel.hpp"
#include "daemon/http/counters.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace raiten::http {

/// What stands before the body. Names of fields in lower case.
struct Head {
    std::string method;
    std::string target;
    Fields fields;
    bool keep_alive = false;
    bool has_body = false;  // and it has not been read yet
};

/// An answer that ends a request early, and why; without a reason it is no refusal (OPTIONS).
struct Refused {
    std::optional<Refusal> reason;
    Response answer;
};
/// The connection ended where nobody waits for an answer.
struct Gone {};

/// Takes requests from a channel, one after the other, within the limits. What arrives too early
/// (pipelining) waits in its one buffer, and beyond that in the peer's.
class RequestReader {
 public:
    RequestReader(Channel& channel, const Limits& limits, Counters& counters);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    /// Something of the next request is here already.
    bool has_bytes() const;
    /// Waits for it under the channel's deadline; false: it never came.
    boost::asio::awaitable<bool> await_bytes();

    boost::asio::awaitable<std::variant<Head, Refused, Gone>> head();
    /// After a head with a body; `bytes_max` is the route's.
    boost::asio::awaitable<std::variant<std::string, Refused, Gone>> body(std::size_t bytes_max);

 private:
    struct Parser;

    boost::asio::awaitable<bool> read_more();
    std::optional<Refused> look_at_head();
    Head take_head() const;

    Channel& channel_;
    const Limits& limits_;
    Counters& counters_;
    std::unique_ptr<Parser> parser_;
};

}  // namespace raiten::http
