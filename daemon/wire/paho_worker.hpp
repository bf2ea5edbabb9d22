#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace raiten::wire {

/// The one thread of an ear that calls into Paho, in order. Paho holds its global lock while it
/// resolves a name, and destroying its last client sleeps in steps of 100 ms: neither may reach
/// the loop.
class PahoWorker {
 public:
    PahoWorker();

    /// Ends after the jobs that wait. A thread that hangs in a name lookup for more than three
    /// seconds is left behind rather than waited for; it owns all that it still uses.
    ~PahoWorker();
    PahoWorker(const PahoWorker&) = delete;
    PahoWorker& operator=(const PahoWorker&) = delete;

    /// From any thread. Jobs own what they use.
    void post(std::function<void()> job);

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace raiten::wire
