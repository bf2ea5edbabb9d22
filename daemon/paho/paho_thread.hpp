#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace raiten {

/// The one thread that calls into Paho, in order. Paho holds its global lock while it resolves a
/// name, and destroying its last client sleeps in steps of 100 ms: neither may reach the loop.
class PahoThread {
 public:
    PahoThread();

    /// Ends after the jobs that wait. A thread that hangs in a name lookup for more than three
    /// seconds is left behind rather than waited for; it owns all that it still uses.
    ~PahoThread();

    PahoThread(const PahoThread&) = delete;
    PahoThread& operator=(const PahoThread&) = delete;

    /// From any thread. Jobs own what they use.
    void post(std::function<void()> job);

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace raiten
