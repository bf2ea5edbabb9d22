#pragma once

#include "daemon/wire/process.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::test {

/// What a program told, in order.
struct Said {
    unsigned ups{};
    unsigned floods{};
    std::vector<std::string> lines;
    std::vector<std::string> log;
    std::vector<std::string> downs;

    wire::ProcessCallbacks callbacks()
    {
        wire::ProcessCallbacks on;
        on.on_up = [this] { ++ups; };
        on.on_line = [this](std::string_view line) { lines.emplace_back(line); };
        on.on_log = [this](std::string_view line) { log.emplace_back(line); };
        on.on_throttled = [this] { ++floods; };
        on.on_down = [this](const std::string& reason) { downs.push_back(reason); };
        return on;
    }
};

inline wire::Program shell(std::string script)
{
    return wire::Program{{"/bin/sh", "-c", std::move(script)}, "door-1"};
}

inline wire::ProcessLimits quick()
{
    wire::ProcessLimits limits;
    limits.back_off_min = Millis{1};
    limits.back_off_max = Millis{20};
    limits.stop_grace = Millis{3'000};
    return limits;
}

/// Runs once: the next attempt is an hour away.
inline wire::ProcessLimits once()
{
    auto limits = quick();
    limits.back_off_min = limits.back_off_max = Millis{3'600'000};
    return limits;
}

inline double no_dice()
{
    return 0.5;
}

inline pid_t pid_in(const std::string& line)
{
    pid_t pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    return pid;
}

/// Gone, or dead and waiting for init.
inline bool dead(pid_t pid)
{
    std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
    std::string line;
    if (!std::getline(stat, line)) return true;
    const auto state = line.rfind(')') + 2;
    return line.substr(state, 1) == "Z" || line.substr(state, 1) == "X";
}

inline bool no_children()
{
    return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

}  // namespace raiten::test
