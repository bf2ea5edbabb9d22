#pragma once

#include "daemon/base/result.hpp"
#include "daemon/http/counters.hpp"
#include "daemon/http/gate.hpp"
#include "daemon/http/idempotency.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace raiten::http {

class Session;

/// What the server and all its connections share, and what the last of them takes along.
struct Core {
    boost::asio::any_io_executor executor;
    Limits limits;
    std::vector<std::string> host_names;  // lower case
    Authenticator authenticate;
    std::shared_ptr<IdempotencyStore> idempotency;  // may be null
    std::function<void(const Problem&)> report;     // never null
    Router router;
    std::shared_ptr<boost::asio::ssl::context> tls{};  // null until certificates are loaded

    Counters counters{};
    std::list<Session*> sessions{};  // the one idle longest stands first
    std::unordered_map<std::string, std::size_t> by_peer{};
    std::size_t operators = 0;  // of the sessions, those on a unix socket
    std::size_t handlers = 0;   // at work, heard or unheard
    bool draining = false;
    boost::asio::steady_timer empty;  // cancelled when the last session ends
};

}  // namespace raiten::http
