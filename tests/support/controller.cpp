#include "tests/support/controller.hpp"

#include "daemon/wire/channel.hpp"
#include "tests/support/hci_bytes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace raiten::stage {

namespace net = boost::asio;
using boost::system::error_code;
using wire::Channel;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t out_bytes_max = 64 * 1024;
constexpr std::size_t opcodes_max = 10'000;

enum Opcode : std::uint16_t {
    set_event_mask = 0x0C01,
    reset = 0x0C03,
    write_le_host_support = 0x0C6D,
    read_version = 0x1001,
    read_commands = 0x1002,
    read_features = 0x1003,
    read_buffer_size = 0x1005,
    read_address = 0x1009,
    le_set_event_mask = 0x2001,
    le_read_buffer_size = 0x2002,
    le_read_features = 0x2003,
    le_set_random_address = 0x2005,
    le_scan_parameters = 0x200B,
    le_scan_enable = 0x200C,
    le_read_states = 0x201C,
    le_extended_scan_parameters = 0x2041,
    le_extended_scan_enable = 0x2042,
};

constexpr std::uint8_t ok = 0x00;
constexpr std::uint8_t unknown_command = 0x01;
constexpr std::uint8_t disallowed = 0x0C;
constexpr std::uint8_t invalid_parameters = 0x12;

constexpr std::uint64_t default_event_mask = 0x0000'1FFF'FFFF'FFFF;
constexpr std::uint64_t default_le_event_mask = 0x1F;
constexpr unsigned le_meta_bit = 61;

enum class Scan : std::uint8_t { none, legacy, extended };

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

}  // namespace

class Controller::State : public std::enable_shared_from_this<Controller::State> {
 public:
    State(net::any_io_executor executor, ControllerSettings settings, std::vector<HciPacket> all)
        : executor_{executor},
          settings_{settings},
          tcp_{executor},
          unix_{executor},
          air_timer_{executor},
          room_{executor, Clock::time_point::max()}
    {
        if (!all.empty()) zero_ = all.front().at;
        std::erase_if(all, [](const HciPacket& p) { return !advertising_report(p.h4); });
        recording_ = std::move(all);
    }

    Result<wire::Address> listen(const wire::Address& address)
    {
        if (const auto* path = std::get_if<wire::UnixAddress>(&address)) {
            ::unlink(path->path.c_str());
            const net::local::stream_protocol::endpoint endpoint{path->path};
            if (const auto ec = open(unix_, endpoint))
                return Problem{ec.message(), text_of(address)};
            net::co_spawn(executor_, accept(shared_from_this(), unix_), rethrow);
            return address;
        }
        const auto* host = std::get_if<wire::TcpAddress>(&address);
        if (!host) return Problem{"a controller listens on tcp: or unix:", text_of(address)};
        error_code ec;
        const auto number = net::ip::make_address(host->host, ec);
        if (!ec) ec = open(tcp_, net::ip::tcp::endpoint{number, host->port});
        if (ec) return Problem{ec.message(), text_of(address)};
        net::co_spawn(executor_, accept(shared_from_this(), tcp_), rethrow);
        return wire::Address{wire::TcpAddress{host->host, tcp_.local_endpoint().port()}};
    }

    void stop()
    {
        stopped_ = true;
        error_code ignored;
        tcp_.close(ignored);
        unix_.close(ignored);
        air_timer_.cancel();
        hang_up();
    }

    void hang_up()
    {
        if (host_) host_->close();
        host_.reset();
        out_.clear();
        room_.cancel();
        forget();
    }

    void start_air()
    {
        if (air_started_) return;
        air_started_ = true;
        if (tell_started) tell_started();
        net::co_spawn(executor_, play(shared_from_this()), rethrow);
    }

    bool scanning() const { return scan_ != Scan::none; }

    ControllerCounters counters;
    std::function<void()> tell_started;
    std::function<void()> tell_over;

 private:
    template <class Acceptor, class Endpoint>
    static error_code open(Acceptor& acceptor, const Endpoint& endpoint)
    {
        error_code ec;
        acceptor.open(endpoint.protocol(), ec);
        if (!ec) acceptor.set_option(net::socket_base::reuse_address{true}, ec);
        if (!ec) acceptor.bind(endpoint, ec);
        if (!ec) acceptor.listen(net::socket_base::max_listen_connections, ec);
        return ec;
    }

    template <class Acceptor>
    static net::awaitable<void> accept(std::shared_ptr<State> self, Acceptor& acceptor)
    {
        while (!self->stopped_) {
            typename Acceptor::protocol_type::socket socket{self->executor_};
            const auto [ec] = co_await acceptor.async_accept(socket, no_throw);
            if (ec) co_return;
            if (self->host_) continue;
            self->host_ = std::make_shared<Channel>(Channel::Socket{std::move(socket)});
            ++self->counters.hosts;
            net::co_spawn(self->executor_, converse(self, self->host_), rethrow);
        }
    }

    static net::awaitable<void> converse(std::shared_ptr<State> self, std::shared_ptr<Channel> host)
    {
        std::array<std::byte, 1'024> buffer{};
        Bytes pending;
        for (;;) {
            const auto got = co_await host->read_some(buffer);
            if (self->host_ != host) co_return;
            if (!got.good()) break;
            pending.insert(pending.end(), buffer.begin(),
                           buffer.begin() + static_cast<std::ptrdiff_t>(got.size));
            if (!self->take_packets(pending)) break;
        }
        self->hang_up();
    }

    /// False where the stream is lost: no H4 packet begins with this byte.
    bool take_packets(Bytes& pending)
    {
        std::span<const std::byte> rest{pending};
        while (!rest.empty()) {
            const unsigned type = at(rest, 0);
            if (type != 1 && type != 2) return false;
            const std::size_t head = type == 1 ? 4 : 5;
            if (rest.size() < head) break;
            const std::size_t size =
                head + (type == 1 ? at(rest, 3) : at(rest, 3) + 256U * at(rest, 4));
            if (rest.size() < size) break;
            if (type == 1) command(rest.subspan(1, size - 1));
            rest = rest.subspan(size);
        }
        pending.erase(pending.begin(), pending.end() - static_cast<std::ptrdiff_t>(rest.size()));
        return true;
    }

    void command(std::span<const std::byte> packet)
    {
        const auto opcode = static_cast<std::uint16_t>(at(packet, 0) + 256U * at(packet, 1));
        if (counters.opcodes.size() < opcodes_max) counters.opcodes.push_back(opcode);
        if (settings_.mute) return;
        answer(opcode, packet.subspan(3));
    }

    void answer(std::uint16_t opcode, std::span<const std::byte> p)
    {
        const bool extended =
            opcode == le_extended_scan_parameters || opcode == le_extended_scan_enable;
        if (extended && settings_.refuse_extended == Refusal::command_status)
            return status(opcode, unknown_command);
        if (extended && settings_.refuse_extended == Refusal::command_complete)
            return complete(opcode, {unknown_command});
        switch (opcode) {
            case reset:
                forget();
                return complete(opcode, {ok});
            case set_event_mask:
                event_mask_ = le64(p);
                return complete(opcode, {ok});
            case le_set_event_mask:
                le_event_mask_ = le64(p);
                return complete(opcode, {ok});
            case write_le_host_support:
            case le_set_random_address:
                return complete(opcode, {ok});
            case read_version:  // 5.3, revision 1, manufacturer 0xFFFF: nobody
                return complete(opcode, {ok, 0x0C, 1, 0, 0x0C, 0xFF, 0xFF, 1, 0});
            case read_commands:
                return complete(opcode, supported_commands());
            case read_features:  // LE supported, no BR/EDR
                return complete(opcode, {ok, 0, 0, 0, 0, 0x60, 0, 0, 0});
            case read_buffer_size:
                return complete(opcode, {ok, 0, 0, 0, 0, 0, 0, 0});
            case read_address:
                return complete(opcode, {ok, 0x01, 0x00, 0x00, 0xAE, 0x1A, 0x02});
            case le_read_buffer_size:
                return complete(opcode, {ok, 0xFB, 0, 8});
            case le_read_features: {
                const unsigned octet_1 = settings_.claims_extended ? 0x10U : 0U;
                return complete(opcode, {ok, 0, octet_1, 0, 0, 0, 0, 0, 0});
            }
            case le_read_states:
                return complete(opcode, {ok, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0});
            case le_scan_parameters:
                return set_parameters(opcode, p, Scan::legacy, 7);
            case le_extended_scan_parameters:
                return set_parameters(opcode, p, Scan::extended, 8);
            case le_scan_enable:
                return enable(opcode, p, Scan::legacy, 2);
            case le_extended_scan_enable:
                return enable(opcode, p, Scan::extended, 6);
            default:
                return status(opcode, unknown_command);
        }
    }

    void set_parameters(std::uint16_t opcode, std::span<const std::byte> p, Scan kind,
                        std::size_t size_min)
    {
        if (scanning() || !same_family(kind)) return complete(opcode, {disallowed});
        if (p.size() < size_min) return complete(opcode, {invalid_parameters});
        family_ = kind;
        complete(opcode, {ok});
    }

    void enable(std::uint16_t opcode, std::span<const std::byte> p, Scan kind, std::size_t size)
    {
        if (!same_family(kind)) return complete(opcode, {disallowed});
        if (p.size() != size || at(p, 0) > 1) return complete(opcode, {invalid_parameters});
        family_ = kind;
        scan_ = at(p, 0) == 1 ? kind : Scan::none;
        complete(opcode, {ok});
        if (scanning()) start_air();
    }

    bool same_family(Scan kind) const { return family_ == Scan::none || family_ == kind; }

    std::vector<unsigned> supported_commands() const
    {
        std::vector<unsigned> out(65, 0);
        const auto set = [&out](std::size_t octet, unsigned bits) { out[1 + octet] |= bits; };
        set(5, 0xC0);   // Set Event Mask, Reset
        set(14, 0x28);  // Read Local Version, Read Local Supported Features
        set(15, 0x02);  // Read BD_ADDR
        set(25, 0x17);  // LE Set Event Mask, Read Buffer Size, Read Features, Set Random Address
        set(26, 0x0C);  // LE Set Scan Parameters, LE Set Scan Enable
        if (settings_.claims_extended) set(37, 0x60);  // the extended ones
        return out;
    }

    void complete(std::uint16_t opcode, const std::vector<unsigned>& values)
    {
        Bytes out;
        put(out, {4, 0x0E, static_cast<unsigned>(3 + values.size()), 1, opcode & 0xFFU,
                  static_cast<unsigned>(opcode) >> 8U});
        for (const unsigned v : values) put(out, {v});
        send(out);
    }

    void status(std::uint16_t opcode, std::uint8_t code)
    {
        Bytes out;
        put(out, {4, 0x0F, 4, code, 1, opcode & 0xFFU, static_cast<unsigned>(opcode) >> 8U});
        send(out);
    }

    void send(const Bytes& packet)
    {
        if (!host_) return;
        out_.insert(out_.end(), packet.begin(), packet.end());
        if (writing_ == host_) return;
        writing_ = host_;
        net::co_spawn(executor_, write_out(shared_from_this(), host_), rethrow);
    }

    static net::awaitable<void> write_out(std::shared_ptr<State> self,
                                          std::shared_ptr<Channel> host)
    {
        Bytes piece;
        while (self->host_ == host && !self->out_.empty()) {
            piece.clear();
            piece.swap(self->out_);
            self->room_.cancel();
            const auto sent = co_await host->write(piece);
            if (!sent.good()) host->close();
        }
        if (self->writing_ == host) self->writing_.reset();
    }

    /// After a reset, and when a host leaves.
    void forget()
    {
        event_mask_ = default_event_mask;
        le_event_mask_ = default_le_event_mask;
        family_ = scan_ = Scan::none;
    }

    static net::awaitable<void> play(std::shared_ptr<State> self)
    {
        auto start = Clock::now();
        do {
            for (const auto& packet : self->recording_) {
                const auto offset = packet.at - self->zero_;
                self->air_timer_.expires_at(start + self->scaled(offset));
                co_await self->air_timer_.async_wait(no_throw);
                while (self->out_.size() > out_bytes_max && !self->stopped_)
                    co_await self->room_.async_wait(no_throw);
                if (self->stopped_) co_return;
                self->on_air(packet.h4);
            }
            start = Clock::now();
        } while (self->settings_.loop && !self->recording_.empty());
        if (self->tell_over) self->tell_over();
    }

    Clock::duration scaled(std::chrono::microseconds offset) const
    {
        const std::chrono::duration<double, std::micro> scaled{static_cast<double>(offset.count())
                                                               / settings_.speed};
        return std::chrono::duration_cast<Clock::duration>(scaled);
    }

    void on_air(const Bytes& h4)
    {
        const bool legacy_report = at(h4, 3) == 0x02;
        std::optional<Bytes> event;
        if (scan_ == Scan::legacy && legacy_report) event = h4;
        if (scan_ == Scan::extended) event = legacy_report ? extended_event(h4) : h4;
        if (!event || !host_ || !unmasked(at(*event, 3))) {
            ++counters.events_unheard;
            return;
        }
        ++counters.events_sent;
        send(*event);
    }

    bool unmasked(unsigned subevent) const
    {
        return (event_mask_ >> le_meta_bit & 1U) != 0
               && (le_event_mask_ >> (subevent - 1U) & 1U) != 0;
    }

    net::any_io_executor executor_;
    ControllerSettings settings_;
    std::vector<HciPacket> recording_;
    Micros zero_{};  ///< the recording's beginning
    net::ip::tcp::acceptor tcp_;
    net::local::stream_protocol::acceptor unix_;
    net::steady_timer air_timer_;
    net::steady_timer room_;  ///< cancelled when the queue to the host has been taken
    std::shared_ptr<Channel> host_;
    std::shared_ptr<Channel> writing_;
    Bytes out_;
    std::uint64_t event_mask_{default_event_mask};
    std::uint64_t le_event_mask_{default_le_event_mask};
    Scan family_{Scan::none};
    Scan scan_{Scan::none};
    bool air_started_{};
    bool stopped_{};
};

Controller::Controller(net::any_io_executor executor, ControllerSettings settings,
                       std::vector<HciPacket> recording)
    : state_{std::make_shared<State>(std::move(executor), settings, std::move(recording))}
{
}

Controller::~Controller()
{
    state_->tell_started = nullptr;
    state_->tell_over = nullptr;
    state_->stop();
}

Result<wire::Address> Controller::listen(const wire::Address& address)
{
    return state_->listen(address);
}
void Controller::stop()
{
    state_->stop();
}
void Controller::hang_up()
{
    state_->hang_up();
}
void Controller::start_air()
{
    state_->start_air();
}
void Controller::on_air_started(std::function<void()> call)
{
    state_->tell_started = std::move(call);
}
void Controller::on_air_over(std::function<void()> call)
{
    state_->tell_over = std::move(call);
}
bool Controller::scanning() const
{
    return state_->scanning();
}
const ControllerCounters& Controller::counters() const
{
    return state_->counters;
}

}  // namespace raiten::stage
