#include "daemon/app/night_desk.hpp"

#include <boost/asio/post.hpp>

#include <sys/resource.h>
#include <unistd.h>

namespace raiten::app {

namespace net = boost::asio;

NightDesk::NightDesk(net::any_io_executor executor, std::string path, bool waited_for, Take take,
                     Done done)
    : executor_{std::move(executor)},
      path_{std::move(path)},
      take_{std::move(take)},
      done_{std::move(done)},
      self_{std::make_shared<NightDesk*>(this)}
{
    // Of this one thread, a tenth of what others get; where it is refused the work is done all the
    // same.
    if (!waited_for)
        net::post(thread_, [] { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10); });
}

NightDesk::~NightDesk()
{
    {
        const std::lock_guard lock{shared_->mutex};
        shared_->cancelled = true;
    }
    shared_->changed.notify_all();
    thread_.join();
}

void NightDesk::start(NightRules rules, std::chrono::sys_days day, Instant at,
                      std::shared_ptr<const scoring::Models> last)
{
    running_ = true;
    net::post(thread_, [this, rules = std::move(rules), day, at, last = std::move(last),
                        alive = std::weak_ptr{self_}] {
        auto out = reckon(rules, at, last.get());
        if (out) out->day = day;
        net::post(executor_, [alive, out = std::move(out)] {
            const auto self = alive.lock();
            if (!self) return;
            (*self)->running_ = false;
            (*self)->done_(out);
        });
    });
}

Result<NightOut> NightDesk::reckon(const NightRules& rules, Instant at, const scoring::Models* last)
{
    auto histories = ledger::Histories::open(path_);
    if (!histories) return histories.error();
    LedgerPast past{std::move(histories).value()};
    return reckon_night(past, rules, at, last,
                        [this](NightSlice&& slice) { return hand_over(std::move(slice)); });
}

/// Waits until the loop has it durable.
bool NightDesk::hand_over(NightSlice slice)
{
    {
        const std::lock_guard lock{shared_->mutex};
        if (shared_->cancelled) return false;
        shared_->answer = Answer::none;
    }
    if (slice.scores.empty() && slice.unscored.empty()) return true;
    net::post(executor_,
              [alive = std::weak_ptr{self_}, shared = shared_, slice = std::move(slice)]() mutable {
                  const auto self = alive.lock();
                  if (!self) return;
                  (*self)->take_(std::move(slice), [shared](bool durable) {
                      {
                          const std::lock_guard lock{shared->mutex};
                          shared->answer = durable ? Answer::durable : Answer::lost;
                      }
                      shared->changed.notify_all();
                  });
              });
    std::unique_lock lock{shared_->mutex};
    shared_->changed.wait(lock,
                          [this] { return shared_->cancelled || shared_->answer != Answer::none; });
    return shared_->answer == Answer::durable;
}

}  // namespace raiten::app
