#include "sync/courier.hpp"

#include "daemon/base/overloaded.hpp"
#include "daemon/paho/paho_thread.hpp"
#include "sync/back_off.hpp"
#include "sync/downlink.hpp"
#include "sync/link.hpp"
#include "sync/topics.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace raiten::sync {

namespace net = boost::asio;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;

namespace {

constexpr Ticket birth_ticket = 0;
constexpr Ticket farewell_ticket = 1;
static_assert(farewell_ticket < Shipping::first_ticket);

Topics topics_of(const CourierSettings& settings)
{
    return Topics::make(settings.tenant, settings.store, settings.device).value();
}

}  // namespace

std::string_view name(Phase phase)
{
    constexpr std::array<std::string_view, 7> names{
        "stopped", "waiting", "connecting", "subscribing", "announcing", "online", "leaving"};
    return names[static_cast<std::size_t>(phase)];
}

struct Courier::Impl : std::enable_shared_from_this<Courier::Impl> {
    Impl(net::any_io_executor chosen, CourierSettings given, OutboxPort& port,
         CourierCallbacks given_callbacks)
        : executor{std::move(chosen)},
          settings{std::move(given)},
          topics{topics_of(settings)},
          outbox{port},
          callbacks{std::move(given_callbacks)},
          back_off{settings.back_off_min, settings.back_off_max, callbacks.random},
          phase_timer{executor},
          shipping{executor, settings, topics, outbox, counters, shipping_callbacks()}
    {
        if (settings.client_id.empty())
            settings.client_id = settings.tenant + "-" + settings.store + "-" + settings.device;
    }

    net::any_io_executor executor;
    CourierSettings settings;
    Topics topics;
    OutboxPort& outbox;
    CourierCallbacks callbacks;
    BackOff back_off;

    net::steady_timer phase_timer;  // back-off, or the longest that the present phase may last
    std::uint64_t phase_timer_number{};

    Phase phase{Phase::stopped};
    std::string reason;
    std::uint64_t connection{};
    std::size_t broker_at{};
    bool only_311{};      // a broker said so
    bool try_311_next{};  // a broker closed without a word: perhaps it meant so
    int version{5};
    Steady::time_point online_since{};
    std::size_t window{};
    std::size_t packet_bytes_max{};

    CourierCounters counters;
    Shipping shipping;
    std::function<void()> stopped;

    PahoThread paho;
    std::unique_ptr<Link> link;  // after `paho`, whose thread it needs to go

    // ---- the connection -----------------------------------------------------------------------

    void enter(Phase next)
    {
        phase = next;
        if (callbacks.changed) callbacks.changed();
    }

    void arm(net::steady_timer::duration after, void (Impl::*then)())
    {
        phase_timer.expires_after(after);
        // a handler that was already queued when its timer was set anew must not act
        phase_timer.async_wait(
            [weak = weak_from_this(), then, number = ++phase_timer_number](error_code ec) {
                const auto self = weak.lock();
                if (!ec && self && self->phase_timer_number == number) (self.get()->*then)();
            });
    }

    void disarm()
    {
        ++phase_timer_number;
        phase_timer.cancel();
    }

    StatusNote note(bool online) const
    {
        return {online, settings.epoch, settings.session, connection};
    }

    int choose_version() const
    {
        switch (settings.protocol) {
            case Protocol::v5_only:
                return 5;
            case Protocol::v311_only:
                return 4;
            case Protocol::v5_or_311:
                break;
        }
        return only_311 || try_311_next ? 4 : 5;
    }

    void connect()
    {
        ++connection;
        version = choose_version();
        LinkSettings wanted;
        wanted.broker = BrokerAddress::parse(settings.brokers[broker_at]).value();
        wanted.mqtt_version = version;
        wanted.client_id = settings.client_id;
        wanted.username = settings.username;
        wanted.password = settings.password;
        wanted.ca_file = settings.ca_file;
        wanted.certificate_file = settings.certificate_file;
        wanted.key_file = settings.key_file;
        wanted.keep_alive = settings.keep_alive;
        wanted.connect_timeout = settings.connect_timeout;
        wanted.session_expiry = settings.session_expiry;
        wanted.in_flight_max = settings.window;
        wanted.downlink_bytes_max = settings.downlink_bytes_max;
        wanted.downlinks_waiting_max = settings.downlinks_waiting_max;
        wanted.tcp_nodelay = settings.tcp_nodelay;
        wanted.will_topic = topics.status();
        wanted.will_payload = callbacks.status(note(false));
        link = std::make_unique<Link>(executor, paho, std::move(wanted),
                                      [weak = weak_from_this()](LinkEvent event) {
                                          if (const auto self = weak.lock())
                                              self->heard(std::move(event));
                                      });
        arm_answer_limit();
        enter(Phase::connecting);
        link->open();
    }

    void arm_answer_limit()
    {
        // Paho looks at its own limit every three seconds only; this one is for when it does not
        arm(settings.connect_timeout + std::chrono::seconds{5}, &Impl::no_answer);
    }

    void no_answer()
    {
        failed(FailureKind::unreachable, "no answer while " + std::string{name(phase)});
    }

    void heard(LinkEvent event)
    {
        std::visit(overloaded{
                       [this](const Opened& e) { opened(e); },
                       [this](const Failed& e) { connect_failed(e); },
                       [this](const Lost& e) { failed(FailureKind::lost, e.text); },
                       [this](const Subscribed&) { subscribed(); },
                       [this](const SubscribeRefused& e) {
                           failed(FailureKind::refused_credentials, "subscription: " + e.text);
                       },
                       [this](const Published& e) { published(e.ticket); },
                       [this](const PublishRefused& e) { publish_refused(e); },
                       [this](Arrived& e) { arrived(std::move(e)); },
                       [this](const ArrivalsDropped& e) { counters.downlinks_lost += e.count; },
                       [this](const Closed&) {
                           if (phase == Phase::leaving) gone();
                       },
                   },
                   event);
    }

    void opened(const Opened& said)
    {
        window = std::max<std::size_t>(1, std::min(settings.window, said.in_flight_max));
        packet_bytes_max = said.packet_bytes_max;
        try_311_next = false;
        ++counters.connected;
        arm_answer_limit();
        enter(Phase::subscribing);
        link->subscribe({topics.ack(), topics.command()});
    }

    void subscribed()
    {
        if (phase != Phase::subscribing) return;
        arm_answer_limit();
        enter(Phase::announcing);
        link->publish(birth_ticket, topics.status(), callbacks.status(note(true)), true, {});
    }

    void announced()
    {
        disarm();
        online_since = Steady::now();
        reason.clear();
        enter(Phase::online);
        shipping.begin({link.get(), window, packet_bytes_max, weak_from_this()});
    }

    void connect_failed(const Failed& what)
    {
        const bool may_fall_back = settings.protocol == Protocol::v5_or_311;
        const bool tried_5 = version == 5;
        try_311_next = may_fall_back && what.silent && tried_5;
        if (may_fall_back && tried_5 && what.kind == FailureKind::refused_protocol) {
            only_311 = true;
            count(what.kind, what.text);
            drop_link();
            connect();  // once: from now on it is 3.1.1
            return;
        }
        failed(what.kind, what.text);
    }

    void count(FailureKind kind, const std::string& text)
    {
        ++counters.failures[static_cast<std::size_t>(kind)];
        reason = std::string{name(kind)} + ": " + settings.brokers[broker_at] + ": " + text;
    }

    void failed(FailureKind kind, const std::string& text)
    {
        if (phase == Phase::leaving) return gone();
        const bool was_online = phase == Phase::online;
        if (was_online && Steady::now() - online_since >= settings.stable_after) back_off.reset();
        count(kind, text);
        drop_link();
        broker_at = (broker_at + 1) % settings.brokers.size();
        // the other brokers of the list at once, then the whole list again after a pause
        const bool round_over = broker_at == 0 || was_online;
        arm(round_over ? back_off.next() : Millis{1}, &Impl::connect);
        enter(Phase::waiting);
    }

    void drop_link()
    {
        shipping.halt();
        link.reset();
    }

    // ---- the way up ---------------------------------------------------------------------------

    ShippingCallbacks shipping_callbacks()
    {
        ShippingCallbacks made;
        made.now = callbacks.now;
        made.outbox_failed = [this](const std::string& why) { reason = "outbox: " + why; };
        made.message_refused = [this](const std::string& why) {
            count(FailureKind::refused_message, why);
            if (callbacks.changed) callbacks.changed();
        };
        return made;
    }

    void published(Ticket ticket)
    {
        if (ticket == birth_ticket && phase == Phase::announcing) return announced();
        if (ticket == farewell_ticket && phase == Phase::leaving) return link->close();
        shipping.published(ticket);
    }

    void publish_refused(const PublishRefused& what)
    {
        if (what.ticket == birth_ticket)
            return failed(FailureKind::refused_credentials, "status: " + what.text);
        if (what.ticket == farewell_ticket) {
            if (phase == Phase::leaving) link->close();
            return;
        }
        shipping.refused(what);
    }

    // ---- the way down -------------------------------------------------------------------------

    void arrived(Arrived message)
    {
        if (message.bytes > settings.downlink_bytes_max) {
            ++counters.downlinks_bad;
            return;
        }
        auto admitted = admit_downlink(topics, message.topic, std::move(message.payload));
        if (!admitted.has_value()) {
            ++counters.downlinks_bad;
            return;
        }
        std::visit(overloaded{
                       [this](const HqAck& ack) { shipping.acknowledged(ack); },
                       [this](Command& command) {
                           ++counters.commands;
                           if (callbacks.command) callbacks.command(std::move(command.payload));
                       },
                   },
                   *admitted);
    }

    // ---- the end ------------------------------------------------------------------------------

    void stop(std::function<void()> done)
    {
        stopped = std::move(done);
        if (phase == Phase::online || phase == Phase::announcing || phase == Phase::subscribing) {
            shipping.rest();
            arm(settings.stop_timeout, &Impl::gone);
            enter(Phase::leaving);
            link->publish(farewell_ticket, topics.status(), callbacks.status(note(false)), true,
                          {});
            return;
        }
        gone();
    }

    void gone()
    {
        disarm();
        drop_link();
        enter(Phase::stopped);
        if (stopped) net::post(executor, std::exchange(stopped, nullptr));
    }
};

Courier::Courier(net::any_io_executor executor, CourierSettings settings, OutboxPort& outbox,
                 CourierCallbacks callbacks)
    : impl_{std::make_shared<Impl>(std::move(executor), std::move(settings), outbox,
                                   std::move(callbacks))}
{
}

Courier::~Courier() = default;

void Courier::start()
{
    if (impl_->phase == Phase::stopped) impl_->connect();
}

void Courier::stop(std::function<void()> done)
{
    impl_->stop(std::move(done));
}

void Courier::outbox_grew(Lane lane)
{
    impl_->shipping.outbox_grew(lane);
}

CourierState Courier::state() const
{
    CourierState state;
    state.phase = impl_->phase;
    state.broker = impl_->settings.brokers[impl_->broker_at];
    state.mqtt_version = impl_->version;
    state.connection = impl_->connection;
    state.reason = impl_->reason;
    for (const auto lane : lanes) state.lane[index(lane)] = impl_->shipping.state(lane);
    return state;
}

const CourierCounters& Courier::counters() const
{
    return impl_->counters;
}

}  // namespace raiten::sync
