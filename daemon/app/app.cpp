#include "daemon/app/app.hpp"

#include "daemon/app/clock.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/app/notify.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/app/version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <csignal>

namespace raiten::app {

namespace net = boost::asio;

// ---- opening ----------------------------------------------------------------------------------

Result<std::unique_ptr<App>> App::open(std::string config_file, Settings settings,
                                       const Places& places)
{
    auto pseudonyms = Pseudonyms::open(settings, places);
    if (!pseudonyms) return pseudonyms.error();
    const auto clock = make_store_clock(settings.store.timezone, settings.store.day_start);
    if (!clock) return clock.error();
    std::unique_ptr<App> app{new App{std::move(config_file), std::move(settings), places,
                                     std::move(pseudonyms.value()), clock.value()}};
    if (const auto good = app->open_ledger(); !good) return good.error();
    app->open_courier();
    if (const auto good = app->open_house(); !good) return good.error();
    if (const auto good = app->listen(); !good) return good.error();
    return app;
}

App::App(std::string config_file, Settings settings, const Places& places, Pseudonyms pseudonyms,
         StoreClock clock)
    : config_file_{std::move(config_file)},
      settings_{std::move(settings)},
      places_{places},
      pseudonyms_{std::move(pseudonyms)},
      tokens_{settings_.http.tokens_file},
      sender_{settings_.store.tenant, settings_.store.store,   settings_.store.device, 0,
              std::move(clock),       settings_.store.currency},
      started_at_{wall_now()}
{
}

App::~App() = default;

Result<void> App::open_ledger()
{
    ledger::Ledger::Options options;
    options.path = settings_.ledger.path;
    options.store = sender_.tenant + "/" + sender_.store + "/" + sender_.device;
    options.horizon.amendable = settings_.visits.late_receipt + settings_.visits.max_visit;
    options.retention.journal = settings_.ledger.retention_presence;
    options.retention.visits = settings_.ledger.retention_visits;
    options.retention.coupons = settings_.ledger.retention_decisions;
    options.commit.linger = settings_.ledger.commit_interval;
    auto opened = ledger::Ledger::open(std::move(options), [this](std::function<void()> call) {
        net::post(io_, std::move(call));
    });
    if (!opened) return opened.error();
    ledger_ = std::move(opened.value());
    sender_.epoch = ledger_->epoch();
    return {};
}

Result<void> App::open_house()
{
    Shop::Setup setup;
    setup.sender = sender_;
    setup.hq = courier_.has_value();
    setup.hq_events = settings_.mqtt.events;
    setup.engine.rules = settings_.visits;
    setup.engine.clock = sender_.clock;
    setup.engine.seed = pseudonyms_.derive_seed();
    setup.engine.tenant_seed = pseudonyms_.derive_seed(control_groups);
    setup.engine.sketch_key = {pseudonyms_.derive_seed("raiten sketch v1"),
                               pseudonyms_.derive_seed("raiten sketch v1, second half")};
    setup.engine.currency = settings_.store.currency;
    setup.engine.k_anonymity = settings_.figures.k_anonymity;
    for (const auto& reader : settings_.readers)
        setup.engine.readers.push_back({reader.name, reader.zone, reader.passive, reader.hears});
    load_campaigns_into(setup.engine.campaigns);
    setup.engine.campaign_rules = settings_.campaigns.rules();

    Shop::Callbacks on;
    on.publish = [this](const Shop::Told& told) { publish(told); };
    on.noted = [this](const Effect& effect) { today_->note(effect); };
    on.outbox_grew = [this](Lane lane) {
        if (courier_) courier_->outbox_grew(lane);
    };
    on.trouble = [](const Problem& problem) {
        log::problem(log::Level::error, "ledger.lost", problem);
    };
    on.applied = [this] { wait_for_time(); };
    shop_.emplace(std::move(setup), pseudonyms_, segments_, ledger_.get(), std::move(on));
    const auto resumed = shop_->resume();
    if (!resumed) return resumed.error();
    log::info("engine.resumed", {{"whole", resumed->whole}});
    if (resumed->refused)
        log::problem(log::Level::warning, "engine.state_refused", *resumed->refused);
    event_time_ = shop_->engine().now();
    today_.emplace(sender_.clock);
    if (const auto counted = today_->recall(*ledger_, now()); !counted) return counted.error();

    member_desk_ = std::make_unique<MemberDesk>(io_.get_executor(), settings_.ledger.path,
                                                settings_.kpi, sender_.currency, sender_.clock,
                                                insight_ground(settings_), settings_.visits);

    if (const auto good = open_nights(); !good) return good;

    Readers::Callbacks hear;
    hear.event = [this](const RawEvent& event, const std::function<void()>& durable) {
        take(event, durable);
    };
    hear.random = [this] { return std::uniform_real_distribution<>{}(dice_); };
    readers_.emplace(io_.get_executor(), settings_, places_, sender_.clock, std::move(hear));
    return {};
}

Result<void> App::listen()
{
    http::EventStream::Backlog backlog =
        [this](std::uint64_t after,
               std::size_t most) -> net::awaitable<std::vector<http::EventStream::Message>> {
        std::vector<http::EventStream::Message> messages;
        const auto rows = ledger_->stream_after(after, most);
        if (rows)
            for (const auto& row : rows.value())
                messages.push_back({row.cursor, row.type, row.json});
        co_return messages;
    };
    stream_ = std::make_shared<http::EventStream>(io_.get_executor(), http::EventStream::Limits{},
                                                  std::move(backlog), shop_->newest_cursor());

    auto doors = make_webhook_doors(settings_, places_);
    if (!doors) return doors.error();
    webhook_doors_ = std::move(*doors);
    auto parts = std::make_shared<ApiParts>(ApiParts{
        io_.get_executor(), settings_, *shop_, *ledger_, *readers_, *today_, *member_desk_,
        campaigns_, stream_,
        [this](const RawEvent& event, const Shop::Done& done) { admit(event, done); },
        [this] { return now(); }, [this] { ++refused_; },
        [this](std::string_view token) -> std::optional<http::Role> {
            const auto holder = tokens_.authenticate(token);
            return holder ? http::role_named(holder->role) : std::nullopt;
        },
        [this] { return status(); }, [this] { return metrics(); }, [this] { return not_ready(); },
        [this](std::string_view reader) -> const WebhookDoor* {
            const auto found =
                std::find_if(webhook_doors_.begin(), webhook_doors_.end(),
                             [&](const auto& door) { return door.reader == reader; });
            return found == webhook_doors_.end() ? nullptr : &*found;
        }});

    http::ServerOptions options;
    options.limits.connections_max = settings_.http.connections_max;
    options.limits.handler_max = settings_.http.request_timeout;
    options.host_names = settings_.http.names;
    options.authenticate = parts->role_of;
    options.idempotency = std::make_shared<http::IdempotencyStore>(
        io_.get_executor(), http::IdempotencyStore::Limits{}, [] {
            return std::chrono::duration_cast<Millis>(
                std::chrono::steady_clock::now().time_since_epoch());
        });
    options.report = [](const Problem& problem) {
        log::problem(log::Level::error, "http.failed", problem);
    };
    server_.emplace(io_.get_executor(), std::move(options), make_routes(parts));

    auto protection = http::Server::Protection::plain;
    if (!settings_.http.certificate.empty()) {
        protection = http::Server::Protection::tls;
        const auto loaded = server_->load_tls(settings_.http.certificate, settings_.http.key);
        if (!loaded) return loaded.error();
    }
    const auto& at = settings_.http.listen;
    const auto port = server_->listen_tcp(at.host, at.port, protection);
    if (!port) return port.error();
    log::info("http.listening", {{"address", HostPort{at.host, port.value()}.text()},
                                 {"tls", protection == http::Server::Protection::tls}});
    if (settings_.http.socket.empty()) return {};
    return server_->listen_local(settings_.http.socket);
}

void App::open_courier()
{
    const auto& mqtt = settings_.mqtt;
    if (mqtt.brokers.empty()) return;
    sync::CourierSettings courier;
    courier.brokers = mqtt.brokers;
    courier.tenant = sender_.tenant;
    courier.store = sender_.store;
    courier.device = sender_.device;
    courier.client_id = mqtt.client_id;
    courier.epoch = sender_.epoch;
    courier.session = ledger_->session();
    courier.username = mqtt.username;
    courier.ca_file = mqtt.ca;
    courier.certificate_file = mqtt.certificate;
    courier.key_file = mqtt.key;
    courier.hq_ack = mqtt.hq_ack;
    courier.keep_alive = std::chrono::duration_cast<std::chrono::seconds>(mqtt.keep_alive);
    courier.window = mqtt.window;
    if (mqtt.protocol == "5") courier.protocol = sync::Protocol::v5_only;
    if (mqtt.protocol == "3.1.1") courier.protocol = sync::Protocol::v311_only;
    if (!mqtt.password.empty()) {
        const auto password = read_secret(mqtt.password, places_);
        if (!password) return log::problem(log::Level::error, "mqtt.off", password.error());
        courier.password = std::string{password.value().bytes()};
    }
    if (const auto good = courier.check(); !good)
        return log::problem(log::Level::error, "mqtt.off", good.error());

    sync::CourierCallbacks on;
    on.status = [this](const sync::StatusNote& note) {
        return status_envelope(sender_, wall_now(), note.online, note.session, note.connection,
                               version);
    };
    on.now = &wall_now;
    on.random = [this] { return std::uniform_real_distribution<>{}(dice_); };
    on.changed = [this] {
        const auto state = courier_->state();
        log::info("mqtt.phase", {{"phase", sync::name(state.phase)},
                                 {"broker", state.broker},
                                 {"reason", state.reason}});
    };
    outbox_.emplace(*ledger_, sender_);
    courier_.emplace(io_.get_executor(), std::move(courier), *outbox_, std::move(on));
}

// ---- running ----------------------------------------------------------------------------------

int App::run()
{
    wait_for_signals();
    pretend_nobody_listened();
    for (const auto& problem : readers_->start())
        log::problem(log::Level::error, "reader.off", problem);
    if (courier_) courier_->start();
    wait_for_time();
    wait_for_minute();
    wait_for_watchdog();
    log::info("raitend.ready", {{"version", version},
                                {"store", sender_.store},
                                {"device", sender_.device},
                                {"epoch", sender_.epoch},
                                {"readers", settings_.readers.size()}});
    notify::ready("running");
    io_.run();
    ledger_->stop();
    return exit_code_;
}

/// While this did not run, no reader listened: visits freeze until their readers are back.
void App::pretend_nobody_listened()
{
    if (settings_.engine.from_events) return;
    const auto last = ledger_->engine_time();
    const Instant since = last == Instant{} ? wall_now() : last;
    const auto tell = [](const Result<Answer>& answer) {
        if (!answer) log::problem(log::Level::warning, "event.refused", answer.error());
    };
    // Received then, not now: else all that fell due in between would fire before it is known.
    for (const auto& reader : settings_.readers)
        if (reader.passive)
            shop_->admit({since, {}, RawReaderState{reader.name, false, "not running"}}, since,
                         tell);
}

Instant App::now()
{
    return settings_.engine.from_events ? std::max(event_time_, shop_->engine().now()) : wall_now();
}

Instant App::received_at(const RawEvent& event)
{
    if (!settings_.engine.from_events) return wall_now();
    event_time_ = std::max(event_time_, event.at.value_or(event_time_));
    return event.received_at.value_or(event_time_);
}

void App::take(const RawEvent& event, const std::function<void()>& durable)
{
    // Devices live by the wall clock, recorded events by their own.
    if (settings_.engine.from_events) return;
    // A refusal comes at once, and asking again would not help. Later only the ledger gives up:
    // then nothing is durable, and the device must keep what it has.
    const auto at_once = std::make_shared<bool>(true);
    shop_->admit(event, wall_now(), [this, durable, at_once](const Result<Answer>& answer) {
        if (!answer) {
            ++refused_;
            log::problem(log::Level::warning, "event.refused", answer.error());
        }
        if (durable && (answer || *at_once)) durable();
    });
    *at_once = false;
}

void App::publish(const Shop::Told& told)
{
    stream_->publish(told.cursor, told.type, told.json);
    log::debug("effect", {{"type", told.type}, {"cursor", told.cursor}});
}

void App::wait_for_time()
{
    if (settings_.engine.from_events || stopping_) return;
    const auto due = shop_->engine().next_due();
    if (!due || time_due_ == due) return;
    time_due_ = due;
    // The wall clock may be set at any time, so a long sleep is cut into seconds.
    const Millis away = std::clamp<Millis>(*due + Millis{1} - wall_now(), Millis{0}, Millis{1000});
    time_timer_.expires_after(away);
    time_timer_.async_wait([this](const boost::system::error_code& ec) {
        if (ec) return;
        time_due_.reset();
        shop_->tick(wall_now());
    });
}

void App::wait_for_minute()
{
    minute_timer_.expires_after(std::chrono::minutes{1});
    minute_timer_.async_wait([this](const boost::system::error_code& ec) {
        if (ec) return;
        if (!settings_.engine.from_events) shop_->tick(wall_now());
        shop_->checkpoint();
        prune();
        look_for_night();
        log::sweep();
        wait_for_minute();
    });
}

void App::prune()
{
    ledger_->prune(shop_->engine().now(), [this](const Result<std::uint64_t>& gone) {
        if (!gone) return log::problem(log::Level::error, "ledger.prune", gone.error());
        if (gone.value() > 0 && !stopping_) prune();
    });
}

void App::wait_for_watchdog()
{
    const auto interval = notify::watchdog_interval();
    if (!interval) return;
    notify::watchdog();
    watchdog_timer_.expires_after(*interval / 2);
    watchdog_timer_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) wait_for_watchdog();
    });
}

void App::wait_for_signals()
{
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
    signals_.async_wait([this](const boost::system::error_code& ec, int number) {
        if (ec) return;
        if (number == SIGHUP) {
            reload();
            return wait_for_signals();
        }
        log::info("raitend.stopping", {{"signal", number}});
        notify::stopping("stopping");
        auto rethrow = [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        };
        net::co_spawn(io_, stop(), std::move(rethrow));
    });
}

void App::reload()
{
    notify::reloading();
    const auto read = load_settings(config_file_);
    for (const auto& problem : read.problems)
        log::problem(log::Level::error, "config.refused", problem);
    if (read.problems.empty()) {
        const auto change = difference(settings_, read.settings);
        for (const auto& key : change.live) log::info("config.changed", {{"key", key}});
        for (const auto& key : change.restart) log::warning("config.needs_restart", {{"key", key}});
        settings_.store.languages = read.settings.store.languages;
        settings_.campaigns.dir = read.settings.campaigns.dir;
        settings_.log = read.settings.log;
        log::start(log::level_of(settings_.log.level), log::format_of(settings_.log.format));
    }
    std::vector<Campaign> campaigns;
    load_campaigns_into(campaigns);
    shop_->engine().replace_campaigns(std::move(campaigns));
    if (!settings_.http.certificate.empty()) {
        const auto loaded = server_->load_tls(settings_.http.certificate, settings_.http.key);
        if (!loaded) log::problem(log::Level::error, "http.tls", loaded.error());
    }
    notify::ready("running");
}

net::awaitable<void> App::stop()
{
    stopping_ = true;
    time_timer_.cancel();
    minute_timer_.cancel();
    end_nights();
    readers_->stop();
    stream_->stop();
    constexpr std::chrono::seconds grace{3};
    co_await server_->drain(grace);
    shop_->checkpoint();
    if (courier_) {
        courier_->stop([this] { finish(); });
    } else {
        finish();
    }
}

void App::finish()
{
    watchdog_timer_.cancel();
    // Last of all: what is committed after it would make it worthless.
    if (const auto left = shop_->leave_state(); !left)
        log::problem(log::Level::warning, "engine.state_left_out", left.error());
    ledger_->stop();
    net::post(io_, [this] { io_.stop(); });
}

}  // namespace raiten::app
