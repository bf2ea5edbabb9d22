#include "sync/courier.hpp"

#include "daemon/base/overloaded.hpp"
#include "sync/back_off.hpp"
#include "sync/downlink.hpp"
#include "sync/lane_log.hpp"
#include "sync/paho_thread.hpp"
#include "sync/topics.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace raiten::sync {

namespace net = boost::asio;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::uint64_t birth_ticket = 0;
constexpr std::uint64_t farewell_ticket = 1;
constexpr std::uint64_t first_row_ticket = 2;
constexpr std::size_t packet_overhead_max = 64;  // fixed header, lengths, expiry property
constexpr std::chrono::seconds fetch_again_after{1};

constexpr std::size_t index(Lane lane)
{
    return static_cast<std::size_t>(lane);
}

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
    struct LaneWork {
        LaneLog log;
        bool more{true};  // the outbox may hold rows beyond the log's cursor
        bool fetching{};
        std::uint64_t fetch_number{};  // an answer to an older question is not taken
        std::string blocked;
        Steady::time_point progress_at{};
    };
    struct InFlight {
        Lane lane{};
        std::uint64_t sequence{};
    };

    struct Gap {
        Lane lane{};
        std::uint64_t from{};
        std::uint64_t through{};
        std::string why;
    };

    Impl(net::any_io_executor chosen, CourierSettings given, OutboxPort& port,
         CourierCallbacks given_callbacks)
        : executor{std::move(chosen)},
          settings{std::move(given)},
          topics{topics_of(settings)},
          outbox{port},
          callbacks{std::move(given_callbacks)},
          back_off{settings.back_off_min, settings.back_off_max, callbacks.random},
          phase_timer{executor},
          resend_timer{executor},
          fetch_timer{executor}
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
    net::steady_timer resend_timer;
    net::steady_timer fetch_timer;
    std::uint64_t phase_timer_number{};
    bool resend_armed{};
    bool pump_posted{};

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

    std::array<LaneWork, lanes.size()> work;
    std::unordered_map<std::uint64_t, InFlight> in_flight;
    std::optional<Gap> gap;
    std::uint64_t next_ticket{first_row_ticket};
    CourierCounters counters;
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
        for (auto& lane : work) {
            lane.log.rewind();
            lane.more = true;
        }
        arm_resend();  // for lanes that are still blocked
        enter(Phase::online);
        pump();
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
        link.reset();
        in_flight.clear();
        for (auto& lane : work) {
            lane.log.rewind();
            lane.fetching = false;
            ++lane.fetch_number;
        }
        resend_timer.cancel();
        resend_armed = false;
    }

    // ---- the way up ---------------------------------------------------------------------------

    void post_pump()
    {
        if (pump_posted || phase != Phase::online) return;
        pump_posted = true;
        net::post(executor, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->pump_posted = false;
                self->pump();
            }
        });
    }

    bool is_full(const LaneWork& lane) const
    {
        return !lane.blocked.empty() || lane.log.unsettled() >= settings.unsettled_rows_max;
    }

    /// The first lane, by priority, with a row to send. A lane that is being read holds back those
    /// below it: its rows are a moment away.
    LaneWork* next_lane()
    {
        for (auto& lane : work) {
            if (is_full(lane)) continue;
            if (!lane.log.ready().empty()) return &lane;
            if (lane.fetching) return nullptr;
        }
        return nullptr;
    }

    void pump()
    {
        if (phase != Phase::online) return;
        fetch_where_low();
        while (in_flight.size() < window) {
            auto* lane = next_lane();
            if (!lane) break;
            send(*lane, lane->log.take());
        }
        hand_over_gap();
        fetch_where_low();
    }

    void fetch_where_low()
    {
        for (const auto lane : lanes) {
            auto& mine = work[index(lane)];
            const bool low = mine.log.ready().size() <= settings.fetch_rows_max / 2;
            if (mine.more && !mine.fetching && low && !is_full(mine)) fetch(lane);
        }
    }

    void fetch(Lane lane)
    {
        auto& mine = work[index(lane)];
        mine.fetching = true;
        mine.more = false;  // outbox_grew while we wait sets it again
        const auto number = ++mine.fetch_number;
        outbox.fetch(lane, mine.log.cursor(), settings.fetch_rows_max,
                     [weak = weak_from_this(), lane, number](OutboxPort::Rows rows) {
                         if (const auto self = weak.lock())
                             self->fetched(lane, number, std::move(rows));
                     });
    }

    void fetched(Lane lane, std::uint64_t number, OutboxPort::Rows rows)
    {
        auto& mine = work[index(lane)];
        if (number != mine.fetch_number || !mine.fetching) return;
        mine.fetching = false;
        if (!rows.has_value()) {
            ++counters.fetch_failures;
            reason = "outbox: " + rows.error().text();
            fetch_timer.expires_after(fetch_again_after);
            fetch_timer.async_wait([weak = weak_from_this()](error_code ec) {
                const auto self = weak.lock();
                if (ec || !self) return;
                for (auto& each : self->work) each.more = true;
                self->pump();
            });
            return;
        }
        if (mine.log.add(std::move(*rows)) > 0) mine.more = true;
        post_pump();
    }

    void send(LaneWork& mine, OutboxRow row)
    {
        const auto lane = row.lane;
        auto topic = topics.of(row);
        std::optional<std::chrono::seconds> expiry;
        if (row.expires_at) {
            const auto left = *row.expires_at - callbacks.now();
            if (left <= Millis{0}) {
                ++counters.expired[index(lane)];
                drop(lane, row.sequence, "expired");
                return;
            }
            constexpr std::chrono::seconds longest{0xffff'ffff};
            expiry = std::min(longest, std::chrono::ceil<std::chrono::seconds>(left));
        }
        const auto bytes = row.payload.size() + topic.size() + packet_overhead_max;
        const auto limit = packet_bytes_max ? std::min(packet_bytes_max, settings.row_bytes_max)
                                            : settings.row_bytes_max;
        if (bytes > limit) {
            ++counters.undeliverable[index(lane)];
            outbox.dropped(
                lane, row.sequence, row.sequence,
                "too large: " + std::to_string(bytes) + " of " + std::to_string(limit) + " bytes");
            return;
        }
        if (mine.log.unsettled() == 0) mine.progress_at = Steady::now();
        ++counters.sent[index(lane)];
        if (mine.log.sent(row.sequence)) ++counters.sent_again[index(lane)];
        const auto ticket = next_ticket++;
        in_flight.emplace(ticket, InFlight{lane, row.sequence});
        link->publish(ticket, std::move(topic), std::move(row.payload), false, expiry);
        arm_resend();
    }

    /// Neighbours that are dropped for one reason become one range; pump() hands it over.
    void drop(Lane lane, std::uint64_t sequence, std::string why)
    {
        if (gap && gap->lane == lane && gap->through + 1 == sequence && gap->why == why) {
            gap->through = sequence;
            return;
        }
        hand_over_gap();
        gap = Gap{lane, sequence, sequence, std::move(why)};
    }

    void hand_over_gap()
    {
        if (!gap) return;
        auto range = std::move(*gap);
        gap.reset();
        outbox.dropped(range.lane, range.from, range.through, std::move(range.why));
    }

    void published(std::uint64_t ticket)
    {
        if (ticket == birth_ticket && phase == Phase::announcing) return announced();
        if (ticket == farewell_ticket && phase == Phase::leaving) return link->close();
        const auto at = in_flight.find(ticket);
        if (at == in_flight.end()) return;
        const auto [lane, sequence] = at->second;
        in_flight.erase(at);
        ++counters.confirmed[index(lane)];
        auto& mine = work[index(lane)];
        mine.log.confirmed(sequence);
        if (!settings.hq_ack) settle_confirmed(lane);
        pump();
    }

    void settle_confirmed(Lane lane)
    {
        if (const auto through = work[index(lane)].log.settle_confirmed())
            outbox.settled(lane, *through);
    }

    void publish_refused(const PublishRefused& what)
    {
        if (what.ticket == birth_ticket)
            return failed(FailureKind::refused_credentials, "status: " + what.text);
        if (what.ticket == farewell_ticket) {
            if (phase == Phase::leaving) link->close();
            return;
        }
        const auto at = in_flight.find(what.ticket);
        if (at == in_flight.end()) return;
        const auto [lane, sequence] = at->second;
        in_flight.erase(at);
        auto& mine = work[index(lane)];
        count(FailureKind::refused_message, std::string{name(lane)} + ": " + what.text);
        if (what.for_good) {
            ++counters.undeliverable[index(lane)];
            mine.log.forget(sequence);
            drop(lane, sequence, "refused by the broker: " + what.text);
            if (!settings.hq_ack) settle_confirmed(lane);
        } else {
            mine.blocked = what.text;
            mine.progress_at = Steady::now();
            arm_resend();
        }
        if (callbacks.changed) callbacks.changed();
        pump();
    }

    // ---- silence of HQ ------------------------------------------------------------------------

    bool waits_for_hq(const LaneWork& lane) const
    {
        return !lane.blocked.empty() || (settings.hq_ack && lane.log.unsettled() > 0);
    }

    void arm_resend()
    {
        if (resend_armed) return;
        auto due = Steady::time_point::max();
        for (const auto& lane : work)
            if (waits_for_hq(lane)) due = std::min(due, lane.progress_at + settings.resend_after);
        if (due == Steady::time_point::max()) return;
        resend_armed = true;
        resend_timer.expires_at(due);
        resend_timer.async_wait([weak = weak_from_this()](error_code ec) {
            const auto self = weak.lock();
            if (!ec && self) self->resend_due();
        });
    }

    void resend_due()
    {
        resend_armed = false;
        if (phase != Phase::online) return;
        const auto now = Steady::now();
        for (auto& lane : work) {
            if (!waits_for_hq(lane) || now - lane.progress_at < settings.resend_after) continue;
            lane.log.rewind();
            lane.more = true;
            lane.fetching = false;
            ++lane.fetch_number;
            lane.blocked.clear();
            lane.progress_at = now;
            ++counters.resend_rounds;
        }
        arm_resend();
        pump();
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
                       [this](const HqAck& ack) { acknowledged(ack); },
                       [this](Command& command) {
                           ++counters.commands;
                           if (callbacks.command) callbacks.command(std::move(command.payload));
                       },
                   },
                   *admitted);
    }

    void acknowledged(const HqAck& ack)
    {
        if (ack.epoch != settings.epoch) {
            ++counters.acks_epoch;
            return;
        }
        for (const auto lane : lanes) {
            const auto through = ack.through[index(lane)];
            if (through && work[index(lane)].log.judge(*through) == LaneLog::Ack::ahead) {
                ++counters.acks_ahead;  // who errs in one lane is not believed in the others
                return;
            }
        }
        if (!settings.hq_ack) return;
        bool moved = false;
        for (const auto lane : lanes) {
            auto& mine = work[index(lane)];
            const auto through = ack.through[index(lane)];
            if (!through || mine.log.acknowledged(*through) != LaneLog::Ack::advanced) continue;
            moved = true;
            mine.progress_at = Steady::now();
            outbox.settled(lane, *through);
        }
        ++(moved ? counters.acks : counters.acks_stale);
        pump();
    }

    // ---- the end ------------------------------------------------------------------------------

    void stop(std::function<void()> done)
    {
        stopped = std::move(done);
        if (phase == Phase::online || phase == Phase::announcing || phase == Phase::subscribing) {
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
        fetch_timer.cancel();
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
    impl_->work[index(lane)].more = true;
    impl_->post_pump();
}

CourierState Courier::state() const
{
    CourierState state;
    state.phase = impl_->phase;
    state.broker = impl_->settings.brokers[impl_->broker_at];
    state.mqtt_version = impl_->version;
    state.connection = impl_->connection;
    state.reason = impl_->reason;
    for (const auto lane : lanes) {
        const auto& mine = impl_->work[index(lane)];
        state.lane[index(lane)] = {mine.log.settled(), mine.log.sent_max(), mine.log.unsettled(),
                                   mine.log.ready().size(), mine.blocked};
    }
    return state;
}

const CourierCounters& Courier::counters() const
{
    return impl_->counters;
}

}  // namespace raiten::sync
