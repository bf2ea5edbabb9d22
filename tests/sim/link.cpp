#include "sync/link.hpp"

#include "daemon/paho/paho_thread.hpp"
#include "tests/sim/head_office.hpp"

#include <boost/asio/post.hpp>

#include <utility>

/// sync::Link over the simulated broker, and Paho's thread, which nobody needs then. Both stand
/// here under the product's own names: the linker takes the program's before a library's.
namespace raiten {

struct PahoThread::Shared {};
PahoThread::PahoThread() = default;
PahoThread::~PahoThread() = default;
void PahoThread::post(std::function<void()> job)
{
    job();
}

namespace sync {

struct Link::Core : std::enable_shared_from_this<Link::Core> {
    boost::asio::any_io_executor executor;
    std::function<void(LinkEvent)> listener;
    std::size_t in_flight_max{};
    std::shared_ptr<sim::Line> line = std::make_shared<sim::Line>();
    bool destroyed{};

    void tell(LinkEvent event)
    {
        if (destroyed) return;  // and the loop with it, perhaps
        boost::asio::post(executor, [self = shared_from_this(), event = std::move(event)] {
            if (self->destroyed) return;
            const auto kept = self->listener;  // it may destroy the link
            kept(event);
        });
    }
};

Link::Link(boost::asio::any_io_executor executor, PahoThread& paho, LinkSettings settings,
           std::function<void(LinkEvent)> tell)
    : core_{std::make_shared<Core>()}, paho_{paho}
{
    core_->executor = std::move(executor);
    core_->listener = std::move(tell);
    core_->in_flight_max = settings.in_flight_max;
    core_->line->will = settings.will_payload;
    std::weak_ptr<Core> weak = core_;
    core_->line->deliver = [weak](std::string topic, std::string payload) {
        const auto bytes = payload.size();
        if (const auto core = weak.lock())
            core->tell(Arrived{std::move(topic), std::move(payload), bytes});
    };
    core_->line->lost = [weak](std::string why) {
        if (const auto core = weak.lock()) core->tell(Lost{std::move(why)});
    };
}

Link::~Link()
{
    core_->destroyed = true;
    paho_.post([line = core_->line] { sim::HeadOffice::here().hang_up(line, false); });
}

void Link::open()
{
    sim::HeadOffice::here().connect(core_->line, [core = core_](const char* refusal) {
        if (refusal) return core->tell(Failed{FailureKind::unreachable, refusal, false});
        core->tell(Opened{core->in_flight_max, 0});
    });
}

void Link::subscribe(std::vector<std::string>)
{
    sim::HeadOffice::here().subscribe(core_->line, [core = core_](const char* refusal) {
        if (refusal) return core->tell(SubscribeRefused{refusal});
        core->tell(Subscribed{});
    });
}

void Link::publish(Ticket ticket, std::string topic, std::string payload, bool retained,
                   std::optional<std::chrono::seconds>)
{
    sim::HeadOffice::here().publish(
        core_->line, std::move(topic), std::move(payload), retained,
        [core = core_, ticket](const char* refusal) {
            if (refusal) return core->tell(PublishRefused{ticket, refusal, false});
            core->tell(Published{ticket});
        });
}

void Link::close()
{
    sim::HeadOffice::here().hang_up(core_->line, true);
    core_->tell(Closed{});
}

}  // namespace sync
}  // namespace raiten
