#include "sync/link.hpp"

#include "sync/nodelay.hpp"
#include "sync/tls_trouble.hpp"

#include <mqtt/async_client.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>
#include <utility>

namespace raiten::sync {

namespace {

constexpr int v5 = MQTTVERSION_5;
constexpr std::size_t housekeeping_in_flight = 4;  // birth, farewell, subscriptions

/// Messages between Paho and the loop: a flood ends here, not in memory.
struct Inbox {
    std::atomic<std::size_t> waiting{};
    std::atomic<std::size_t> dropped{};
};

bool is_refusal(int reason)  // of a filter, in both versions; 0, 1 and 2 are the QoS granted
{
    return reason >= mqtt::UNSPECIFIED_ERROR;
}

}  // namespace

// Lifetimes. Paho calls back under its global lock, and the client's destructor takes that lock and
// takes the client off the list: after it no callback of this client runs. So the job that destroys
// holds the Core until then, and Paho may be given plain references to it. `gate` is what ~Link
// closes: a callback posts only while it is open, so the executor is not touched afterwards.
struct Link::Core {
    /// One kind of action; Paho reports its end through the token of each single one.
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

    explicit Core(LinkSettings chosen) : settings{std::move(chosen)} {}

    LinkSettings settings;

    std::mutex gate;
    std::optional<boost::asio::any_io_executor> executor;
    std::shared_ptr<std::function<void(LinkEvent)>> tell;
    std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();

    // Only on Paho's threads, which take turns.
    std::string farewell_of_broker;
    Listener connecting{*this, &Core::opened, &Core::connect_failed};
    Listener subscribing{*this, &Core::subscribed, &Core::subscribe_failed};
    Listener publishing{*this, &Core::published, &Core::publish_failed};
    Listener closing{*this, &Core::closed, &Core::closed};
    std::unique_ptr<mqtt::async_client> client;  // last: its end still calls the listeners

    bool five() const { return settings.mqtt_version >= v5; }
    int in_flight_max() const
    {
        return static_cast<int>(settings.in_flight_max + housekeeping_in_flight);
    }

    void post(LinkEvent event);
    void create();
    void open();
    void connect_tcp();
    void subscribe(const std::vector<std::string>& topics);
    void publish(Ticket ticket, std::string topic, std::string payload, bool retained,
                 std::optional<std::chrono::seconds> expiry);
    void close();

    void opened(const mqtt::token& token);
    void connect_failed(const mqtt::token& token);
    void subscribed(const mqtt::token& token);
    void subscribe_failed(const mqtt::token& token);
    void published(const mqtt::token& token) { post(Published{ticket_of(token)}); }
    void publish_failed(const mqtt::token& token);
    void closed(const mqtt::token&) { post(Closed{}); }
    void lost();
    void arrived(const mqtt::message& message);

    static Ticket ticket_of(const mqtt::token& token)
    {
        return reinterpret_cast<Ticket>(token.get_user_context());
    }
};

void Link::Core::post(LinkEvent event)
{
    const std::lock_guard lock{gate};
    if (!executor) return;
    boost::asio::post(*executor, [weak = std::weak_ptr{tell}, event = std::move(event)]() mutable {
        // kept for the call: the listener may destroy the link
        if (const auto listener = weak.lock()) (*listener)(std::move(event));
    });
}

void Link::Core::create()
{
    // not by the constructor that takes both: it would also let Paho buffer while disconnected
    mqtt::create_options options{settings.mqtt_version};
    options.set_max_buffered_messages(in_flight_max());
    const auto uri = (settings.broker.tls ? "ssl://" : "tcp://") + settings.broker.host + ":"
                     + std::to_string(settings.broker.port);
    mqtt::iclient_persistence* const none = nullptr;
    client = std::make_unique<mqtt::async_client>(uri, settings.client_id, options, none);
    client->set_connection_lost_handler([this](const std::string&) { lost(); });
    client->set_message_callback([this](mqtt::const_message_ptr message) { arrived(*message); });
    client->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
        farewell_of_broker = "the broker closed the connection: " + text_of_refusal(reason);
    });
}

void Link::Core::open()
{
    if (settings.broker.tls) {
        if (auto problem = unreadable_tls_file(settings); !problem.empty()) {
            post(Failed{FailureKind::tls, std::move(problem), false});
            return;
        }
    }
    try {
        create();
        connect_tcp();
    } catch (const mqtt::exception& refusal) {
        post(Failed{FailureKind::refused, std::string{"Paho refuses: "} + refusal.what(), false});
    }
}

void Link::Core::connect_tcp()
{
    // outlives the call below: the copy that connect() makes still points to its properties
    mqtt::connect_options wanted;
    wanted.set_mqtt_version(settings.mqtt_version);
    wanted.set_keep_alive_interval(settings.keep_alive);
    wanted.set_connect_timeout(settings.connect_timeout);
    wanted.set_clean_session(false);
    wanted.set_max_inflight(in_flight_max());
    wanted.set_user_name(settings.username);
    wanted.set_password(settings.password);
    wanted.set_will(mqtt::will_options{settings.will_topic, settings.will_payload, 1, true});
    if (five()) {
        wanted.set_clean_start(false);
        wanted.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL,
                                static_cast<std::int32_t>(
                                    static_cast<std::uint32_t>(settings.session_expiry.count()))}});
    }
    if (settings.broker.tls) {
        watch_tls();
        mqtt::ssl_options tls;  // without its error handler, which would outlive what it points to
        tls.set_trust_store(settings.ca_file);
        tls.set_key_store(settings.certificate_file);
        tls.set_private_key(settings.key_file);
        tls.set_enable_server_cert_auth(true);
        tls.set_verify(true);
        wanted.set_ssl(tls);
    }
    client->connect(wanted, nullptr, connecting);
}

void Link::Core::opened(const mqtt::token& token)
{
    if (settings.tcp_nodelay) set_nodelay_towards(settings.broker.port);
    Opened event{settings.in_flight_max, 0};
    if (five()) {
        using mqtt::property;
        const auto answer = token.get_connect_response();
        const auto& said = answer.get_properties();
        if (said.contains(property::RECEIVE_MAXIMUM))
            event.in_flight_max = mqtt::get<std::uint16_t>(said, property::RECEIVE_MAXIMUM);
        if (said.contains(property::MAXIMUM_PACKET_SIZE))
            event.packet_bytes_max = mqtt::get<std::uint32_t>(said, property::MAXIMUM_PACKET_SIZE);
    }
    post(event);
}

void Link::Core::connect_failed(const mqtt::token& token)
{
    auto code = token.get_return_code();
    std::string said;
    try {
        token.get_connect_response();  // the only way to the text
    } catch (const mqtt::exception& refusal) {
        said = refusal.get_message();
    }
    const auto tls_text = settings.broker.tls ? take_tls_errors() : std::string{};
    const auto tell_failed = [this](FailureKind kind, std::string text, bool silent = false) {
        post(Failed{kind, std::move(text), silent});
    };
    if (said == "CONNACK return code") {
        tell_failed(kind_of_refusal(code), text_of_refusal(code));
    } else if (!tls_text.empty()) {
        tell_failed(FailureKind::tls, tls_text + named_tls_files(settings));
    } else if (code > 0) {  // an errno of the TCP connection
        tell_failed(FailureKind::unreachable, std::generic_category().message(code));
    } else if (said == "TCP connect timeout") {
        tell_failed(FailureKind::unreachable, "no answer");
    } else if (said != "TCP connect completion failure" && said != "socket error") {
        // Paho does not tell these apart
        std::string text = "no such host, connection refused, or no route";
        if (settings.broker.tls) {
            text +=
                "; or the broker hung up in the TLS handshake: perhaps it wants another client "
                "certificate"
                + named_tls_files(settings);
        }
        tell_failed(FailureKind::unreachable, std::move(text));
    } else if (settings.broker.tls) {
        tell_failed(FailureKind::tls,
                    "the broker hung up after the TLS handshake: perhaps it wants another client "
                    "certificate"
                        + named_tls_files(settings),
                    true);
    } else {
        tell_failed(FailureKind::unreachable, "the broker hung up instead of answering", true);
    }
}

void Link::Core::lost()
{
    post(Lost{farewell_of_broker.empty() ? "the connection broke" : farewell_of_broker});
}

void Link::Core::subscribe(const std::vector<std::string>& topics)
{
    try {
        const mqtt::iasync_client::qos_collection qos(topics.size(), 1);
        client->subscribe(mqtt::string_collection::create(topics), qos, nullptr, subscribing);
    } catch (const mqtt::exception& refusal) {
        if (refusal.get_return_code() != MQTTASYNC_DISCONNECTED)  // else Lost is on its way
            post(SubscribeRefused{refusal.what()});
    }
}

void Link::Core::subscribed(const mqtt::token& token)
{
    const auto answer = token.get_subscribe_response();
    for (const auto reason : answer.get_reason_codes()) {
        if (is_refusal(reason))
            return post(SubscribeRefused{five() ? text_of_refusal(reason) : "refused"});
    }
    post(Subscribed{});
}

void Link::Core::subscribe_failed(const mqtt::token& token)
{
    post(SubscribeRefused{five() ? text_of_refusal(token.get_reason_code()) : "refused"});
}

void Link::Core::publish(Ticket ticket, std::string topic, std::string payload, bool retained,
                         std::optional<std::chrono::seconds> expiry)
{
    mqtt::properties properties;
    if (five() && expiry) {
        const auto seconds = static_cast<std::uint32_t>(expiry->count());
        properties.add(
            {mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(seconds)});
    }
    try {
        auto message =
            mqtt::message::create(std::move(topic), std::move(payload), 1, retained, properties);
        client->publish(std::move(message), reinterpret_cast<void*>(ticket), publishing);
    } catch (const mqtt::exception& refusal) {
        const auto code = refusal.get_return_code();
        if (code == MQTTASYNC_DISCONNECTED) return;  // Lost is on its way
        post(PublishRefused{ticket, refusal.what(), code == MQTTASYNC_BAD_UTF8_STRING});
    }
}

void Link::Core::publish_failed(const mqtt::token& token)
{
    // Without a reason code it is no PUBACK: the connection ended, and Lost or Closed says so.
    const int reason = five() ? token.get_reason_code() : 0;
    if (reason == 0) return;
    post(PublishRefused{ticket_of(token), text_of_refusal(reason), is_for_good(reason)});
}

void Link::Core::arrived(const mqtt::message& message)
{
    const auto& payload = message.get_payload_str();
    const std::lock_guard lock{gate};
    if (!executor) return;
    if (inbox->waiting >= settings.downlinks_waiting_max) {
        if (inbox->dropped++ > 0) return;  // the note that is on its way counts this one too
        boost::asio::post(*executor, [weak = std::weak_ptr{tell}, held = inbox] {
            const auto count = held->dropped.exchange(0);
            if (const auto listener = weak.lock()) (*listener)(ArrivalsDropped{count});
        });
        return;
    }
    auto event = Arrived{message.get_topic(), {}, payload.size()};
    if (payload.size() <= settings.downlink_bytes_max) event.payload = payload;
    ++inbox->waiting;
    boost::asio::post(
        *executor, [weak = std::weak_ptr{tell}, held = inbox, event = std::move(event)]() mutable {
            --held->waiting;
            if (const auto listener = weak.lock()) (*listener)(std::move(event));
        });
}

void Link::Core::close()
{
    try {
        client->disconnect(0, nullptr, closing);
    } catch (const mqtt::exception&) {
        post(Closed{});
    }
}

Link::Link(boost::asio::any_io_executor executor, PahoThread& paho, LinkSettings settings,
           std::function<void(LinkEvent)> tell)
    : core_{std::make_shared<Core>(std::move(settings))}, paho_{paho}
{
    core_->executor = std::move(executor);
    core_->tell = std::make_shared<std::function<void(LinkEvent)>>(std::move(tell));
}

Link::~Link()
{
    {
        const std::lock_guard lock{core_->gate};
        core_->executor.reset();
        core_->tell.reset();
    }
    paho_.post([core = std::move(core_)] { core->client.reset(); });
}

void Link::open()
{
    paho_.post([core = core_] { core->open(); });
}

void Link::subscribe(std::vector<std::string> topics)
{
    paho_.post([core = core_, topics = std::move(topics)] { core->subscribe(topics); });
}

void Link::publish(Ticket ticket, std::string topic, std::string payload, bool retained,
                   std::optional<std::chrono::seconds> expiry)
{
    paho_.post([core = core_, ticket, topic = std::move(topic), payload = std::move(payload),
                retained, expiry]() mutable {
        core->publish(ticket, std::move(topic), std::move(payload), retained, expiry);
    });
}

void Link::close()
{
    paho_.post([core = core_] { core->close(); });
}

}  // namespace raiten::sync
