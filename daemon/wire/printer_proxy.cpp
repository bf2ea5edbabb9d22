#include "daemon/wire/printer_proxy.hpp"

#include "daemon/wire/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <exception>
#include <set>
#include <thread>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t piece_bytes_max = 16 * 1024;
constexpr Millis accept_pause{100};
constexpr Millis drain_pause{20};
constexpr Millis busy_pause{50};
constexpr Millis status_wait{500};  ///< for a serial printer's last answer

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

struct AtomicCounters {
    std::atomic<std::uint64_t> accepted{}, open{}, too_many{}, printer_absent{}, broken{},
        bytes_to_printer{}, bytes_to_client{};
};

struct Connection {
    Connection(ConnectionNumber number_, tcp::socket socket)
        : number{number_},
          quiet{socket.get_executor()},
          half_closed{socket.get_executor()},
          client{Channel::Socket{std::move(socket)}}
    {
    }
    ConnectionNumber number;
    net::steady_timer quiet;        ///< watches for the end of a job
    net::steady_timer half_closed;  ///< watches a connection of which one side has ended
    Channel client;
    std::shared_ptr<Dial> dial;
    std::shared_ptr<Channel> printer;
    Clock::time_point moved;     ///< when bytes last moved, either way
    Clock::time_point printed;   ///< when bytes were last given to the printer
    Clock::time_point answered;  ///< when the printer last said something
    bool in_job{};
    bool writing{};  ///< bytes are on their way into the printer: a slow printer is not a quiet job
    bool over{};     ///< closed by us: what its coroutines still meet is no news
    bool holds_line{};
    int directions{};
};

}  // namespace

/// The printer's thread: everything in here runs on it.
class PrinterProxy::Forwarder : public std::enable_shared_from_this<Forwarder> {
 public:
    Forwarder(net::io_context& io, Address printer, ProxyLimits limits,
              std::shared_ptr<PrinterTap> tap)
        : io_{io},
          acceptor_{io},
          accept_pause_{io},
          turn_{io, Clock::time_point::max()},
          grace_{io},
          printer_{std::move(printer)},
          limits_{limits},
          tap_{std::move(tap)}
    {
    }

    Result<std::uint16_t> listen(const TcpAddress& at)
    {
        error_code ec;
        const auto host = net::ip::make_address(at.host, ec);
        const auto failed = [&](std::string advice) {
            return Problem{ec.message(), text_of(at), std::move(advice)};
        };
        if (ec) return failed("listen on a number, such as 0.0.0.0 or 127.0.0.1");
        const tcp::endpoint endpoint{host, at.port};
        acceptor_.open(endpoint.protocol(), ec);
        if (!ec) acceptor_.set_option(net::socket_base::reuse_address{true}, ec);
        if (!ec) acceptor_.bind(endpoint, ec);
        if (!ec) acceptor_.listen(net::socket_base::max_listen_connections, ec);
        if (ec) return failed("is another program listening there?");
        const auto port = acceptor_.local_endpoint(ec).port();
        net::co_spawn(io_, accept(shared_from_this()), rethrow);
        return port;
    }

    void stop()
    {
        stopping_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        accept_pause_.cancel();
        turn_.cancel();
        const auto open = connections_;
        for (const auto& connection : open)
            if (!connection->in_job) part(*connection);
        grace_.expires_after(limits_.stop_grace);
        grace_.async_wait([self = shared_from_this()](error_code ec) {
            const auto rest = self->connections_;
            for (const auto& connection : rest)
                if (!ec) self->break_off(*connection);
        });
        end_if_done();
    }

    AtomicCounters counters;

 private:
    using Shared = std::shared_ptr<Connection>;

    static net::awaitable<void> accept(std::shared_ptr<Forwarder> self)
    {
        while (!self->stopping_) {
            tcp::socket socket{self->io_};
            const auto [ec] = co_await self->acceptor_.async_accept(socket, no_throw);
            if (self->stopping_) break;
            if (ec) {
                // Out of descriptors, most likely: trying again at once would only spin.
                self->accept_pause_.expires_after(accept_pause);
                co_await self->accept_pause_.async_wait(no_throw);
                continue;
            }
            self->admit(std::move(socket));
        }
    }

    void admit(tcp::socket socket)
    {
        ++counters.accepted;
        set_tcp_options(socket);
        const auto connection = std::make_shared<Connection>(next_number_++, std::move(socket));
        if (connections_.size() >= limits_.connections_max) {
            ++counters.too_many;
            connection->client.reset();
            return;
        }
        connections_.insert(connection);
        counters.open = connections_.size();
        net::co_spawn(io_, serve(shared_from_this(), connection), rethrow);
    }

    static net::awaitable<void> serve(std::shared_ptr<Forwarder> self, Shared connection)
    {
        const bool shared_line = std::holds_alternative<SerialAddress>(self->printer_);
        while (shared_line && self->line_taken_ && !self->stopping_ && !connection->over)
            co_await self->turn_.async_wait(no_throw);
        if (shared_line && !connection->over) self->line_taken_ = connection->holds_line = true;
        connection->dial = std::make_shared<Dial>(net::any_io_executor{self->io_.get_executor()});
        if (connection->over || self->stopping_) connection->dial->cancel();
        auto opened =
            co_await connection->dial->open(self->printer_, self->limits_.connect_timeout);
        connection->dial.reset();
        if (opened.has_error() || connection->over) {
            if (opened.has_error() && !connection->over && !self->stopping_) {
                ++self->counters.printer_absent;
                self->tap_->refused(opened.error().text());
            }
            connection->client.reset();
            self->leave(connection);
            co_return;
        }
        connection->printer = std::move(opened.value());
        connection->moved = connection->answered = Clock::now();
        connection->directions = 2;
        net::co_spawn(self->io_, answer(self, connection), rethrow);
        co_await print(self, connection);
    }

    /// From the register to the printer.
    static net::awaitable<void> print(std::shared_ptr<Forwarder> self, Shared connection)
    {
        std::array<std::byte, piece_bytes_max> buffer{};
        auto& c = *connection;
        for (;;) {
            const Transfer got = co_await c.client.read_some(buffer);
            if (!got.good()) {
                self->register_ended(connection, got);
                break;
            }
            const auto piece = std::span{buffer}.first(got.size);
            if (!c.in_job) self->job_begins(connection);
            c.writing = true;
            const Transfer sent = co_await c.printer->write(piece);
            c.writing = false;
            c.moved = c.printed = Clock::now();
            self->counters.bytes_to_printer += sent.size;
            self->tap_->bytes(c.number, piece.first(sent.size));
            if (!sent.good()) {
                self->break_off(c);
                break;
            }
        }
        if (c.printer->device() && !c.over) co_await self->let_print_out(connection);
        self->direction_ended(connection);
    }

    /// From the printer to the register.
    static net::awaitable<void> answer(std::shared_ptr<Forwarder> self, Shared connection)
    {
        std::array<std::byte, piece_bytes_max> buffer{};
        auto& c = *connection;
        for (;;) {
            const Transfer got = co_await c.printer->read_some(buffer);
            if (!got.good()) {
                // A reset is told to one of reader and writer only; the other sees an orderly end.
                // What the writer has met is on its way: let it come first.
                co_await net::post(self->io_, net::use_awaitable);
                if (!c.over) self->printer_ended(connection, got);
                break;
            }
            const auto piece = std::span<const std::byte>{buffer}.first(got.size);
            const Transfer sent = co_await c.client.write(piece);
            c.moved = c.answered = Clock::now();
            self->counters.bytes_to_client += sent.size;
            if (!sent.good()) {
                self->break_off(c);
                break;
            }
        }
        self->direction_ended(connection);
    }

    void register_ended(const Shared& connection, const Transfer& got)
    {
        if (!got.ended) return break_off(*connection);
        connection->printer->end_sending();
        if (!connection->printer->device()) watch_half_closed(connection);
    }

    void printer_ended(const Shared& connection, const Transfer& got)
    {
        // A serial printer has no orderly end: it was unplugged.
        if (!got.ended || connection->printer->device()) return break_off(*connection);
        connection->client.end_sending();
        watch_half_closed(connection);
    }

    void watch_half_closed(const Shared& connection)
    {
        connection->half_closed.expires_at(connection->moved + limits_.half_closed_max);
        connection->half_closed.async_wait([self = shared_from_this(), connection](error_code ec) {
            if (ec || connection->over || connection->directions == 0) return;
            if (Clock::now() >= connection->moved + self->limits_.half_closed_max)
                self->break_off(*connection);
            else
                self->watch_half_closed(connection);
        });
    }

    /// A serial line is slower than its buffer: it is closed when all has gone out.
    net::awaitable<void> let_print_out(Shared connection)
    {
        auto& c = *connection;
        const auto latest = Clock::now() + limits_.half_closed_max;
        net::steady_timer pause{io_};
        while (!c.over && Clock::now() < latest) {
            const bool out = c.printer->unsent_bytes() == 0;
            const auto quiet_since = std::max(c.printed, c.answered);
            if (out && Clock::now() - quiet_since >= status_wait) break;
            pause.expires_after(drain_pause);
            co_await pause.async_wait(no_throw);
        }
        part(c);
    }

    void job_begins(const Shared& connection)
    {
        connection->in_job = true;
        connection->printed = Clock::now();
        tap_->first_byte(connection->number);
        watch_quiet(connection);
    }

    void watch_quiet(const Shared& connection)
    {
        connection->quiet.expires_at(std::max<Clock::time_point>(
            connection->printed + limits_.idle_after, Clock::now() + busy_pause));
        connection->quiet.async_wait([self = shared_from_this(), connection](error_code ec) {
            if (ec || connection->directions == 0) return;
            const bool quiet = Clock::now() >= connection->printed + self->limits_.idle_after;
            if (!quiet || connection->writing) return self->watch_quiet(connection);
            connection->in_job = false;
            self->tap_->idle(connection->number);
            if (self->stopping_) self->part(*connection);
        });
    }

    /// Ends a connection at a fitting moment.
    void part(Connection& connection)
    {
        connection.over = true;
        if (connection.dial) connection.dial->cancel();
        connection.client.close();
        if (connection.printer) connection.printer->close();
    }

    /// Ends a connection in the middle: both sides see that it was not the orderly end.
    void break_off(Connection& connection)
    {
        if (connection.over) return;
        ++counters.broken;
        connection.over = true;
        if (connection.dial) connection.dial->cancel();
        connection.client.reset();
        if (connection.printer) connection.printer->reset();
        turn_.cancel();
    }

    void direction_ended(const Shared& connection)
    {
        if (--connection->directions > 0) return;
        connection->quiet.cancel();
        connection->half_closed.cancel();
        connection->client.close();
        connection->printer->close();
        tap_->closed(connection->number);
        leave(connection);
    }

    void leave(const Shared& connection)
    {
        connections_.erase(connection);
        counters.open = connections_.size();
        if (connection->holds_line) line_taken_ = false;
        turn_.cancel_one();
        end_if_done();
    }

    void end_if_done()
    {
        if (stopping_ && connections_.empty()) io_.stop();
    }

    net::io_context& io_;
    tcp::acceptor acceptor_;
    net::steady_timer accept_pause_;
    net::steady_timer turn_;
    net::steady_timer grace_;
    Address printer_;
    ProxyLimits limits_;
    std::shared_ptr<PrinterTap> tap_;
    std::set<Shared> connections_;
    ConnectionNumber next_number_{1};
    bool line_taken_{};
    bool stopping_{};
};

struct PrinterProxy::Engine {
    net::io_context io{1};
    std::shared_ptr<Forwarder> forwarder;
    std::thread thread;
};

PrinterProxy::PrinterProxy(net::any_io_executor loop, TcpAddress listen_at, Address printer,
                           ProxyLimits limits, TapCallbacks callbacks)
    : listen_at_{std::move(listen_at)},
      tap_{std::make_shared<PrinterTap>(std::move(loop), limits.tap_bytes_max,
                                        std::move(callbacks))},
      engine_{std::make_unique<Engine>()}
{
    engine_->forwarder = std::make_shared<Forwarder>(engine_->io, std::move(printer), limits, tap_);
}

PrinterProxy::~PrinterProxy()
{
    stop();
}

Result<std::uint16_t> PrinterProxy::start()
{
    const auto port = engine_->forwarder->listen(listen_at_);
    if (port.has_error()) return port;
    // The new thread inherits the mask: signals belong to the event loop's thread.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    engine_->thread = std::thread{[engine = engine_.get()] { engine->io.run(); }};
    ::pthread_setname_np(engine_->thread.native_handle(), "raiten-printer");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return port;
}

void PrinterProxy::stop()
{
    tap_->mute();
    if (!engine_->thread.joinable()) return;
    net::post(engine_->io, [forwarder = engine_->forwarder] { forwarder->stop(); });
    engine_->thread.join();
}

ProxyCounters PrinterProxy::counters() const
{
    const auto& seen = engine_->forwarder->counters;
    ProxyCounters out;
    out.accepted = seen.accepted;
    out.open = seen.open;
    out.too_many = seen.too_many;
    out.printer_absent = seen.printer_absent;
    out.broken = seen.broken;
    out.bytes_to_printer = seen.bytes_to_printer;
    out.bytes_to_client = seen.bytes_to_client;
    out.tap_bytes_lost = tap_->bytes_lost();
    out.tap_throws = tap_->throws();
    return out;
}

}  // namespace raiten::wire
