#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/wire/child.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace raiten::wire {

struct ProcessLimits {
    std::size_t line_bytes_max{64 * 1024};  ///< longer: left out up to its line feed, counted
    unsigned lines_per_second{1'000};       ///< above that nothing is read, and the program waits
    unsigned lines_burst{5'000};
    std::size_t log_line_bytes_max{1'024};  ///< longer: left out, counted
    unsigned log_lines_per_second{5};       ///< more are left out, counted
    unsigned log_lines_burst{50};
    Millis back_off_min{1'000};
    Millis back_off_max{300'000};
    Millis ran_well_after{60'000};       ///< the pauses start small again
    Millis stop_grace{3'000};            ///< between SIGTERM and SIGKILL
    std::optional<Millis> silent_after;  ///< no line for so long: ended, and started again
};

/// Called on the executor's thread, never from within start() or stop().
struct ProcessCallbacks {
    std::function<void()> on_up;                         ///< the program runs
    std::function<void(std::string_view line)> on_line;  ///< without its line feed; then gone
    std::function<void(std::string_view line)> on_log;   ///< of stderr, likewise
    /// It prints faster than it may. Once for each flood.
    std::function<void()> on_throttled;
    /// It ended, after all of its lines were told, or could not be started. Of attempts in a row
    /// that could not be started, only one that differs from the last is told.
    std::function<void(const std::string& reason)> on_down;
};

struct ProcessCounters {
    std::uint64_t started{};
    std::uint64_t failed{};  ///< attempts to start it
    std::uint64_t lines{};
    std::uint64_t lines_too_long{};
    std::uint64_t bytes_in{};
    std::uint64_t throttled{};           ///< times that reading paused
    std::uint64_t log_lines_left_out{};  ///< too many or too long
};

/// A program that is kept running: started, read line by line, watched, and started again when it
/// ends, after a pause that doubles up to `back_off_max` and is spread at random by half.
///
/// It ends when it closes its output, too. Whoever it leaves behind in its process group is killed.
/// It lives on the executor's one thread, and may be stopped or destroyed at any time, also from
/// within a callback; no callback comes after that. The program then gets SIGTERM, and SIGKILL
/// after the grace, or at once where the loop ends before.
class Process {
 public:
    /// `random` gives numbers in [0, 1).
    Process(boost::asio::any_io_executor executor, Program program, ProcessLimits limits,
            ProcessCallbacks callbacks, std::function<double()> random);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void start();
    void stop();

    bool up() const;
    pid_t pid() const;  ///< 0 while it does not run
    const ProcessCounters& counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire
