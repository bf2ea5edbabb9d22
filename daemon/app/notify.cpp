#include "daemon/app/notify.hpp"

#include <systemd/sd-daemon.h>
#include <ctime>

namespace raiten::app::notify {
namespace {

void tell(const std::string& state)
{
    ::sd_notify(0, state.c_str());  // what fails here fails only systemd's curiosity
}

/// One line: a line feed would start another assignment.
std::string one_line(std::string text)
{
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

std::string monotonic_usec()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

void ready(const std::string& status)
{
    tell("READY=1\nSTATUS=" + one_line(status));
}

void status(const std::string& text)
{
    tell("STATUS=" + one_line(text));
}

void reloading()
{
    tell("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
}

void stopping(const std::string& status)
{
    tell("STOPPING=1\nSTATUS=" + one_line(status));
}

void watchdog()
{
    tell("WATCHDOG=1");
}

std::optional<Millis> watchdog_interval()
{
    std::uint64_t usec = 0;
    if (::sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return Millis{static_cast<std::int64_t>(usec / 1'000)};
}

}  // namespace raiten::app::notify
