#include "daemon/http/server.hpp"

#include "daemon/http/answer.hpp"
#include "daemon/http/core.hpp"
#include "daemon/http/door.hpp"
#include "daemon/http/session.hpp"

#include <openssl/ssl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <span>

namespace raiten::http {

namespace net = boost::asio;
using Error = boost::system::error_code;
constexpr auto no_throw = net::as_tuple(net::use_awaitable);

namespace {

constexpr int accepted_at_once_max = 64;
constexpr std::chrono::milliseconds no_room_pause{100};

void rethrow(std::exception_ptr failure)
{
    if (failure) std::rethrow_exception(failure);
}

/// A client that offers protocols must be told one, or it may assume HTTP/2.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*)
{
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/// Said as far as the socket takes it without waiting; then it is closed.
void turn_away(int descriptor, std::string_view detail)
{
    Response answer = problem(503, {}, detail);
    answer.headers.emplace_back("Retry-After", "5");
    const std::string text = head_text(answer, false) + answer.body;
    const auto sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    static_cast<void>(sent);  // it is a courtesy
    ::close(descriptor);
}

Session* idle_longest(const Core& core)
{
    const auto found = std::find_if(core.sessions.begin(), core.sessions.end(),
                                    [](Session* s) { return s->idle() && !s->local_operator(); });
    return found == core.sessions.end() ? nullptr : *found;
}

/// Why it cannot come in, in words; empty: it can.
std::string_view refusal_for(Core& core, const Ends& ends)
{
    const Limits& limits = core.limits;
    if (ends.local_operator) {
        if (core.operators < limits.operator_connections_max) return {};
        ++core.counters.of(Refusal::connections_full);
        return "Too many local connections. Close some.";
    }
    const auto peer = core.by_peer.find(ends.peer);
    if (peer != core.by_peer.end() && peer->second >= limits.peer_connections_max) {
        ++core.counters.of(Refusal::peer_full);
        return "Too many connections from your address. Use the ones you have.";
    }
    if (core.sessions.size() - core.operators < limits.connections_max) return {};
    if (Session* idle = idle_longest(core)) {
        idle->abandon();
        return {};
    }
    ++core.counters.of(Refusal::connections_full);
    return "Too many connections. Try again in a few seconds.";
}

void admit(const std::shared_ptr<Core>& core, Arrival arrival, bool tls)
{
    if (const auto detail = refusal_for(*core, arrival.ends); !detail.empty())
        return turn_away(arrival.descriptor, detail);

    Channel::Socket socket{core->executor};
    Error ec;
    socket.assign(net::generic::stream_protocol{arrival.family, arrival.protocol},
                  arrival.descriptor, ec);
    if (ec) {
        core->report(Problem{"cannot watch a connection: " + ec.message(), arrival.ends.peer, {}});
        ::close(arrival.descriptor);
        return;
    }
    auto channel = std::make_shared<Channel>(std::move(socket), tls ? core->tls : nullptr);
    std::make_shared<Session>(core, std::move(channel), std::move(arrival.ends))->start();
}

}  // namespace

struct Server::Listener {
    Door door;
    net::posix::stream_descriptor watched;
    net::steady_timer pause;
    bool tls;

    static net::awaitable<void> run(std::shared_ptr<Core> core, std::shared_ptr<Listener> self)
    {
        while (self->watched.is_open()) {
            const auto [ec] = co_await self->watched.async_wait(
                net::posix::stream_descriptor::wait_read, no_throw);
            if (ec) co_return;
            std::optional<Problem> trouble;
            for (int i = 0; i < accepted_at_once_max; ++i) {
                auto arrival = accept_at(self->watched.native_handle(), self->door.kind(), trouble);
                if (!arrival) break;
                admit(core, std::move(*arrival), self->tls);
            }
            if (!trouble) continue;
            core->report(*trouble);
            self->pause.expires_after(no_room_pause);
            co_await self->pause.async_wait(no_throw);
        }
    }
};

Server::Server(net::any_io_executor executor, ServerOptions options, Router router)
    : core_{std::make_shared<Core>(Core{.executor = executor,
                                        .limits = options.limits,
                                        .host_names = {},
                                        .authenticate = std::move(options.authenticate),
                                        .idempotency = std::move(options.idempotency),
                                        .report = std::move(options.report),
                                        .router = std::move(router),
                                        .empty = net::steady_timer{executor}})}
{
    if (!core_->report) core_->report = [](const Problem&) {};
    for (const std::string& name : options.host_names)
        if (auto host = host_of(name)) core_->host_names.push_back(std::move(*host));
}

Server::~Server()
{
    close_doors();
    core_->draining = true;
    for (Session* session : std::vector<Session*>{core_->sessions.begin(), core_->sessions.end()})
        session->abandon();
}

void Server::close_doors()
{
    for (const auto& listener : listeners_) {
        Error ignored;  // it is closed in any case
        listener->watched.close(ignored);
        listener->pause.cancel();
    }
    listeners_.clear();
}

Result<void> Server::load_tls(const std::string& certificate_file, const std::string& key_file)
{
    auto tls = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
    SSL_CTX* const native = tls->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    Error ec;
    tls->use_certificate_chain_file(certificate_file, ec);
    if (ec) return Problem{"no certificate: " + ec.message(), certificate_file, "PEM is expected"};
    tls->use_private_key_file(key_file, net::ssl::context::pem, ec);
    if (ec)
        return Problem{"no key for the certificate: " + ec.message(), key_file,
                       "PEM without a passphrase is expected"};
    core_->tls = std::move(tls);
    return boost::system::in_place_value;
}

Result<void> Server::open(Door door, Protection protection)
{
    const bool tcp = door.kind() == Door::Kind::tcp;
    if (tcp && protection == Protection::tls && !core_->tls)
        return Problem{"there is no certificate yet", {}, "load one before listening"};
    if (tcp && protection == Protection::plain && !door.loopback())
        return Problem{"tokens would cross the network in the clear",
                       {},
                       "configure a certificate, or listen on 127.0.0.1"};
    net::posix::stream_descriptor watched{core_->executor};
    Error ec;
    watched.assign(door.descriptor(), ec);
    if (ec) return Problem{"cannot watch the socket: " + ec.message(), {}, {}};
    door.release();
    auto listener = std::make_shared<Listener>(Listener{std::move(door), std::move(watched),
                                                        net::steady_timer{core_->executor},
                                                        tcp && protection == Protection::tls});
    listeners_.push_back(listener);
    net::co_spawn(core_->executor, Listener::run(core_, listener), rethrow);
    return boost::system::in_place_value;
}

Result<std::uint16_t> Server::listen_tcp(const std::string& address, std::uint16_t port,
                                         Protection protection)
{
    auto door = Door::open_tcp(address, port);
    if (!door) return door.error();
    const std::uint16_t bound = door->port();
    auto opened = open(std::move(*door), protection);
    if (!opened) return opened.error();
    return bound;
}

Result<void> Server::listen_local(const std::string& path, unsigned mode)
{
    auto door = Door::open_local(path, mode);
    if (!door) return door.error();
    return open(std::move(*door), Protection::plain);
}

Result<void> Server::adopt(int descriptor, Protection protection)
{
    auto door = Door::adopt(descriptor);
    if (!door) return door.error();
    return open(std::move(*door), protection);
}

net::awaitable<void> Server::drain(std::chrono::milliseconds grace)
{
    const std::shared_ptr<Core> core = core_;
    close_doors();
    core->draining = true;
    for (Session* session : std::vector<Session*>{core->sessions.begin(), core->sessions.end()})
        session->drain();
    if (core->sessions.empty()) co_return;

    core->empty.expires_after(grace);
    co_await core->empty.async_wait(no_throw);
    for (Session* session : std::vector<Session*>{core->sessions.begin(), core->sessions.end()})
        session->abandon();
    while (!core->sessions.empty()) {
        core->empty.expires_at(net::steady_timer::time_point::max());
        co_await core->empty.async_wait(no_throw);
    }
}

Counters Server::counters() const
{
    Counters counters = core_->counters;
    if (core_->idempotency) {
        counters.of(Refusal::idempotency) = core_->idempotency->refused();
        counters.replayed = core_->idempotency->replayed();
    }
    return counters;
}

}  // namespace raiten::http
