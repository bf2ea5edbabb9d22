#include "tests/sim/daemon.hpp"

#include "tests/sim/head_office.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace raiten::sim {

Result<std::unique_ptr<Daemon>> Daemon::start(const World& world, std::uint64_t dice)
{
    auto pseudonyms =
        app::Pseudonyms::make(app::Secret{std::string(app::token_key_bytes, 'k')}, 64);
    if (!pseudonyms) return pseudonyms.error();
    std::unique_ptr<Daemon> daemon{new Daemon{world, dice, std::move(pseudonyms.value())}};
    if (const auto opened = daemon->open(); !opened) return opened.error();
    return daemon;
}

Daemon::Daemon(const World& world, std::uint64_t dice, app::Pseudonyms pseudonyms)
    : world_{world},
      dice_{dice},
      pseudonyms_{std::move(pseudonyms)},
      sender_{
          std::string{sim_tenant}, std::string{sim_store}, std::string{sim_device}, 0, {}, "JPY"}
{
}

/// As if killed: the disk refuses whatever is still under way.
Daemon::~Daemon()
{
    *alive_ = false;
    world_.disk.disown();
    courier_.reset();
    outbox_.reset();
    shop_.reset();
    ledger_.reset();
}

// ---- opening -----------------------------------------------------------------------------------

Result<void> Daemon::open()
{
    ledger::Ledger::Options options;
    options.path = world_.path;
    options.store = sender_.tenant + "/" + sender_.store + "/" + sender_.device;
    options.epoch = 7;
    options.commit.own_thread = false;
    options.commit.wal_pages_max = 200;  // so that the log is moved often
    auto opened = ledger::Ledger::open(
        std::move(options), [this](std::function<void()> call) { post(std::move(call)); });
    if (!opened) return opened.error();
    ledger_ = std::move(opened.value());
    sender_.epoch = ledger_->epoch();
    open_courier();
    if (const auto good = open_shop(); !good) return good;
    pretend_nobody_listened();
    courier_->start();
    wait_for_time();
    after(std::chrono::minutes{1}, &Daemon::minute_is_up);
    return {};
}

Result<void> Daemon::open_shop()
{
    app::Shop::Setup setup;
    setup.sender = sender_;
    setup.hq = true;
    setup.hq_events = world_.hq_events;
    setup.engine.clock = sender_.clock;
    setup.engine.seed = pseudonyms_.derive_seed();
    setup.engine.campaigns = world_.campaigns;
    for (const auto& reader : world_.passive_readers)
        setup.engine.readers.push_back({reader, reader, true, bluetooth_kinds});
    setup.engine.readers.push_back({"desk", "floor", false, {}});

    app::Shop::Callbacks on;
    on.publish = world_.published;
    on.outbox_grew = [this](Lane lane) { courier_->outbox_grew(lane); };
    on.trouble = world_.trouble;
    on.applied = [this] { wait_for_time(); };
    shop_.emplace(std::move(setup), pseudonyms_, segments_, ledger_.get(), std::move(on));
    const auto resumed = shop_->resume();
    if (!resumed) return resumed.error();
    whole_ = resumed->whole;
    return {};
}

void Daemon::open_courier()
{
    sync::CourierSettings settings;
    settings.brokers = {"mqtt://hq"};
    settings.tenant = sim_tenant;
    settings.store = sim_store;
    settings.device = sim_device;
    settings.epoch = sender_.epoch;
    settings.session = ledger_->session();
    settings.hq_ack = world_.hq_ack;
    if (const auto good = settings.check(); !good) throw Broken{good.error().text()};

    sync::CourierCallbacks on;
    on.status = [this](const sync::StatusNote& note) {
        return app::status_envelope(sender_, world_.wall(), note.online, note.session,
                                    note.connection, "sim");
    };
    on.now = world_.wall;
    on.random = [this] { return dice_.share(); };
    outbox_.emplace(*ledger_, sender_);
    courier_.emplace(io_.get_executor(), std::move(settings), *outbox_, std::move(on));
}

void Daemon::pretend_nobody_listened()
{
    const auto last = ledger_->engine_time();
    const Instant since = last == Instant{} ? world_.wall() : last;
    for (const auto& reader : world_.passive_readers)
        shop_->admit({since, {}, app::RawReaderState{reader, false, "not running"}}, since,
                     [](const Result<app::Answer>&) {});
}

// ---- time --------------------------------------------------------------------------------------

void Daemon::after(Millis span, void (Daemon::*what)())
{
    world_.clock.after(span, [this, alive = alive_, what] {
        if (*alive) (this->*what)();
    });
}

void Daemon::turn()
{
    for (bool busy = true; busy;) {
        io_.restart();
        const bool ran = io_.poll() > 0;
        busy = look_after_ledger() || ran;
    }
}

void Daemon::wait_for_time()
{
    if (stopping_ || !shop_) return;
    const auto due = shop_->engine().next_due();
    if (!due || time_due_ == due) return;
    time_due_ = due;
    const Millis away =
        std::clamp<Millis>(*due + Millis{1} - world_.wall(), Millis{0}, Millis{1000});
    world_.clock.after(away, [this, alive = alive_, number = ++time_number_] {
        if (*alive && number == time_number_) time_is_up();
    });
}

void Daemon::time_is_up()
{
    time_due_.reset();
    if (!stopping_) shop_->tick(world_.wall());
}

void Daemon::minute_is_up()
{
    if (stopping_) return;
    shop_->tick(world_.wall());
    shop_->checkpoint();
    prune();
    after(std::chrono::minutes{1}, &Daemon::minute_is_up);
}

void Daemon::prune()
{
    ledger_->prune(shop_->engine().now(), [this](const Result<std::uint64_t>& gone) {
        if (gone && gone.value() > 0 && !stopping_) prune();
    });
}

// ---- the ledger's turns ------------------------------------------------------------------------

/// What is durable is told after the disk has taken its time, in order.
void Daemon::post(std::function<void()> call)
{
    const auto now = world_.clock.now();
    posted_until_ = std::max(posted_until_, now + world_.disk.take_delay());
    if (posted_until_ == now) return boost::asio::post(io_, std::move(call));
    world_.clock.after(posted_until_ - now, [this, alive = alive_, call = std::move(call)] {
        if (*alive) boost::asio::post(io_, call);
    });
}

/// Whether anything was written.
bool Daemon::look_after_ledger()
{
    for (bool wrote = false; ledger_->state().queued > 0; wrote = true) {
        const auto now = world_.clock.now();
        if (posted_until_ > now) {
            wake_at(posted_until_);
            return wrote;
        }
        const auto wait = ledger_->step();
        if (wait == Millis{0}) continue;
        if (wait) wake_at(now + *wait);
        return wrote;
    }
    return false;
}

void Daemon::wake_at(Millis when)
{
    const auto now = world_.clock.now();
    if (wake_at_ && *wake_at_ > now && *wake_at_ <= when) return;
    wake_at_ = when;
    world_.clock.after(when - now, [] {});  // each turn looks after the ledger
}

// ---- the end -----------------------------------------------------------------------------------

void Daemon::end(std::function<void()> done)
{
    stopping_ = true;
    shop_->checkpoint();
    courier_->stop([this, done = std::move(done)] {
        ledger_->stop();
        done();
    });
}

}  // namespace raiten::sim
