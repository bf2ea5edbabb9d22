#include "tests/support/printer.hpp"

#include "daemon/wire/channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <set>

namespace raiten::stage {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using wire::Channel;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t job_bytes_max = 16 * 1024 * 1024;
constexpr std::byte dle{0x10};
constexpr std::byte eot{0x04};
constexpr std::array all_is_well{std::byte{0x12}};

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

}  // namespace

class Printer::State : public std::enable_shared_from_this<Printer::State> {
 public:
    State(net::any_io_executor executor, PrinterSettings settings)
        : executor_{executor}, settings_{std::move(settings)}, acceptor_{executor}
    {
    }

    Result<wire::TcpAddress> listen(const wire::TcpAddress& address)
    {
        error_code ec;
        const tcp::endpoint endpoint{net::ip::make_address(address.host, ec), address.port};
        if (!ec) acceptor_.open(endpoint.protocol(), ec);
        if (!ec) acceptor_.set_option(net::socket_base::reuse_address{true}, ec);
        if (!ec) acceptor_.bind(endpoint, ec);
        if (!ec) acceptor_.listen(net::socket_base::max_listen_connections, ec);
        if (ec) return Problem{ec.message(), text_of(wire::Address{address})};
        net::co_spawn(executor_, accept(shared_from_this()), rethrow);
        return wire::TcpAddress{address.host, acceptor_.local_endpoint().port()};
    }

    void stop()
    {
        error_code ignored;
        acceptor_.close(ignored);
        for (const auto& line : lines_) line->close();
    }

    std::vector<std::shared_ptr<PrintJob>> jobs;

 private:
    using Line = std::shared_ptr<Channel>;
    using Job = std::shared_ptr<PrintJob>;

    static net::awaitable<void> accept(std::shared_ptr<State> self)
    {
        for (;;) {
            tcp::socket socket{self->executor_};
            const auto [ec] = co_await self->acceptor_.async_accept(socket, no_throw);
            if (ec) co_return;
            socket.set_option(tcp::no_delay{true});
            const auto line = std::make_shared<Channel>(Channel::Socket{std::move(socket)});
            self->lines_.insert(line);
            self->jobs.push_back(std::make_shared<PrintJob>());
            net::co_spawn(self->executor_, serve(self, line, self->jobs.back()), rethrow);
        }
    }

    static net::awaitable<void> serve(std::shared_ptr<State> self, Line line, Job job)
    {
        if (!self->settings_.eats) co_return;
        if (!self->settings_.says.empty()) net::co_spawn(self->executor_, say(self, line), rethrow);
        std::array<std::byte, 4'096> buffer{};
        for (;;) {
            const auto got = co_await line->read_some(buffer);
            if (!got.good()) {
                job->ended = got.ended;
                job->broken = !got.ended;
                break;
            }
            const auto piece = std::span{buffer}.first(got.size);
            for (const std::byte b : piece)
                if (job->bytes.size() < job_bytes_max) job->bytes.push_back(b);
            if (self->settings_.dies_after > 0 && job->bytes.size() >= self->settings_.dies_after) {
                line->reset();
                break;
            }
            if (self->asked(*job, got.size)) co_await line->write(all_is_well);
        }
        if (job->ended) co_await self->end(line);
        self->lines_.erase(line);
    }

    /// Whether the last `size` bytes hold (the end of) a DLE EOT n.
    bool asked(const PrintJob& job, std::size_t size) const
    {
        const auto& b = job.bytes;
        const std::size_t from = b.size() - std::min(b.size(), size + 2);
        for (std::size_t i = from; settings_.answers_status && i + 2 < b.size(); ++i)
            if (b[i] == dle && b[i + 1] == eot) return true;
        return false;
    }

    net::awaitable<void> end(Line line)
    {
        if (!settings_.last_word.empty()) co_await line->write(settings_.last_word);
        // What is still being said ends by itself, in say().
        if (settings_.says.empty()) line->close();
    }

    static net::awaitable<void> say(std::shared_ptr<State> self, Line line)
    {
        co_await line->write(self->settings_.says);
        line->end_sending();
    }

    net::any_io_executor executor_;
    PrinterSettings settings_;
    tcp::acceptor acceptor_;
    std::set<Line> lines_;
};

Printer::Printer(net::any_io_executor executor, PrinterSettings settings)
    : state_{std::make_shared<State>(std::move(executor), std::move(settings))}
{
}

Printer::~Printer()
{
    stop();
}

Result<wire::TcpAddress> Printer::listen(const wire::TcpAddress& address)
{
    return state_->listen(address);
}
void Printer::stop()
{
    state_->stop();
}
const std::vector<std::shared_ptr<PrintJob>>& Printer::jobs() const
{
    return state_->jobs;
}

}  // namespace raiten::stage
