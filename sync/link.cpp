#include "sync/link.hpp"

#include "sync/nodelay.hpp"

#include <MQTTAsync.h>
#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

namespace raiten::sync {

namespace {

constexpr std::size_t tls_text_bytes_max = 500;
constexpr int refused_filter_311 = 0x80;
constexpr std::size_t housekeeping_in_flight = 4;  // birth, farewell, subscriptions

/// Messages between Paho and the loop: a flood ends here, not in memory.
struct Inbox {
    std::atomic<std::size_t> waiting{};
    std::atomic<std::size_t> dropped{};
};

/// CONNACK codes of 3.1.1 are 1 to 5, those of MQTT 5 begin at 0x80.
FailureKind kind_of_refusal(int code)
{
    switch (code) {
        case 1:
        case MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION:
            return FailureKind::refused_protocol;
        case 4:
        case 5:
        case MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD:
        case MQTTREASONCODE_NOT_AUTHORIZED:
        case MQTTREASONCODE_BANNED:
        case MQTTREASONCODE_BAD_AUTHENTICATION_METHOD:
            return FailureKind::refused_credentials;
        default:
            return FailureKind::refused;
    }
}

std::string text_of_refusal(int code)
{
    static constexpr std::array<const char*, 6> texts_311{"",
                                                          "unacceptable protocol version",
                                                          "client id refused",
                                                          "server unavailable",
                                                          "bad user name or password",
                                                          "not authorized"};
    if (code > 0 && code < 6) return texts_311[static_cast<std::size_t>(code)];
    const auto* known = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(code));
    return known ? known : "reason code " + std::to_string(code);
}

bool is_for_good(int reason)
{
    return reason == MQTTREASONCODE_PACKET_TOO_LARGE
           || reason == MQTTREASONCODE_PAYLOAD_FORMAT_INVALID
           || reason == MQTTREASONCODE_TOPIC_NAME_INVALID;
}

std::string paho_error(int code)
{
    const auto* text = MQTTAsync_strerror(code);
    return (text ? std::string{text} : "error") + " (" + std::to_string(code) + ")";
}

}  // namespace

std::string_view name(FailureKind kind)
{
    constexpr std::array<std::string_view, failure_kinds> names{
        "unreachable", "tls",  "refused_protocol", "refused_credentials",
        "refused",     "lost", "refused_message"};
    return names[static_cast<std::size_t>(kind)];
}

// Lifetimes. Paho calls back under its global lock, and MQTTAsync_destroy takes that lock and takes
// the client off the list: after it no callback of this client runs. So the job that destroys holds
// the Core until then, and Paho may be given plain pointers to it. `gate` is what ~Link closes: a
// callback posts only while it is open, so the executor is not touched after ~Link has returned.
struct Link::Core {
    struct Slot {
        Core* core{};
        std::uint64_t ticket{};
    };

    explicit Core(LinkSettings chosen) : settings{std::move(chosen)} {}

    LinkSettings settings;

    std::mutex gate;
    std::optional<boost::asio::any_io_executor> executor;
    std::shared_ptr<std::function<void(LinkEvent)>> tell;
    std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
    std::vector<std::unique_ptr<Slot>> slots;  // bounded by what Paho accepts to buffer
    std::vector<Slot*> slots_free;

    // Only on Paho's threads, which take turns.
    std::string uri;
    std::string tls_text;
    std::string farewell_of_broker;
    int subscriptions{};
    MQTTAsync client{};

    bool five() const { return settings.mqtt_version >= MQTTVERSION_5; }

    void post(LinkEvent event)
    {
        const std::lock_guard lock{gate};
        if (!executor) return;
        boost::asio::post(*executor,
                          [weak = std::weak_ptr{tell}, event = std::move(event)]() mutable {
                              // kept for the call: the listener may destroy the link
                              if (const auto listener = weak.lock()) (*listener)(std::move(event));
                          });
    }

    Slot* take_slot(std::uint64_t ticket)
    {
        const std::lock_guard lock{gate};
        if (slots_free.empty()) {
            slots.push_back(std::make_unique<Slot>());
            slots_free.push_back(slots.back().get());
        }
        auto* slot = slots_free.back();
        slots_free.pop_back();
        *slot = Slot{this, ticket};
        return slot;
    }

    std::uint64_t give_back(Slot* slot)
    {
        const std::lock_guard lock{gate};
        slots_free.push_back(slot);
        return slot->ticket;
    }

    bool create();
    void open();
    void connect_tcp();
    void opened(const MQTTProperties* properties);
    void connect_failed(int code, const char* message);
    void subscribe(const std::vector<std::string>& topics);
    void publish(std::uint64_t ticket, const std::string& topic, const std::string& payload,
                 bool retained, std::optional<std::chrono::seconds> expiry);
    void publish_failed(Slot* slot, int reason);
    void arrived(std::string_view topic, std::string_view payload);
    void close();
    void destroy();
};

namespace {

/// Which of the TLS files cannot be read, if any.
std::string unreadable(const LinkSettings& settings)
{
    for (const auto& [what, file] : {std::pair{"CA file", &settings.ca_file},
                                     {"client certificate", &settings.certificate_file},
                                     {"key", &settings.key_file}}) {
        if (!file->empty() && !std::ifstream{*file}.good())
            return std::string{"cannot read the "} + what + " " + *file;
    }
    return {};
}

std::string named_files(const LinkSettings& settings)
{
    std::string text = " (CA " + settings.ca_file;
    if (!settings.certificate_file.empty()) {
        text += ", certificate " + settings.certificate_file + ", key " + settings.key_file;
    }
    return text + ")";
}

}  // namespace

bool Link::Core::create()
{
    uri = (settings.broker.tls ? "ssl://" : "tcp://") + settings.broker.host + ":"
          + std::to_string(settings.broker.port);
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    create.MQTTVersion = settings.mqtt_version;
    create.maxBufferedMessages = static_cast<int>(settings.in_flight_max + housekeeping_in_flight);
    const auto code = MQTTAsync_createWithOptions(&client, uri.c_str(), settings.client_id.c_str(),
                                                  MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create);
    if (code != MQTTASYNC_SUCCESS) {
        post(Failed{FailureKind::refused, "Paho refuses: " + paho_error(code), false});
        return false;
    }
    MQTTAsync_setConnectionLostCallback(client, this, [](void* context, char*) {
        auto* self = static_cast<Link::Core*>(context);
        self->post(Lost{self->farewell_of_broker.empty() ? "the connection broke"
                                                         : self->farewell_of_broker});
    });
    MQTTAsync_setMessageArrivedCallback(
        client, this, [](void* context, char* topic, int topic_bytes, MQTTAsync_message* message) {
            const auto length =
                topic_bytes > 0 ? static_cast<std::size_t>(topic_bytes) : std::strlen(topic);
            const std::string_view payload{static_cast<const char*>(message->payload),
                                           static_cast<std::size_t>(message->payloadlen)};
            static_cast<Link::Core*>(context)->arrived({topic, length}, payload);
            MQTTAsync_freeMessage(&message);
            MQTTAsync_free(topic);
            return 1;
        });
    MQTTAsync_setDisconnected(
        client, this, [](void* context, MQTTProperties*, MQTTReasonCodes reason) {
            static_cast<Link::Core*>(context)->farewell_of_broker =
                "the broker closed the connection: " + text_of_refusal(reason);
        });
    return true;
}

void Link::Core::open()
{
    if (settings.broker.tls) {
        if (auto problem = unreadable(settings); !problem.empty()) {
            post(Failed{FailureKind::tls, std::move(problem), false});
            return;
        }
    }
    if (create()) connect_tcp();
}

void Link::Core::connect_tcp()
{
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.topicName = settings.will_topic.c_str();
    will.payload.data = settings.will_payload.data();
    will.payload.len = static_cast<int>(settings.will_payload.size());
    will.retained = 1;
    will.qos = 1;

    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    const auto or_null = [](const std::string& text) {
        return text.empty() ? nullptr : text.c_str();
    };
    tls.trustStore = or_null(settings.ca_file);
    tls.keyStore = or_null(settings.certificate_file);
    tls.privateKey = or_null(settings.key_file);
    tls.enableServerCertAuth = 1;
    tls.verify = 1;
    tls.ssl_error_context = this;
    tls.ssl_error_cb = [](const char* text, std::size_t bytes, void* context) {
        auto& all = static_cast<Link::Core*>(context)->tls_text;
        if (all.size() + bytes < tls_text_bytes_max) all.append(text, bytes);
        return 1;
    };

    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
    connect.MQTTVersion = settings.mqtt_version;
    connect.keepAliveInterval = static_cast<int>(settings.keep_alive.count());
    connect.connectTimeout = static_cast<int>(settings.connect_timeout.count());
    connect.cleansession = 0;
    connect.cleanstart = 0;
    connect.maxInflight = static_cast<int>(settings.in_flight_max + housekeeping_in_flight);
    connect.will = &will;
    connect.username = or_null(settings.username);
    connect.password = or_null(settings.password);
    if (settings.broker.tls) connect.ssl = &tls;
    connect.context = this;

    MQTTProperties properties = MQTTProperties_initializer;
    if (five()) {
        MQTTProperty expiry{};
        expiry.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
        expiry.value.integer4 = static_cast<unsigned>(settings.session_expiry.count());
        MQTTProperties_add(&properties, &expiry);
        connect.connectProperties = &properties;
        connect.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
            static_cast<Link::Core*>(context)->opened(&data->properties);
        };
        connect.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
            static_cast<Link::Core*>(context)->connect_failed(data->code, data->message);
        };
    } else {
        connect.onSuccess = [](void* context, MQTTAsync_successData*) {
            static_cast<Link::Core*>(context)->opened(nullptr);
        };
        connect.onFailure = [](void* context, MQTTAsync_failureData* data) {
            static_cast<Link::Core*>(context)->connect_failed(data->code, data->message);
        };
    }
    const auto code = MQTTAsync_connect(client, &connect);
    MQTTProperties_free(&properties);
    if (code != MQTTASYNC_SUCCESS)
        post(Failed{FailureKind::refused, "Paho refuses: " + paho_error(code), false});
}

void Link::Core::opened(const MQTTProperties* properties)
{
    set_nodelay_towards(settings.broker.port);
    Opened event{settings.in_flight_max, 0};
    auto* held = const_cast<MQTTProperties*>(properties);  // Paho's readers are not const
    if (held && MQTTProperties_hasProperty(held, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)) {
        event.in_flight_max = static_cast<std::size_t>(
            MQTTProperties_getNumericValue(held, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM));
    }
    if (held && MQTTProperties_hasProperty(held, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE)) {
        event.packet_bytes_max = static_cast<std::size_t>(
            MQTTProperties_getNumericValue(held, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE));
    }
    post(event);
}

void Link::Core::connect_failed(int code, const char* message)
{
    const std::string_view said = message ? message : "";
    if (said == "CONNACK return code") {
        post(Failed{kind_of_refusal(code), text_of_refusal(code), false});
    } else if (!tls_text.empty()) {
        post(Failed{FailureKind::tls, tls_text + named_files(settings), false});
    } else if (code > 0) {  // an errno of the TCP connection
        post(Failed{FailureKind::unreachable, std::generic_category().message(code), false});
    } else if (said == "TCP connect timeout") {
        post(Failed{FailureKind::unreachable, "no answer", false});
    } else if (said != "TCP connect completion failure" && said != "socket error") {
        // Paho does not tell these apart
        std::string text = "no such host, connection refused, or no route";
        if (settings.broker.tls) {
            text +=
                "; or the broker hung up in the TLS handshake: perhaps it wants another client "
                "certificate"
                + named_files(settings);
        }
        post(Failed{FailureKind::unreachable, std::move(text), false});
    } else if (settings.broker.tls) {
        post(Failed{FailureKind::tls,
                    "the broker hung up after the TLS handshake: perhaps it wants another client "
                    "certificate"
                        + named_files(settings),
                    true});
    } else {
        post(Failed{FailureKind::unreachable, "the broker hung up instead of answering", true});
    }
}

void Link::Core::subscribe(const std::vector<std::string>& topics)
{
    std::vector<char*> names;
    for (const auto& topic : topics) names.push_back(const_cast<char*>(topic.c_str()));
    std::vector<int> qos(topics.size(), 1);
    std::vector<MQTTSubscribe_options> options(topics.size(), MQTTSubscribe_options_initializer);

    subscriptions = static_cast<int>(topics.size());
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = this;
    response.subscribeOptionsCount = static_cast<int>(options.size());
    response.subscribeOptionsList = options.data();
    if (options.size() == 1) response.subscribeOptions = options.front();
    if (five()) {
        response.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
            auto* self = static_cast<Link::Core*>(context);
            for (int i = 0; data->alt.sub.reasonCodeCount > 1 && i < data->alt.sub.reasonCodeCount;
                 ++i) {
                const auto reason = data->alt.sub.reasonCodes[i];
                if (reason >= MQTTREASONCODE_UNSPECIFIED_ERROR)
                    return self->post(SubscribeRefused{text_of_refusal(reason)});
            }
            self->post(Subscribed{});
        };
        response.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
            static_cast<Link::Core*>(context)->post(
                SubscribeRefused{text_of_refusal(data->reasonCode)});
        };
    } else {
        response.onSuccess = [](void* context, MQTTAsync_successData* data) {
            auto* self = static_cast<Link::Core*>(context);
            for (int i = 0; self->subscriptions > 1 && i < self->subscriptions; ++i) {
                if (data->alt.qosList[i] == refused_filter_311)
                    return self->post(SubscribeRefused{"refused"});
            }
            self->post(Subscribed{});
        };
        response.onFailure = [](void* context, MQTTAsync_failureData*) {
            static_cast<Link::Core*>(context)->post(SubscribeRefused{"refused"});
        };
    }
    const auto code = MQTTAsync_subscribeMany(client, static_cast<int>(names.size()), names.data(),
                                              qos.data(), &response);
    if (code != MQTTASYNC_SUCCESS && code != MQTTASYNC_DISCONNECTED)
        post(SubscribeRefused{paho_error(code)});
}

void Link::Core::publish(std::uint64_t ticket, const std::string& topic, const std::string& payload,
                         bool retained, std::optional<std::chrono::seconds> expiry)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = const_cast<char*>(payload.data());
    message.payloadlen = static_cast<int>(payload.size());
    message.qos = 1;
    message.retained = retained;

    auto* slot = take_slot(ticket);
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = slot;
    if (five()) {
        response.onSuccess5 = [](void* context, MQTTAsync_successData5*) {
            auto* mine = static_cast<Slot*>(context);
            auto* self = mine->core;
            self->post(Published{self->give_back(mine)});
        };
        response.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
            auto* mine = static_cast<Slot*>(context);
            mine->core->publish_failed(mine, data->reasonCode);
        };
    } else {
        response.onSuccess = [](void* context, MQTTAsync_successData*) {
            auto* mine = static_cast<Slot*>(context);
            auto* self = mine->core;
            self->post(Published{self->give_back(mine)});
        };
        response.onFailure = [](void* context, MQTTAsync_failureData*) {
            auto* mine = static_cast<Slot*>(context);
            mine->core->publish_failed(mine, 0);
        };
    }
    if (five() && expiry) {
        MQTTProperty property{};
        property.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL;
        property.value.integer4 = static_cast<unsigned>(expiry->count());
        MQTTProperties_add(&message.properties, &property);
    }
    const auto code = MQTTAsync_sendMessage(client, topic.c_str(), &message, &response);
    MQTTProperties_free(&message.properties);
    if (code == MQTTASYNC_SUCCESS) return;
    if (code == MQTTASYNC_DISCONNECTED) {  // Lost is on its way
        give_back(slot);
        return;
    }
    post(PublishRefused{give_back(slot), paho_error(code), code == MQTTASYNC_BAD_UTF8_STRING});
}

void Link::Core::publish_failed(Slot* slot, int reason)
{
    const auto ticket = give_back(slot);
    // Without a reason code it is no PUBACK: the connection ended, and Lost or Closed says so.
    if (reason == 0) return;
    post(PublishRefused{ticket, text_of_refusal(reason), is_for_good(reason)});
}

void Link::Core::arrived(std::string_view topic, std::string_view payload)
{
    const std::lock_guard lock{gate};
    if (!executor) return;
    auto event = Arrived{std::string{topic}, {}, payload.size()};
    if (inbox->waiting >= settings.downlinks_waiting_max) {
        if (inbox->dropped++ > 0) return;  // the note that is on its way counts this one too
        boost::asio::post(*executor, [weak = std::weak_ptr{tell}, held = inbox] {
            const auto count = held->dropped.exchange(0);
            if (const auto listener = weak.lock()) (*listener)(ArrivalsDropped{count});
        });
        return;
    }
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
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.context = this;
    if (five()) {
        options.onSuccess5 = [](void* context, MQTTAsync_successData5*) {
            static_cast<Link::Core*>(context)->post(Closed{});
        };
    } else {
        options.onSuccess = [](void* context, MQTTAsync_successData*) {
            static_cast<Link::Core*>(context)->post(Closed{});
        };
    }
    if (!client || MQTTAsync_disconnect(client, &options) != MQTTASYNC_SUCCESS) post(Closed{});
}

void Link::Core::destroy()
{
    if (client) MQTTAsync_destroy(&client);
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
    paho_.post([core = std::move(core_)] { core->destroy(); });
}

void Link::open()
{
    paho_.post([core = core_] { core->open(); });
}

void Link::subscribe(std::vector<std::string> topics)
{
    paho_.post([core = core_, topics = std::move(topics)] { core->subscribe(topics); });
}

void Link::publish(std::uint64_t ticket, std::string topic, std::string payload, bool retained,
                   std::optional<std::chrono::seconds> expiry)
{
    paho_.post([core = core_, ticket, topic = std::move(topic), payload = std::move(payload),
                retained, expiry] { core->publish(ticket, topic, payload, retained, expiry); });
}

void Link::close()
{
    paho_.post([core = core_] { core->close(); });
}

}  // namespace raiten::sync
