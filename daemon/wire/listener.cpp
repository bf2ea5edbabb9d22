#include "daemon/wire/listener.hpp"

#include "daemon/wire/channel.hpp"
#include "daemon/wire/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <map>
#include <utility>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using local = net::local::stream_protocol;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t piece_bytes_max = 16 * 1024;
constexpr Millis accept_pause{100};

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

struct Connection {
    Connection(ConnectionNumber number_, Channel::Socket socket, net::any_io_executor executor)
        : number{number_}, channel{std::move(socket)}, quiet{std::move(executor)}
    {
    }
    ConnectionNumber number;
    Channel channel;
    net::steady_timer quiet;
    Clock::time_point heard{Clock::now()};
    std::string ended_by_us;  ///< the reason, where we closed it
};

/// A socket file that nobody listens on any more.
bool is_left_behind(const std::string& path)
{
    struct stat seen {};
    if (::lstat(path.c_str(), &seen) != 0 || !S_ISSOCK(seen.st_mode)) return false;
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return false;
    const local::endpoint endpoint{path};
    const int answer = ::connect(probe, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    const bool refused = answer != 0 && errno == ECONNREFUSED;
    ::close(probe);
    return refused;
}

}  // namespace

class Listener::State : public std::enable_shared_from_this<Listener::State> {
 public:
    State(net::any_io_executor executor, Address at, ListenerLimits limits,
          ListenerCallbacks callbacks)
        : executor_{std::move(executor)},
          tcp_{executor_},
          unix_{executor_},
          pause_{executor_},
          at_{std::move(at)},
          limits_{limits},
          tell_{std::move(callbacks)}
    {
    }

    Result<std::uint16_t> start()
    {
        if (const auto* at = std::get_if<TcpAddress>(&at_)) return listen_tcp(*at);
        if (const auto* at = std::get_if<UnixAddress>(&at_)) return listen_unix(*at);
        return Problem{"nobody can connect to a serial line", text_of(at_), "use tcp: or unix:"};
    }

    void stop()
    {
        stopped_ = true;
        error_code ignored;
        tcp_.close(ignored);
        unix_.close(ignored);
        pause_.cancel();
        if (const auto* at = std::get_if<UnixAddress>(&at_); at != nullptr && bound_)
            ::unlink(at->path.c_str());
        bound_ = false;
        for (const auto& [number, connection] : connections_) {
            connection->quiet.cancel();
            connection->channel.close();
        }
    }

    void close(ConnectionNumber number, std::string reason)
    {
        const auto found = connections_.find(number);
        if (found == connections_.end()) return;
        found->second->ended_by_us = std::move(reason);
        found->second->channel.close();
    }

    ListenerCounters counters;

 private:
    using Shared = std::shared_ptr<Connection>;

    Problem failed(const error_code& ec, std::string advice) const
    {
        return {ec.message(), text_of(at_), std::move(advice)};
    }

    Result<std::uint16_t> listen_tcp(const TcpAddress& at)
    {
        error_code ec;
        const auto host = net::ip::make_address(at.host, ec);
        if (ec) return failed(ec, "listen on a number, such as 0.0.0.0 or 127.0.0.1");
        const tcp::endpoint endpoint{host, at.port};
        tcp_.open(endpoint.protocol(), ec);
        if (!ec) tcp_.set_option(net::socket_base::reuse_address{true}, ec);
        if (!ec) tcp_.bind(endpoint, ec);
        if (!ec) tcp_.listen(net::socket_base::max_listen_connections, ec);
        if (ec) return failed(ec, "is another program listening there?");
        const auto port = tcp_.local_endpoint(ec).port();
        net::co_spawn(executor_, accept(shared_from_this(), tcp_), rethrow);
        return port;
    }

    Result<std::uint16_t> listen_unix(const UnixAddress& at)
    {
        error_code ec;
        if (is_left_behind(at.path)) ::unlink(at.path.c_str());
        const local::endpoint endpoint{at.path};
        unix_.open(endpoint.protocol(), ec);
        if (!ec) unix_.bind(endpoint, ec);
        bound_ = !ec;
        if (!ec) unix_.listen(net::socket_base::max_listen_connections, ec);
        if (ec) return failed(ec, "is another program listening there?");
        net::co_spawn(executor_, accept(shared_from_this(), unix_), rethrow);
        return std::uint16_t{0};
    }

    template <class Acceptor>
    static net::awaitable<void> accept(std::shared_ptr<State> self, Acceptor& acceptor)
    {
        while (!self->stopped_) {
            typename Acceptor::protocol_type::socket socket{self->executor_};
            const auto [ec] = co_await acceptor.async_accept(socket, no_throw);
            if (self->stopped_) break;
            if (ec) {
                // Out of descriptors, most likely: trying again at once would only spin.
                self->pause_.expires_after(accept_pause);
                co_await self->pause_.async_wait(no_throw);
                continue;
            }
            if constexpr (std::is_same_v<Acceptor, tcp::acceptor>) set_tcp_options(socket);
            self->admit(Channel::Socket{std::move(socket)});
        }
    }

    void admit(Channel::Socket socket)
    {
        ++counters.accepted;
        const auto connection =
            std::make_shared<Connection>(next_number_++, std::move(socket), executor_);
        if (connections_.size() >= limits_.connections_max) {
            ++counters.too_many;
            connection->channel.reset();
            const std::string reason =
                "more than " + std::to_string(limits_.connections_max) + " connections";
            if (tell_.on_refused) tell_.on_refused(reason);
            return;
        }
        connections_.emplace(connection->number, connection);
        counters.open = connections_.size();
        net::co_spawn(executor_, hear(shared_from_this(), connection), rethrow);
    }

    static net::awaitable<void> hear(std::shared_ptr<State> self, Shared connection)
    {
        std::array<std::byte, piece_bytes_max> buffer{};
        auto& c = *connection;
        if (self->tell_.on_open && !self->stopped_) self->tell_.on_open(c.number);
        self->watch_quiet(connection);
        std::string reason;
        while (!self->stopped_) {
            const Transfer got = co_await c.channel.read_some(buffer);
            if (self->stopped_) break;
            if (!got.good()) {
                if (!got.ended) reason = got.failure;
                break;
            }
            c.heard = Clock::now();
            self->counters.bytes_in += got.size;
            const auto piece = std::span<const std::byte>{buffer}.first(got.size);
            if (self->tell_.on_bytes) self->tell_.on_bytes(c.number, piece);
            // Bytes may be there already: the others have their turn first.
            co_await net::post(self->executor_, net::use_awaitable);
        }
        self->leave(connection, std::move(reason));
    }

    void leave(const Shared& connection, std::string reason)
    {
        connection->quiet.cancel();
        connection->channel.close();
        connections_.erase(connection->number);
        counters.open = connections_.size();
        if (stopped_) return;
        if (!connection->ended_by_us.empty())
            reason = connection->ended_by_us;
        else if (!reason.empty())
            ++counters.broken;
        if (tell_.on_closed) tell_.on_closed(connection->number, reason);
    }

    void watch_quiet(const Shared& connection)
    {
        connection->quiet.expires_at(connection->heard + limits_.idle_after);
        connection->quiet.async_wait([self = shared_from_this(), connection](error_code ec) {
            if (ec || self->stopped_) return;
            if (Clock::now() < connection->heard + self->limits_.idle_after)
                return self->watch_quiet(connection);
            ++self->counters.idle;
            self->close(connection->number, "silent for too long");
        });
    }

    net::any_io_executor executor_;
    tcp::acceptor tcp_;
    local::acceptor unix_;
    net::steady_timer pause_;
    Address at_;
    ListenerLimits limits_;
    ListenerCallbacks tell_;
    std::map<ConnectionNumber, Shared> connections_;
    ConnectionNumber next_number_{1};
    bool bound_{};
    bool stopped_{};
};

Listener::Listener(net::any_io_executor executor, Address at, ListenerLimits limits,
                   ListenerCallbacks callbacks)
    : state_{
        std::make_shared<State>(std::move(executor), std::move(at), limits, std::move(callbacks))}
{
}

Listener::~Listener()
{
    stop();
}

Result<std::uint16_t> Listener::start()
{
    return state_->start();
}

void Listener::stop()
{
    state_->stop();
}

void Listener::close(ConnectionNumber number)
{
    state_->close(number, "closed by us");
}

const ListenerCounters& Listener::counters() const
{
    return state_->counters;
}

}  // namespace raiten::wire
