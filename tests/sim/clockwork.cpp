#include "tests/sim/clockwork.hpp"

#include <sys/timerfd.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>

namespace {

/// Nothing while no world runs: then the machine's own clock is shown.
std::optional<std::chrono::nanoseconds> shown;

}  // namespace

// These two stand before the libraries' own, for the linker takes the program's first.

std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept
{
    if (shown) return time_point{*shown};
    timespec machine{};
    ::clock_gettime(CLOCK_MONOTONIC, &machine);
    return time_point{seconds{machine.tv_sec} + nanoseconds{machine.tv_nsec}};
}

/// Without one, Asio asks steady_clock at every turn whether a timer is due.
extern "C" int timerfd_create(clockid_t, int) noexcept
{
    errno = ENOSYS;
    return -1;
}

namespace raiten::sim {
namespace {
constexpr std::chrono::hours steady_at_birth{1000};
}

Clockwork::Clockwork()
{
    shown = steady_at_birth;
}

Clockwork::~Clockwork()
{
    shown.reset();
}

void Clockwork::after(Millis span, std::function<void()> what)
{
    due_.emplace(std::pair{now_ + std::max(span, Millis{0}), ++asked_}, std::move(what));
}

void Clockwork::run_until(Millis until, const std::function<void()>& turn)
{
    while (now_ < until) {
        auto next = std::min(until, now_ + turn_at_least);
        if (!due_.empty()) next = std::min(next, due_.begin()->first.first);
        now_ = next;
        shown = steady_at_birth + now_;
        turn();
        while (!due_.empty() && due_.begin()->first.first <= now_) {
            const auto what = std::move(due_.begin()->second);
            due_.erase(due_.begin());
            what();
            turn();
        }
    }
}

}  // namespace raiten::sim
