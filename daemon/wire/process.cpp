#include "daemon/wire/process.hpp"

#include "daemon/wire/allowance.hpp"
#include "daemon/wire/lines.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <system_error>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using net::experimental::awaitable_operators::operator&&;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t read_bytes_max = 16 * 1024;
/// Read after the program has ended. One that left its group behind could go on for ever.
constexpr std::size_t remains_bytes_max = 1024 * 1024;
/// Between the end of its output and its own: usually nothing.
constexpr Millis closing_grace{500};
constexpr Millis throttle_pause{20};
constexpr Millis log_pause{100};
constexpr unsigned doublings_max = 16;

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

}  // namespace

class Process::State : public std::enable_shared_from_this<Process::State> {
 public:
    State(net::any_io_executor executor, Program program, ProcessLimits limits,
          ProcessCallbacks callbacks, std::function<double()> random)
        : executor_{executor},
          program_{std::move(program)},
          limits_{limits},
          tell_{std::move(callbacks)},
          random_{std::move(random)},
          pause_{executor},
          silence_{executor},
          grace_{executor},
          closing_{executor},
          allowance_{static_cast<double>(limits.lines_per_second),
                     static_cast<double>(limits.lines_burst), Clock::now()},
          log_allowance_{static_cast<double>(limits.log_lines_per_second),
                         static_cast<double>(limits.log_lines_burst), Clock::now()}
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
        if (stopped_) return;
        stopped_ = true;
        pause_.cancel();
        silence_.cancel();
        closing_.cancel();
        if (!child_) return;
        error_code ignored;
        child_->output.close(ignored);
        child_->log.close(ignored);
        end("stopped");
    }

    bool up() const { return up_ && !stopped_; }
    pid_t pid() const { return up_ && child_ ? std::max(child_->pid(), 0) : 0; }

    ProcessCounters counters;

 private:
    static net::awaitable<void> run(std::shared_ptr<State> self)
    {
        while (!self->stopped_) {
            auto begun = Child::begin(self->executor_, self->program_);
            if (begun.has_value())
                co_await self->serve(std::make_shared<Child>(std::move(begun.value())));
            else
                self->absent(begun.error().text());
            if (self->stopped_) break;
            self->pause_.expires_after(self->next_pause());
            co_await self->pause_.async_wait(no_throw);
        }
    }

    net::awaitable<void> serve(std::shared_ptr<Child> child)
    {
        child_ = child;
        reason_.clear();
        gone_ = false;
        co_await child->verdict.async_wait(Child::Descriptor::wait_read, no_throw);
        if (const int error = stopped_ ? 0 : child->refusal(); error != 0) {
            child_.reset();
            absent(program_.words[0] + ": " + std::generic_category().message(error));
            co_return;
        }
        const auto since = Clock::now();
        if (!stopped_) {
            up_ = true;
            ++counters.started;
            last_failure_.clear();
            heard_ = since;
            watch_silence();
            if (tell_.on_up) tell_.on_up();
        }
        co_await (read_lines(child) && read_log(child) && wait_end(child));
        up_ = false;
        child_.reset();
        silence_.cancel();
        if (Clock::now() - since >= limits_.ran_well_after) attempts_ = 0;
        if (!stopped_ && tell_.on_down) tell_.on_down(reason_);
    }

    net::awaitable<void> wait_end(std::shared_ptr<Child> child)
    {
        co_await child->ended.async_wait(Child::Descriptor::wait_read, no_throw);
        grace_.cancel();
        closing_.cancel();
        const auto how = child->reap();
        reason_ = reason_.empty() ? how : reason_ + ", " + how;
        gone_ = true;
        error_code ignored;
        child->output.cancel(ignored);
        child->log.cancel(ignored);
    }

    /// Asks it to end; wait_end() sees that it did.
    void end(std::string reason)
    {
        if (!child_ || gone_ || !reason_.empty()) return;
        reason_ = std::move(reason);
        child_->signal(SIGTERM);
        grace_.expires_after(limits_.stop_grace);
        grace_.async_wait([self = shared_from_this(), child = child_](error_code ec) {
            if (!ec) child->signal(SIGKILL);
        });
    }

    /// What is there to be read, without waiting: 0 where the other side has ended, or where it
    /// is gone and left nothing more.
    net::awaitable<std::size_t> read_some(Child::Descriptor& from, std::span<char> into)
    {
        while (from.is_open()) {
            const auto size = ::read(from.native_handle(), into.data(), into.size());
            if (size >= 0) co_return static_cast<std::size_t>(size);
            if (errno == EINTR) continue;
            if (errno != EAGAIN || gone_) break;
            co_await from.async_wait(Child::Descriptor::wait_read, no_throw);
        }
        co_return 0;
    }

    net::awaitable<void> read_lines(std::shared_ptr<Child> child)
    {
        const auto buffer = std::make_unique<std::array<char, read_bytes_max>>();
        Lines lines{limits_.line_bytes_max};
        std::size_t remains = 0;
        while (!stopped_ && remains < remains_bytes_max) {
            const auto size = co_await read_some(child->output, *buffer);
            if (size == 0 || stopped_) break;
            counters.bytes_in += size;
            if (gone_) remains += size;
            std::string_view bytes{buffer->data(), size};
            co_await tell_lines(lines, bytes);
            // A program that prints faster than it is heard is always ready: others have their
            // turn.
            co_await net::post(executor_, net::use_awaitable);
        }
        if (!stopped_ && !lines.rest().empty()) tell_line(lines.rest());
        if (stopped_ || gone_) co_return;
        closing_.expires_after(closing_grace);
        co_await closing_.async_wait(no_throw);
        if (!stopped_ && !gone_) end("it closed its output");
    }

    net::awaitable<void> tell_lines(Lines& lines, std::string_view bytes)
    {
        std::string_view line;
        while (!bytes.empty() && !stopped_) {
            const auto before = lines.too_long();
            const auto cut = lines.next(bytes, line);
            counters.lines_too_long += lines.too_long() - before;
            if (cut == Lines::Cut::none) continue;
            while (!allowance_.take(Clock::now()) && !stopped_) co_await throttle();
            heard_ = Clock::now();
            if (cut == Lines::Cut::line && !stopped_) tell_line(line);
        }
    }

    net::awaitable<void> throttle()
    {
        ++counters.throttled;
        const auto now = Clock::now();
        const bool new_flood = now > flood_until_;
        // As long as it takes to fill the bucket from nothing: only then the flood is over.
        flood_until_ =
            now + std::chrono::seconds{1}
            + std::chrono::seconds{limits_.lines_burst / std::max(1U, limits_.lines_per_second)};
        if (new_flood && tell_.on_throttled) tell_.on_throttled();
        net::steady_timer pause{executor_, throttle_pause};
        co_await pause.async_wait(no_throw);
    }

    void tell_line(std::string_view line)
    {
        ++counters.lines;
        if (tell_.on_line) tell_.on_line(line);
    }

    net::awaitable<void> read_log(std::shared_ptr<Child> child)
    {
        const auto buffer = std::make_unique<std::array<char, read_bytes_max>>();
        Lines lines{limits_.log_line_bytes_max};
        std::size_t remains = 0;
        while (!stopped_ && remains < remains_bytes_max) {
            const auto size = co_await read_some(child->log, *buffer);
            if (size == 0 || stopped_) break;
            if (gone_) remains += size;
            if (tell_log(lines, {buffer->data(), size}) || stopped_) continue;
            net::steady_timer pause{executor_, log_pause};
            co_await pause.async_wait(no_throw);
        }
        if (!stopped_ && !lines.rest().empty() && tell_.on_log) tell_.on_log(lines.rest());
    }

    /// False where it says more than it may: then it is read slowly.
    bool tell_log(Lines& lines, std::string_view bytes)
    {
        bool within = true;
        std::string_view line;
        while (!bytes.empty() && !stopped_) {
            const auto before = lines.too_long();
            const auto cut = lines.next(bytes, line);
            counters.log_lines_left_out += lines.too_long() - before;
            if (cut == Lines::Cut::none) continue;
            const bool allowed = log_allowance_.take(Clock::now());
            within = within && allowed;
            if (cut != Lines::Cut::line) continue;
            if (!allowed)
                ++counters.log_lines_left_out;
            else if (tell_.on_log)
                tell_.on_log(line);
        }
        return within;
    }

    void watch_silence()
    {
        if (!limits_.silent_after) return;
        silence_.expires_at(heard_ + *limits_.silent_after);
        silence_.async_wait([self = shared_from_this(), watched = child_](error_code ec) {
            if (ec || self->child_ != watched || self->stopped_) return;
            if (Clock::now() >= self->heard_ + *self->limits_.silent_after)
                self->end("silent");
            else
                self->watch_silence();
        });
    }

    void absent(std::string reason)
    {
        if (stopped_) return;
        ++counters.failed;
        if (reason == last_failure_) return;
        last_failure_ = std::move(reason);
        if (tell_.on_down) tell_.on_down(last_failure_);
    }

    Clock::duration next_pause()
    {
        const unsigned doublings = std::min(attempts_++, doublings_max);
        const auto whole = std::min<std::int64_t>(limits_.back_off_min.count() << doublings,
                                                  limits_.back_off_max.count());
        const std::chrono::duration<double, std::milli> pause{static_cast<double>(whole)
                                                              * (0.5 + 0.5 * random_())};
        return std::chrono::duration_cast<Clock::duration>(pause);
    }

    net::any_io_executor executor_;
    Program program_;
    ProcessLimits limits_;
    ProcessCallbacks tell_;
    std::function<double()> random_;
    net::steady_timer pause_;
    net::steady_timer silence_;
    net::steady_timer grace_;
    net::steady_timer closing_;
    Allowance allowance_;
    Allowance log_allowance_;
    std::shared_ptr<Child> child_;
    std::string reason_;  ///< why it was asked to end, then how it ended
    std::string last_failure_;
    Clock::time_point heard_;
    Clock::time_point flood_until_;
    unsigned attempts_{};
    bool up_{};
    bool gone_{};  ///< the program has ended and was reaped
    bool started_{};
    bool stopped_{};
};

Process::Process(net::any_io_executor executor, Program program, ProcessLimits limits,
                 ProcessCallbacks callbacks, std::function<double()> random)
    : state_{std::make_shared<State>(std::move(executor), std::move(program), limits,
                                     std::move(callbacks), std::move(random))}
{
}

Process::~Process()
{
    state_->stop();
}

void Process::start()
{
    state_->start();
}
void Process::stop()
{
    state_->stop();
}
bool Process::up() const
{
    return state_->up();
}
pid_t Process::pid() const
{
    return state_->pid();
}
const ProcessCounters& Process::counters() const
{
    return state_->counters;
}

}  // namespace raiten::wire
