#include "daemon/wire/smart_card.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <exception>
#include <set>
#include <system_error>
#include <thread>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr Millis between_disturbances{50};

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

/// Signals are for the loop's thread.
template <class Work>
std::thread thread_without_signals(Work work)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread{std::move(work)};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

class SmartCard::State : public std::enable_shared_from_this<SmartCard::State> {
 public:
    State(net::any_io_executor executor, std::string reader_part, SmartCardLimits limits,
          SmartCardCallbacks callbacks)
        : executor_{executor},
          limits_{limits},
          tell_{std::move(callbacks)},
          wake_{executor},
          answer_limit_{executor},
          notes_{std::make_shared<CardNotes>()}
    {
        plan_.reader_part = std::move(reader_part);
        plan_.back_off_min = limits.back_off_min;
        plan_.back_off_max = limits.back_off_max;
        plan_.wait = std::min(plan_.wait, limits.answer_max / 4);
    }

    Result<void> start()
    {
        if (thread_.joinable() || stopped_) return {};
        const int copy = ::fcntl(notes_->wake_descriptor(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return Problem{std::generic_category().message(errno), "card readers"};
        error_code ec;
        wake_.assign(copy, ec);
        if (ec) return Problem{ec.message(), "card readers"};
        thread_ =
            thread_without_signals([notes = notes_, plan = plan_] { watch_cards(*notes, plan); });
        net::co_spawn(executor_, hear(shared_from_this()), rethrow);
        watch_answers();
        return {};
    }

    void stop()
    {
        if (stopped_) return;
        stopped_ = true;
        error_code ignored;
        wake_.close(ignored);
        answer_limit_.cancel();
        notes_->end();
        if (!thread_.joinable()) return;
        // Asking a hanging service to let go hangs too.
        auto disturber = thread_without_signals([notes = notes_] {
            do {
                disturb_card_watch(*notes);
            } while (!notes->finished_within(between_disturbances));
        });
        if (notes_->finished_within(limits_.stop_wait)) {
            thread_.join();
            disturber.join();
        } else {
            thread_.detach();
            disturber.detach();
        }
    }

    bool up() const { return !stopped_ && !hanging_ && !readers_.empty(); }

    SmartCardCounters counters;

 private:
    static net::awaitable<void> hear(std::shared_ptr<State> self)
    {
        while (!self->stopped_) {
            co_await self->wake_.async_wait(net::posix::stream_descriptor::wait_read, no_throw);
            if (self->stopped_) break;
            for (const auto& note : self->notes_->take()) {
                if (self->stopped_) break;
                self->tell(note);
            }
        }
    }

    void tell(const CardNote& note)
    {
        using Kind = CardNote::Kind;
        switch (note.kind) {
            case Kind::reader_up:
                readers_.insert(note.reader);
                if (!hanging_) call(tell_.on_up, note.reader);
                break;
            case Kind::reader_gone:
                readers_.erase(note.reader);
                break;
            case Kind::readers_gone:
                readers_.clear();
                ++counters.downs;
                call(tell_.on_down, note.text);
                break;
            case Kind::card:
                ++counters.cards;
                if (tell_.on_card) tell_.on_card(note.reader, note.atr, note.answer);
                break;
            case Kind::card_unread:
                ++counters.unread;
                if (tell_.on_unread) tell_.on_unread(note.reader, note.text);
                break;
            case Kind::card_removed:
                call(tell_.on_removed, note.reader);
                break;
        }
    }

    static void call(const std::function<void(const std::string&)>& callback,
                     const std::string& text)
    {
        if (callback) callback(text);
    }

    void watch_answers()
    {
        answer_limit_.expires_after(limits_.answer_max / 4);
        answer_limit_.async_wait([self = shared_from_this()](error_code ec) {
            if (ec || self->stopped_) return;
            self->look_at_answers();
            if (!self->stopped_) self->watch_answers();
        });
    }

    void look_at_answers()
    {
        const bool hangs = notes_->since_beat() > limits_.answer_max;
        if (hangs == hanging_) return;
        hanging_ = hangs;
        if (hangs) {
            ++counters.downs;
            return call(tell_.on_down, "pcscd does not answer (systemctl restart pcscd)");
        }
        const auto readers = readers_;
        for (const auto& reader : readers)
            if (!stopped_) call(tell_.on_up, reader);
    }

    net::any_io_executor executor_;
    SmartCardLimits limits_;
    SmartCardCallbacks tell_;
    CardWatchPlan plan_;
    net::posix::stream_descriptor wake_;
    net::steady_timer answer_limit_;
    std::shared_ptr<CardNotes> notes_;
    std::thread thread_;
    std::set<std::string> readers_;
    bool hanging_{};
    bool stopped_{};
};

SmartCard::SmartCard(net::any_io_executor executor, std::string reader_part, SmartCardLimits limits,
                     SmartCardCallbacks callbacks)
    : state_{std::make_shared<State>(std::move(executor), std::move(reader_part), limits,
                                     std::move(callbacks))}
{
}

SmartCard::~SmartCard()
{
    state_->stop();
}

Result<void> SmartCard::start()
{
    return state_->start();
}
void SmartCard::stop()
{
    state_->stop();
}
bool SmartCard::up() const
{
    return state_->up();
}
const SmartCardCounters& SmartCard::counters() const
{
    return state_->counters;
}

}  // namespace raiten::wire
