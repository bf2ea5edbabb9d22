#include "daemon/wire/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t endpoints_max = 8;

}  // namespace

struct Dial::Lookup {
    explicit Lookup(const net::any_io_executor& executor)
        : resolver{executor}, done{executor, net::steady_timer::time_point::max()}
    {
    }
    tcp::resolver resolver;
    net::steady_timer done;  ///< cancelled when there is an answer, or nobody waits any more
    error_code ec{net::error::operation_aborted};
    std::vector<tcp::endpoint> endpoints;
};

Dial::Dial(net::any_io_executor executor)
    : executor_{executor}, deadline_{executor}, tcp_{executor}, unix_{executor}, hci_{executor}
{
}

net::awaitable<Result<std::shared_ptr<Channel>>> Dial::open(Address address, Millis limit)
{
    const auto self = shared_from_this();
    where_ = text_of(address);
    if (!given_up_.empty()) co_return failed(given_up_);
    if (const auto* serial = std::get_if<SerialAddress>(&address)) {
        auto device = open_serial(executor_, *serial);
        if (device.has_error()) co_return device.error();
        co_return std::make_shared<Channel>(std::move(device.value()));
    }
    if (const auto* input = std::get_if<InputAddress>(&address)) {
        auto device = open_input(executor_, *input);
        if (device.has_error()) co_return device.error();
        co_return std::make_shared<Channel>(std::move(device.value()));
    }
    if (const auto* hci = std::get_if<HciAddress>(&address))
        co_return co_await open_hci_channel(*hci);
    arm(limit);
    if (const auto* host = std::get_if<TcpAddress>(&address)) {
        auto opened = co_await open_tcp(*host);
        deadline_.cancel();
        co_return opened;
    }
    auto opened = co_await open_unix(std::get<UnixAddress>(address));
    deadline_.cancel();
    co_return opened;
}

net::awaitable<Result<std::shared_ptr<Channel>>> Dial::open_tcp(TcpAddress address)
{
    const auto endpoints = co_await look_up(std::move(address));
    if (endpoints.has_error()) co_return endpoints.error();
    error_code last = net::error::host_not_found;
    for (const auto& endpoint : endpoints.value()) {
        error_code ignored;
        tcp_.close(ignored);
        const auto [ec] = co_await tcp_.async_connect(endpoint, no_throw);
        if (!given_up_.empty()) co_return failed(given_up_);
        last = ec;
        if (ec) continue;
        set_tcp_options(tcp_);
        co_return std::make_shared<Channel>(Channel::Socket{std::move(tcp_)});
    }
    co_return failed(last.message());
}

net::awaitable<Result<std::shared_ptr<Channel>>> Dial::open_unix(UnixAddress address)
{
    const net::local::stream_protocol::endpoint endpoint{address.path};
    const auto [ec] = co_await unix_.async_connect(endpoint, no_throw);
    if (!given_up_.empty()) co_return failed(given_up_);
    if (ec) co_return failed(ec.message());
    co_return std::make_shared<Channel>(Channel::Socket{std::move(unix_)});
}

net::awaitable<Result<std::shared_ptr<Channel>>> Dial::open_hci_channel(HciAddress address)
{
    HciOpening opening{address};
    error_code ec;
    hci_.assign(::fcntl(opening.wake_descriptor(), F_DUPFD_CLOEXEC, 0), ec);
    if (ec) co_return failed(ec.message());
    co_await hci_.async_wait(net::posix::stream_descriptor::wait_read, no_throw);
    if (!given_up_.empty()) co_return failed(given_up_);
    hci_.close(ec);
    auto opened = opening.take();
    if (opened.has_error()) co_return opened.error();
    Channel::Device device{executor_};
    device.assign(opened.value().get(), ec);
    if (ec) co_return failed(ec.message());
    opened.value().release();
    co_return std::make_shared<Channel>(std::move(device), true);
}

net::awaitable<Result<std::vector<tcp::endpoint>>> Dial::look_up(TcpAddress address)
{
    error_code not_a_number;
    const auto number = net::ip::make_address(address.host, not_a_number);
    if (!not_a_number) {
        std::vector<tcp::endpoint> one;
        one.emplace_back(number, address.port);
        co_return one;
    }

    const auto lookup = std::make_shared<Lookup>(executor_);
    lookup_ = lookup;
    const auto on_answer = [lookup](error_code ec, const tcp::resolver::results_type& results) {
        lookup->ec = ec;
        for (const auto& entry : results)
            if (lookup->endpoints.size() < endpoints_max)
                lookup->endpoints.push_back(entry.endpoint());
        lookup->done.cancel();
    };
    lookup->resolver.async_resolve(address.host, std::to_string(address.port), on_answer);
    co_await lookup->done.async_wait(no_throw);
    if (!given_up_.empty()) co_return failed(given_up_);
    if (lookup->ec) co_return failed(lookup->ec.message());
    co_return lookup->endpoints;
}

void Dial::arm(Millis limit)
{
    deadline_.expires_after(limit);
    deadline_.async_wait([weak = weak_from_this(), limit](error_code ec) {
        const auto self = weak.lock();
        if (self && !ec) self->give_up("no answer within " + std::to_string(limit.count()) + " ms");
    });
}

void Dial::cancel()
{
    deadline_.cancel();
    give_up("stopped");
}

void Dial::give_up(std::string why)
{
    if (given_up_.empty()) given_up_ = std::move(why);
    error_code ignored;
    tcp_.close(ignored);
    unix_.close(ignored);
    hci_.close(ignored);
    if (lookup_) lookup_->done.cancel();
}

Problem Dial::failed(const std::string& what) const
{
    return Problem{what, where_};
}

void set_tcp_options(tcp::socket& socket)
{
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    socket.set_option(net::socket_base::keep_alive{true}, ignored);
    const auto set = [&](int option, int value) {
        ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
    };
    set(TCP_KEEPIDLE, 60);
    set(TCP_KEEPINTVL, 15);
    set(TCP_KEEPCNT, 4);
}

}  // namespace raiten::wire
