#include "daemon/wire/mqtt_client.hpp"

#include <mqtt/async_client.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

namespace raiten::wire {

namespace {

constexpr std::size_t told_per_turn = 64;  ///< then the loop does something else first

/// Events between Paho and the loop. What is no message is never dropped, and there is little.
struct Inbox {
    std::deque<MqttEvent> events;
    std::size_t messages{};
    std::size_t bytes{};
    bool posted{};  ///< a turn of the loop will look
    MqttClient::Losses losses;

    static std::size_t size_of(const MqttArrived& message)
    {
        return message.topic.size() + message.payload.size();
    }

    void put(MqttArrived message, const MqttLimits& limits)
    {
        bytes += size_of(message);
        ++messages;
        events.emplace_back(std::move(message));
        while (messages > limits.waiting_max || bytes > limits.waiting_bytes_max) drop_oldest();
    }

    void drop_oldest()
    {
        const auto oldest = std::find_if(events.begin(), events.end(), [](const MqttEvent& event) {
            return std::holds_alternative<MqttArrived>(event);
        });
        if (oldest == events.end()) return;
        forget(*oldest);
        events.erase(oldest);
        ++losses.dropped;
    }

    MqttEvent take()
    {
        MqttEvent event = std::move(events.front());
        events.pop_front();
        forget(event);
        return event;
    }

 private:
    void forget(const MqttEvent& event)
    {
        const auto* message = std::get_if<MqttArrived>(&event);
        if (!message) return;
        --messages;
        bytes -= size_of(*message);
    }
};

std::string text_of_refusal(int code)
{
    constexpr std::array texts{"",
                               "unacceptable protocol version",
                               "client id refused",
                               "server unavailable",
                               "bad user name or password",
                               "not authorized"};
    return code > 0 && code < static_cast<int>(texts.size())
               ? "the broker refuses: " + std::string{texts[static_cast<std::size_t>(code)]}
               : "the broker refuses with code " + std::to_string(code);
}

std::string unreadable_file(const MqttAddress& address)
{
    for (const auto& [what, file] : {std::pair{"CA file", &address.ca_file},
                                     {"client certificate", &address.certificate_file},
                                     {"key", &address.key_file}}) {
        if (!file->empty() && !std::ifstream{*file}.good())
            return std::string{"cannot read the "} + what + " " + *file;
    }
    return {};
}

}  // namespace

// Lifetimes. Paho calls back under its global lock, and the client's destructor takes that lock and
// takes the client off the list: after it no callback of this client runs. So the job that destroys
// holds the Core until then, and Paho may be given plain references to it. `gate` is what
// ~MqttClient closes: a callback posts only while it is open.
struct MqttClient::Core : std::enable_shared_from_this<MqttClient::Core> {
    /// Paho reports the end of an action through the token of each single one.
    struct Listener final : mqtt::iaction_listener {
        using Heard = void (Core::*)(const mqtt::token&);
        Listener(Core& its_core, Heard done, Heard failed)
            : core{its_core}, success{done}, failure{failed}
        {
        }
        void on_success(const mqtt::token& token) override { (core.*success)(token); }
        void on_failure(const mqtt::token& token) override { (core.*failure)(token); }

        Core& core;
        Heard success;
        Heard failure;
    };

    Core(const MqttAddress& where, MqttBroker at, const MqttLimits& bounds)
        : address{where}, broker{std::move(at)}, limits{bounds}
    {
    }

    MqttAddress address;
    MqttBroker broker;
    MqttLimits limits;

    std::mutex gate;  ///< over the next three
    std::optional<boost::asio::any_io_executor> executor;
    std::shared_ptr<std::function<void(MqttEvent)>> tell;
    Inbox inbox;

    // Only on Paho's threads and the worker's.
    Listener connecting{*this, &Core::opened, &Core::connect_failed};
    Listener subscribing{*this, &Core::subscribed, &Core::subscribe_failed};
    std::unique_ptr<mqtt::async_client> client;  // last: its end still calls the listeners

    void put(MqttEvent event);
    void look_soon();  ///< the gate is held
    void hand_over();
    void open();
    void connect();
    void subscribe(const std::vector<std::string>& topics);

    void opened(const mqtt::token&) { put(MqttOpened{}); }
    void connect_failed(const mqtt::token& token);
    void subscribed(const mqtt::token& token);
    void subscribe_failed(const mqtt::token&)
    {
        put(MqttFailed{"the broker refuses the subscription"});
    }
    void arrived(const mqtt::message& message);
};

void MqttClient::Core::put(MqttEvent event)
{
    const std::lock_guard lock{gate};
    if (!executor) return;
    inbox.events.push_back(std::move(event));
    look_soon();
}

void MqttClient::Core::look_soon()
{
    if (inbox.posted) return;
    inbox.posted = true;
    boost::asio::post(*executor, [self = shared_from_this()] { self->hand_over(); });
}

void MqttClient::Core::hand_over()
{
    for (std::size_t i = 0; i < told_per_turn; ++i) {
        std::unique_lock lock{gate};
        if (!executor) return;
        if (inbox.events.empty()) {
            inbox.posted = false;
            return;
        }
        auto event = inbox.take();
        const auto listener = tell;  // kept for the call: it may destroy the client
        lock.unlock();
        (*listener)(std::move(event));
    }
    const std::lock_guard lock{gate};
    inbox.posted = false;
    if (executor && !inbox.events.empty()) look_soon();
}

void MqttClient::Core::open()
{
    if (broker.tls) {
        if (auto problem = unreadable_file(address); !problem.empty())
            return put(MqttFailed{std::move(problem)});
    }
    try {
        const auto uri =
            (broker.tls ? "ssl://" : "tcp://") + broker.host + ":" + std::to_string(broker.port);
        mqtt::iclient_persistence* const none = nullptr;
        client = std::make_unique<mqtt::async_client>(
            uri, address.client_id, mqtt::create_options{MQTTVERSION_3_1_1}, none);
        client->set_connection_lost_handler(
            [this](const std::string&) { put(MqttFailed{"the connection broke"}); });
        client->set_message_callback(
            [this](mqtt::const_message_ptr message) { arrived(*message); });
        connect();
    } catch (const mqtt::exception& refusal) {
        put(MqttFailed{std::string{"Paho refuses: "} + refusal.what()});
    }
}

void MqttClient::Core::connect()
{
    using std::chrono::ceil;
    using std::chrono::seconds;
    mqtt::connect_options wanted;
    wanted.set_mqtt_version(MQTTVERSION_3_1_1);
    wanted.set_keep_alive_interval(limits.keep_alive);
    wanted.set_connect_timeout(ceil<seconds>(limits.connect_timeout) + seconds{1});
    wanted.set_clean_session(true);
    if (!address.username.empty()) {
        wanted.set_user_name(address.username);
        wanted.set_password(address.password);
    }
    if (broker.tls) {
        mqtt::ssl_options tls;  // without its error handler, which would outlive what it points to
        tls.set_trust_store(address.ca_file);
        tls.set_key_store(address.certificate_file);
        tls.set_private_key(address.key_file);
        tls.set_enable_server_cert_auth(true);
        tls.set_verify(true);
        wanted.set_ssl(tls);
    }
    client->connect(wanted, nullptr, connecting);
}

void MqttClient::Core::connect_failed(const mqtt::token& token)
{
    const auto code = token.get_return_code();
    std::string said;
    try {
        token.get_connect_response();  // the only way to the text
    } catch (const mqtt::exception& refusal) {
        said = refusal.get_message();
    }
    std::string reason = "no such host, connection refused, or no route";
    if (said == "CONNACK return code") {
        reason = text_of_refusal(code);
    } else if (code > 0) {  // an errno of the TCP connection
        reason = std::generic_category().message(code);
    } else if (said == "TCP connect timeout") {
        reason = "no answer";
    } else if (said == "TCP connect completion failure" || said == "socket error") {
        reason = "the broker hung up instead of answering";
    }
    if (broker.tls && said != "CONNACK return code")
        reason += "; or TLS failed: look at the CA, the certificate and the key";
    put(MqttFailed{std::move(reason)});
}

void MqttClient::Core::subscribe(const std::vector<std::string>& topics)
{
    try {
        const mqtt::iasync_client::qos_collection qos(topics.size(), limits.qos);
        client->subscribe(mqtt::string_collection::create(topics), qos, nullptr, subscribing);
    } catch (const mqtt::exception& refusal) {
        put(MqttFailed{std::string{"cannot subscribe: "} + refusal.what()});
    }
}

void MqttClient::Core::subscribed(const mqtt::token& token)
{
    constexpr int refused = 0x80;                        // 0 and 1 are the QoS granted
    const auto answer = token.get_subscribe_response();  // what follows refers into it
    for (const int reason : answer.get_reason_codes()) {
        if (reason >= refused) return put(MqttFailed{"the broker refuses the subscription"});
    }
    put(MqttSubscribed{});
}

void MqttClient::Core::arrived(const mqtt::message& message)
{
    const auto& topic = message.get_topic();
    const auto& payload = message.get_payload_str();
    const std::lock_guard lock{gate};
    if (!executor) return;
    if (topic.size() + payload.size() > limits.message_bytes_max) {
        ++inbox.losses.too_large;
        return;
    }
    inbox.put(MqttArrived{topic, payload}, limits);
    look_soon();
}

MqttClient::MqttClient(boost::asio::any_io_executor executor, PahoThread& paho,
                       const MqttAddress& address, MqttBroker broker, const MqttLimits& limits,
                       std::function<void(MqttEvent)> tell)
    : core_{std::make_shared<Core>(address, std::move(broker), limits)}, paho_{paho}
{
    core_->executor = std::move(executor);
    core_->tell = std::make_shared<std::function<void(MqttEvent)>>(std::move(tell));
}

MqttClient::~MqttClient()
{
    {
        const std::lock_guard lock{core_->gate};
        core_->executor.reset();
        core_->tell.reset();
        core_->inbox.events.clear();
    }
    paho_.post([core = std::move(core_)] { core->client.reset(); });
}

void MqttClient::open()
{
    paho_.post([core = core_] { core->open(); });
}

void MqttClient::subscribe(std::vector<std::string> topics)
{
    paho_.post([core = core_, topics = std::move(topics)] { core->subscribe(topics); });
}

MqttClient::Losses MqttClient::losses() const
{
    const std::lock_guard lock{core_->gate};
    return core_->inbox.losses;
}

}  // namespace raiten::wire
