#include "daemon/paho/paho_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace raiten {

namespace {
constexpr std::chrono::seconds farewell_max{3};
}

struct PahoThread::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> jobs;
    bool ending{};
    bool ended{};

    void run()
    {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [this] { return ending || !jobs.empty(); });
            if (jobs.empty()) break;
            auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
        }
        ended = true;
        changed.notify_all();
    }
};

PahoThread::PahoThread()
    : shared_{std::make_shared<Shared>()}, thread_{[shared = shared_] { shared->run(); }}
{
}

PahoThread::~PahoThread()
{
    std::unique_lock lock{shared_->mutex};
    shared_->ending = true;
    shared_->changed.notify_all();
    const auto ended =
        shared_->changed.wait_for(lock, farewell_max, [this] { return shared_->ended; });
    lock.unlock();
    if (ended) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

void PahoThread::post(std::function<void()> job)
{
    {
        const std::lock_guard lock{shared_->mutex};
        shared_->jobs.push_back(std::move(job));
    }
    shared_->changed.notify_one();
}

}  // namespace raiten
