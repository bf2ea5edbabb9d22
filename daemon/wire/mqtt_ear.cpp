#include "daemon/wire/mqtt_ear.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/wire/mqtt_client.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr unsigned doublings_max = 16;

std::string drawn_id(const std::function<double()>& random)
{
    std::array<std::byte, 8> bytes{};
    for (std::byte& b : bytes) b = static_cast<std::byte>(static_cast<unsigned>(random() * 256));
    return "raiten-" + to_hex(bytes);
}

}  // namespace

class MqttEar::State : public std::enable_shared_from_this<MqttEar::State> {
 public:
    State(net::any_io_executor executor, MqttAddress address, std::vector<std::string> topics,
          MqttLimits limits, MqttCallbacks callbacks, std::function<double()> random)
        : executor_{executor},
          address_{std::move(address)},
          topics_{std::move(topics)},
          limits_{limits},
          tell_{std::move(callbacks)},
          random_{std::move(random)},
          pause_{executor},
          patience_{executor},
          silence_{executor}
    {
        if (address_.client_id.empty()) address_.client_id = drawn_id(random_);
        last_failures_.resize(std::max<std::size_t>(1, address_.brokers.size()));
    }

    void start()
    {
        if (started_) return;
        started_ = true;
        pause_for(Clock::duration{});
    }

    void stop()
    {
        stopped_ = true;
        up_ = false;
        pause_.cancel();
        patience_.cancel();
        silence_.cancel();
        let_go();
    }

    /// After stop(): waits for Paho here, not wherever the last handler lets go of this.
    void end_paho() { paho_.reset(); }

    bool up() const { return up_; }

    MqttCounters counters() const
    {
        MqttCounters all = counters_;
        if (!client_) return all;
        const auto losses = client_->losses();
        all.too_large += losses.too_large;
        all.dropped += losses.dropped;
        return all;
    }

 private:
    void pause_for(Clock::duration span)
    {
        pause_.expires_after(span);
        pause_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec && !self->stopped_) self->attempt();
        });
    }

    void attempt()
    {
        if (address_.brokers.empty()) return failed("no broker is named");
        const auto broker = parse_mqtt_broker(address_.brokers[turn_]);
        if (!broker.has_value()) return failed(broker.error().text());
        const std::weak_ptr<State> weak = shared_from_this();
        client_ = std::make_unique<MqttClient>(
            executor_, *paho_, address_, broker.value(), limits_,
            [weak, number = ++connection_](MqttEvent event) {
                const auto self = weak.lock();
                if (self && !self->stopped_ && self->connection_ == number)
                    std::visit([&](auto& what) { self->heard(what); }, event);
            });
        client_->open();
        patience_.expires_after(limits_.connect_timeout);
        patience_.async_wait([self = shared_from_this(), number = connection_](error_code ec) {
            if (!ec && !self->stopped_ && !self->up_ && self->connection_ == number)
                self->failed("no answer");
        });
    }

    void heard(const MqttOpened&) { client_->subscribe(topics_); }

    void heard(const MqttSubscribed&)
    {
        up_ = true;
        ++counters_.opened;
        patience_.cancel();
        last_failures_.assign(last_failures_.size(), {});
        since_ = heard_ = Clock::now();
        watch_silence();
        if (tell_.on_up) tell_.on_up();
    }

    void heard(const MqttArrived& message)
    {
        attempts_ = 0;
        heard_ = Clock::now();
        ++counters_.messages;
        counters_.bytes_in += message.payload.size();
        if (tell_.on_message) tell_.on_message(message.topic, bytes_of(message.payload));
    }

    void heard(const MqttFailed& failure) { failed(failure.reason); }

    /// Whatever there is of a connection is over; the next attempt is on its way.
    void failed(std::string reason)
    {
        const bool was_up = std::exchange(up_, false);
        patience_.cancel();
        silence_.cancel();
        let_go();
        if (was_up && Clock::now() - since_ > limits_.back_off_max) attempts_ = 0;
        if (!was_up) ++counters_.failed;
        const std::size_t which = turn_;
        turn_ = (turn_ + 1) % last_failures_.size();
        // A connection that broke leaves the others of the list for later: the pause bounds what
        // brokers that always do this can cost.
        pause_for(turn_ != 0 && !was_up ? Clock::duration{} : next_pause());
        if (which < address_.brokers.size()) reason = address_.brokers[which] + ": " + reason;
        if (!was_up && reason == std::exchange(last_failures_[which], reason)) return;
        if (tell_.on_down) tell_.on_down(reason);
    }

    void let_go()
    {
        if (!client_) return;
        ++connection_;
        const auto losses = client_->losses();
        counters_.too_large += losses.too_large;
        counters_.dropped += losses.dropped;
        client_.reset();
    }

    /// One timer per silence, not per message: when it fires, it looks when one came last.
    void watch_silence()
    {
        if (!limits_.silent_after) return;
        silence_.expires_at(heard_ + *limits_.silent_after);
        silence_.async_wait([self = shared_from_this(), number = connection_](error_code ec) {
            if (ec || self->stopped_ || self->connection_ != number) return;
            if (Clock::now() >= self->heard_ + *self->limits_.silent_after)
                self->failed("silent");
            else
                self->watch_silence();
        });
    }

    Clock::duration next_pause()
    {
        const unsigned doublings = std::min(attempts_++, doublings_max);
        const auto whole = std::min<std::int64_t>(limits_.back_off_min.count() << doublings,
                                                  limits_.back_off_max.count());
        const double spread = 0.5 + 0.5 * random_();
        const std::chrono::duration<double, std::milli> pause{static_cast<double>(whole) * spread};
        return std::chrono::duration_cast<Clock::duration>(pause);
    }

    net::any_io_executor executor_;
    MqttAddress address_;
    std::vector<std::string> topics_;
    MqttLimits limits_;
    MqttCallbacks tell_;
    std::function<double()> random_;
    net::steady_timer pause_;
    net::steady_timer patience_;
    net::steady_timer silence_;
    std::unique_ptr<PahoThread> paho_{std::make_unique<PahoThread>()};
    std::unique_ptr<MqttClient> client_;  ///< after the worker that destroys it
    std::uint64_t connection_{};          ///< what an earlier one says is not heard
    std::size_t turn_{};                  ///< of the brokers
    Clock::time_point since_;
    Clock::time_point heard_;
    std::vector<std::string> last_failures_;  ///< told, of each broker
    MqttCounters counters_;
    unsigned attempts_{};
    bool up_{};
    bool started_{};
    bool stopped_{};
};

MqttEar::MqttEar(net::any_io_executor executor, MqttAddress address,
                 std::vector<std::string> topics, MqttLimits limits, MqttCallbacks callbacks,
                 std::function<double()> random)
    : state_{std::make_shared<State>(std::move(executor), std::move(address), std::move(topics),
                                     limits, std::move(callbacks), std::move(random))}
{
}

MqttEar::~MqttEar()
{
    state_->stop();
    state_->end_paho();
}

void MqttEar::start()
{
    state_->start();
}
void MqttEar::stop()
{
    state_->stop();
}
bool MqttEar::up() const
{
    return state_->up();
}
MqttCounters MqttEar::counters() const
{
    return state_->counters();
}

}  // namespace raiten::wire
