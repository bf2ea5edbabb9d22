#pragma once

#include "daemon/app/night.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace raiten::app {

/// Where the nights are reckoned: on a thread of its own, of low priority, from a connection of its
/// own. The loop only takes what comes of it, slice by slice, each when the one before is durable.
class NightDesk {
 public:
    /// Called on the loop; `durable` when the slice is, or false where it was given up.
    using Take = std::function<void(NightSlice slice, std::function<void(bool durable)>)>;
    using Done = std::function<void(Result<NightOut>)>;

    /// `path`: the ledger's file. `waited_for`: others stand still meanwhile, so the thread's
    /// priority is not a low one.
    NightDesk(boost::asio::any_io_executor executor, std::string path, bool waited_for, Take take,
              Done done);
    /// Breaks off what is under way: nobody hears more of it.
    ~NightDesk();
    NightDesk(const NightDesk&) = delete;
    NightDesk& operator=(const NightDesk&) = delete;

    bool running() const { return running_; }
    /// Only while none is running.
    void start(NightRules rules, std::chrono::sys_days day, Instant at,
               std::shared_ptr<const scoring::Models> last);

 private:
    Result<NightOut> reckon(const NightRules& rules, Instant at, const scoring::Models* last);
    bool hand_over(NightSlice slice);

    boost::asio::any_io_executor executor_;
    const std::string path_;
    const Take take_;
    const Done done_;
    bool running_{};

    enum class Answer : std::uint8_t { none, durable, lost };
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        Answer answer{};
        bool cancelled{};
    };
    std::shared_ptr<Shared> shared_{std::make_shared<Shared>()};
    std::shared_ptr<NightDesk*> self_;    ///< what the thread may find no more
    boost::asio::thread_pool thread_{1};  ///< last: it ends before the rest goes
};

}  // namespace raiten::app
