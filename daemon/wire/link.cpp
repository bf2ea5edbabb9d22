#include "daemon/wire/link.hpp"

#include "daemon/wire/dial.hpp"
#include "daemon/wire/outgoing.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t read_bytes_max = 4 * 1024;
constexpr unsigned doublings_max = 16;

/// A mistake of ours inside a coroutine stops the process instead of vanishing.
void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

}  // namespace

class Link::State : public std::enable_shared_from_this<Link::State> {
 public:
    State(net::any_io_executor executor, Address address, LinkLimits limits,
          LinkCallbacks callbacks, std::function<double()> random)
        : executor_{executor},
          address_{std::move(address)},
          limits_{limits},
          tell_{std::move(callbacks)},
          random_{std::move(random)},
          pause_{executor},
          silence_{executor},
          expectation_{executor},
          write_limit_{executor}
    {
    }

    void start()
    {
        if (started_) return;
        started_ = true;
        net::co_spawn(executor_, run(shared_from_this()), rethrow);
    }

    void stop()
    {
        stopped_ = true;
        pause_.cancel();
        if (dial_) dial_->cancel();
        drop("stopped");
    }

    bool up() const { return channel_ != nullptr; }

    bool write(std::span<const std::byte> bytes)
    {
        if (!up()) return false;
        if (out_->size() + bytes.size() > limits_.write_bytes_max) {
            drop("it takes no bytes: more than " + std::to_string(limits_.write_bytes_max)
                 + " wait to be written");
            return false;
        }
        out_->add(bytes);
        if (!writing_) {
            writing_ = true;
            net::co_spawn(executor_, write_out(shared_from_this(), channel_, out_), rethrow);
        }
        return true;
    }

    void expect_within(Millis limit)
    {
        if (!up()) return;
        expectation_.expires_after(limit);
        expectation_.async_wait([self = shared_from_this(), number = ++expected_](error_code ec) {
            if (!ec && number == self->expected_ && self->up() && self->tell_.on_timeout)
                self->tell_.on_timeout();
        });
    }

    void expect_nothing()
    {
        ++expected_;
        expectation_.cancel();
    }

    /// Ends the open channel; run() tells why, and goes on.
    void drop(std::string reason)
    {
        if (!channel_) return;
        reason_ = std::move(reason);
        channel_->close();
        channel_.reset();
        expect_nothing();
        silence_.cancel();
        write_limit_.cancel();
        out_.reset();
        writing_ = false;
    }

    LinkCounters counters;
    const Address& address() const { return address_; }

 private:
    static net::awaitable<void> run(std::shared_ptr<State> self)
    {
        while (!self->stopped_) {
            self->dial_ = std::make_shared<Dial>(self->executor_);
            auto opened = co_await self->dial_->open(self->address_, self->limits_.connect_timeout);
            self->dial_.reset();
            if (self->stopped_) break;
            if (opened.has_value())
                co_await self->serve(std::move(opened.value()));
            else
                self->absent(opened.error());
            if (self->stopped_) break;
            self->pause_.expires_after(self->next_pause());
            co_await self->pause_.async_wait(no_throw);
        }
    }

    net::awaitable<void> serve(std::shared_ptr<Channel> channel)
    {
        channel_ = channel;
        out_ = std::make_shared<Outgoing>(channel->packets());
        ++counters.opened;
        reason_.clear();
        const auto since = Clock::now();
        heard_ = since;
        watch_silence();
        if (tell_.on_up) tell_.on_up();

        std::array<std::byte, read_bytes_max> buffer{};
        while (channel_ == channel) {
            const Transfer got = co_await channel->read_some(buffer);
            if (channel_ != channel) break;
            if (!got.good()) {
                drop(got.failure);
                break;
            }
            counters.bytes_in += got.size;
            attempts_ = 0;
            heard_ = Clock::now();
            if (tell_.on_bytes) tell_.on_bytes(std::span{buffer}.first(got.size));
        }
        channel->close();
        if (Clock::now() - since > limits_.back_off_max) attempts_ = 0;
        last_failure_.clear();
        if (!stopped_ && tell_.on_down) tell_.on_down(reason_);
    }

    static net::awaitable<void> write_out(std::shared_ptr<State> self,
                                          std::shared_ptr<Channel> channel,
                                          std::shared_ptr<Outgoing> out)
    {
        for (auto piece = out->next(); !piece.empty(); piece = out->next()) {
            self->limit_write(channel);
            const Transfer sent = co_await channel->write(piece);
            if (self->channel_ != channel) co_return;
            self->counters.bytes_out += sent.size;
            out->done(sent.size);
            if (!sent.good()) {
                self->drop(sent.failure);
                co_return;
            }
        }
        self->write_limit_.cancel();
        self->writing_ = false;
    }

    void limit_write(const std::shared_ptr<Channel>& channel)
    {
        write_limit_.expires_after(limits_.write_timeout);
        write_limit_.async_wait([self = shared_from_this(), channel](error_code ec) {
            if (ec || self->channel_ != channel || self->write_limit_.expiry() > Clock::now())
                return;
            self->drop("it took no bytes for " + std::to_string(self->limits_.write_timeout.count())
                       + " ms");
        });
    }

    /// One timer per silence, not per byte: when it fires, it looks when something was heard last.
    void watch_silence()
    {
        if (!limits_.silent_after) return;
        silence_.expires_at(heard_ + *limits_.silent_after);
        silence_.async_wait([self = shared_from_this(), watched = channel_](error_code ec) {
            if (ec || self->channel_ != watched) return;
            if (Clock::now() >= self->heard_ + *self->limits_.silent_after)
                self->drop("silent");
            else
                self->watch_silence();
        });
    }

    void absent(const Problem& problem)
    {
        ++counters.failed;
        auto reason = problem.text();
        if (reason == last_failure_) return;
        last_failure_ = reason;
        if (tell_.on_down) tell_.on_down(reason);
    }

    Clock::duration next_pause()
    {
        const unsigned doublings = std::min(attempts_++, doublings_max);
        const auto whole = std::min<std::int64_t>(limits_.back_off_min.count() << doublings,
                                                  limits_.back_off_max.count());
        const double spread = 0.5 + 0.5 * random_();
        const std::chrono::duration<double, std::milli> pause{static_cast<double>(whole) * spread};
        return std::chrono::duration_cast<Clock::duration>(pause);
    }

    net::any_io_executor executor_;
    Address address_;
    LinkLimits limits_;
    LinkCallbacks tell_;
    std::function<double()> random_;
    net::steady_timer pause_;
    net::steady_timer silence_;
    net::steady_timer expectation_;
    net::steady_timer write_limit_;
    std::shared_ptr<Dial> dial_;
    std::shared_ptr<Channel> channel_;  ///< while up
    std::shared_ptr<Outgoing> out_;     ///< likewise
    bool writing_{};
    Clock::time_point heard_;
    std::string reason_;
    std::string last_failure_;
    std::uint64_t expected_{};
    unsigned attempts_{};
    bool started_{};
    bool stopped_{};
};

Link::Link(net::any_io_executor executor, Address address, LinkLimits limits,
           LinkCallbacks callbacks, std::function<double()> random)
    : state_{std::make_shared<State>(std::move(executor), std::move(address), limits,
                                     std::move(callbacks), std::move(random))}
{
}

Link::~Link()
{
    state_->stop();
}

void Link::start()
{
    state_->start();
}
void Link::stop()
{
    state_->stop();
}
bool Link::up() const
{
    return state_->up();
}
bool Link::write(std::span<const std::byte> bytes)
{
    return state_->write(bytes);
}
void Link::expect_within(Millis limit)
{
    state_->expect_within(limit);
}
void Link::expect_nothing()
{
    state_->expect_nothing();
}
void Link::reopen(std::string reason)
{
    state_->drop(std::move(reason));
}
const LinkCounters& Link::counters() const
{
    return state_->counters;
}
const Address& Link::address() const
{
    return state_->address();
}

}  // namespace raiten::wire
