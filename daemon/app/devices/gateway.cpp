#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/app/devices/gatherer.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/secret.hpp"
#include "daemon/wire/mqtt_ear.hpp"
#include "drivers/gateway/lines.hpp"

namespace raiten::app {
namespace {

/// A Bluetooth gateway that publishes what it hears to a broker. It is down when the broker is, or
/// when this gateway has said nothing for too long.
class GatewayDevice final : public Readers::Device {
 public:
    GatewayDevice(const DeviceHouse& house, const ReaderSettings& settings)
        : Device{house, settings}, silence_{house.executor}
    {
    }

    Result<void> start() override
    {
        auto listener = drivers::find_driver(settings().format)->listen(options());
        if (!listener) return listener.error();
        listener_ = std::move(*listener);
        auto address = broker_address();
        if (!address) return address.error();

        wire::MqttCallbacks on;
        on.on_up = [this] {
            set_state("starting", "the broker is there; nothing heard yet");
            heard_at_ = Clock::now();
            watch();
        };
        on.on_message = [this](std::string_view topic, std::span<const std::byte> payload) {
            take_message(topic, payload);
        };
        on.on_down = [this](const std::string& reason) {
            silence_.cancel();
            set_state("down", reason);
        };
        house().gatherer.join(name(),
                              [this](const TokenSeen& seen, Instant heard) { take(seen, heard); });
        ear_ = std::make_unique<wire::MqttEar>(house().executor, std::move(*address),
                                               settings().mqtt.topics, wire::MqttLimits{},
                                               std::move(on), house().callbacks.random);
        set_state("down", "not connected yet");
        ear_->start();
        return {};
    }

    void stop() override
    {
        silence_.cancel();
        if (ear_) ear_->stop();
    }

 private:
    using Clock = std::chrono::steady_clock;

    Result<wire::MqttAddress> broker_address() const
    {
        const auto& mqtt = settings().mqtt;
        wire::MqttAddress address;
        address.brokers = mqtt.brokers;
        address.username = mqtt.username;
        address.ca_file = mqtt.ca;
        address.certificate_file = mqtt.certificate;
        address.key_file = mqtt.key;
        address.client_id = mqtt.client_id;
        if (address.client_id.empty())
            address.client_id = "raiten-" + house().settings.store.device + "-" + name();
        if (mqtt.password.empty()) return address;
        const auto password = read_secret(mqtt.password, house().places);
        if (!password) return password.error();
        address.password = std::string{password->bytes()};
        return address;
    }

    void take_message(std::string_view topic, std::span<const std::byte> payload)
    {
        // With one gateway on these topics, whatever it says is a sign of life.
        if (settings().mqtt.gateway.empty()) note_life();
        const auto line = drivers::gateway::line_of(
            topic, {reinterpret_cast<const char*>(payload.data()), payload.size()});
        listener_->feed(std::as_bytes(std::span{line}), tell_);
    }

    void note_life()
    {
        heard_at_ = Clock::now();
        if (up()) return;
        set_state("up", "gateway heard");
        watch();
    }

    void take_reading(const Reading& reading)
    {
        const auto* seen = std::get_if<TokenSeen>(&reading);
        if (seen == nullptr) return take(reading, wall_now());
        const auto& ours = settings().mqtt.gateway;
        if (!ours.empty() && seen->heard_by != ours) return;
        note_life();
        house().gatherer.put(name(), on_a_par(*seen));
    }

    /// Down once `silent_after` has passed since the gateway was heard, not later: the visits that
    /// it hears must not end before.
    void watch()
    {
        const auto patience = settings().mqtt.silent_after;
        if (patience == Millis{0}) return;
        silence_.expires_at(heard_at_ + patience);
        silence_.async_wait([this, patience](const boost::system::error_code& ec) {
            if (ec) return;
            if (Clock::now() < heard_at_ + patience) return watch();
            set_state("down", "silent for too long");
        });
    }

    boost::asio::steady_timer silence_;
    Clock::time_point heard_at_;
    std::unique_ptr<drivers::Translator> listener_;
    drivers::Tell tell_{[this](const Reading& reading) { take_reading(reading); }};
    std::unique_ptr<wire::MqttEar> ear_;
};

}  // namespace

MadeDevice make_gateway_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<GatewayDevice>(house, settings);
}

}  // namespace raiten::app
