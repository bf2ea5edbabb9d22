#pragma once

#include "daemon/base/instant.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace raiten::sim {

/// The time of a simulated world, and what is to happen in it. While one exists,
/// std::chrono::steady_clock of this whole program shows its time (clockwork.cpp), so that the
/// product's own timers and pauses run by it. One at a time, on one thread.
class Clockwork {
 public:
    Clockwork();
    ~Clockwork();
    Clockwork(const Clockwork&) = delete;
    Clockwork& operator=(const Clockwork&) = delete;

    Millis now() const { return now_; }

    /// In order of time, and of asking where the time is the same.
    void after(Millis span, std::function<void()> what);

    /// Runs what falls due until then. `turn` is called after each of it, and at least once every
    /// `turn_at_least`: it lets the event loop look at its timers.
    void run_until(Millis until, const std::function<void()>& turn);

    static constexpr Millis turn_at_least{1000};

 private:
    Millis now_{0};
    std::uint64_t asked_{};
    std::map<std::pair<Millis, std::uint64_t>, std::function<void()>> due_;
};

}  // namespace raiten::sim
