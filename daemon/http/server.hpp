#pragma once

#include "daemon/base/result.hpp"
#include "daemon/http/counters.hpp"
#include "daemon/http/gate.hpp"
#include "daemon/http/idempotency.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace raiten::http {

struct Core;
class Door;

struct ServerOptions {
    Limits limits{};
    /// Names by which browsers may call the store, besides localhost and the device's addresses.
    std::vector<std::string> host_names{};
    /// Without it nobody but the local operator has a role.
    Authenticator authenticate{};
    /// Honours Idempotency-Key on every POST that has one; null: the field is ignored.
    std::shared_ptr<IdempotencyStore> idempotency{};
    /// What the log should know: handlers that threw, a machine without descriptors.
    std::function<void(const Problem&)> report{};
};

/// Answers HTTP/1.1 from its table of routes. Everything, handlers too, runs on one executor whose
/// context is run by one thread; make it, ask it and end it there.
class Server {
 public:
    Server(boost::asio::any_io_executor executor, ServerOptions options, Router router);
    /// Ends all connections at once. Handlers still at work run on: drain first.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    enum class Protection : std::uint8_t { plain, tls };

    /// PEM, the chain with the leaf first. Call it again when they have changed: connections that
    /// exist keep what they have, and where it fails everything keeps what it had.
    Result<void> load_tls(const std::string& certificate_file, const std::string& key_file);

    /// `address` is a literal; port 0 is any that is free. Says which port it is. Beyond loopback
    /// plain is refused.
    Result<std::uint16_t> listen_tcp(const std::string& address, std::uint16_t port,
                                     Protection protection);
    /// Whoever may open the file is the local operator, with the role admin.
    Result<void> listen_local(const std::string& path, unsigned mode = 0660);
    /// A listening socket from systemd, TCP or unix; a unix socket is for the local operator.
    Result<void> adopt(int descriptor, Protection protection);

    /// Accepts no more, lets answers under way go out, ends streams and idle connections, and
    /// after `grace` the rest. Returns when no connection is left.
    boost::asio::awaitable<void> drain(std::chrono::milliseconds grace);

    Counters counters() const;

 private:
    struct Listener;
    Result<void> open(Door door, Protection protection);
    void close_doors();

    std::shared_ptr<Core> core_;
    std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace raiten::http
