#include "daemon/app/ctl/console.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace raiten::app::ctl {

using std::chrono::steady_clock;

void print(std::string_view line)
{
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
}

void complain(std::string_view line)
{
    std::fflush(stdout);
    const std::string whole = "raitenctl: " + plain(line) + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

int complain(const Problem& problem, int code)
{
    complain(problem.text());
    return code;
}

std::string plain(std::string_view text)
{
    std::string out{text};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto byte = static_cast<unsigned char>(out[i]);
        // C2 80 to C2 9F are the control characters of Latin-1.
        const bool c1 =
            byte == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f) out[i] = '?';
        if (c1) out.replace(i, 2, "?");
    }
    return out;
}

std::string json_text(std::string_view text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Refusals::take(const Problem& problem)
{
    constexpr std::uint64_t told_max = 100;
    if (++count_ <= told_max) complain(problem.text());
    if (count_ == told_max) complain("what else is left out is counted only");
}

Progress::Progress(std::string what, std::string unit, std::optional<std::uint64_t> total)
    : what_{std::move(what)},
      unit_{std::move(unit)},
      total_{total},
      terminal_{::isatty(STDERR_FILENO) == 1},
      next_{steady_clock::now() + std::chrono::seconds{1}}
{
}

Progress::~Progress()
{
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

std::string Progress::line(const std::string& what, const std::string& unit, std::uint64_t done,
                           std::optional<std::uint64_t> total)
{
    if (!total || *total == 0) return what + "  " + std::to_string(done) + " " + unit;
    constexpr std::size_t bar = 30;
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
    const auto filled = static_cast<std::size_t>(share * bar);
    const auto percent = std::to_string(static_cast<int>(share * 100));
    return what + "  [" + std::string(filled, '#') + std::string(bar - filled, '.') + "] "
           + std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') + percent + " %";
}

void Progress::show(std::uint64_t done)
{
    if (!terminal_) return;
    const auto now = steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds{200};
    shown_ = true;
    const auto text = "\r" + line(what_, unit_, done, total_) + "\x1b[K";
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace raiten::app::ctl
