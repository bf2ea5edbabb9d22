#pragma once

#include "daemon/app/outbox.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/ledger/segments.hpp"
#include "sync/courier.hpp"
#include "tests/sim/clockwork.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/trace.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::sim {

/// One life of raitend: ledger, shop, outbox and courier, wired as daemon/app/app.cpp wires them,
/// without readers and pages. It ends by end() or, as with SIGKILL, by its destructor.
class Daemon {
 public:
    struct World {
        Clockwork& clock;
        Disk& disk;
        Trace& trace;
        std::function<Instant()> wall;
        std::string path;  ///< of the ledger
        std::vector<std::string> passive_readers;
        bool hq_ack{true};
        std::vector<std::string> hq_events{"coupon", "summary"};
        std::vector<Campaign> campaigns{};
        std::function<void(const app::Shop::Told&)> published{};
        std::function<void(const Problem&)> trouble{};
    };

    static Result<std::unique_ptr<Daemon>> start(const World& world, std::uint64_t dice);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    app::Shop& shop() { return *shop_; }
    ledger::Ledger& ledger() { return *ledger_; }
    sync::Courier& courier() { return *courier_; }
    /// Whether it took up the whole state that the last life left.
    bool whole() const { return whole_; }

    /// To be called often: what was posted runs, and timers that are due.
    void turn();
    /// SIGTERM; `done` follows within some simulated seconds.
    void end(std::function<void()> done);

 private:
    Daemon(const World& world, std::uint64_t dice, app::Pseudonyms pseudonyms);
    Result<void> open();
    Result<void> open_shop();
    void open_courier();
    void pretend_nobody_listened();
    void after(Millis span, void (Daemon::*what)());
    void post(std::function<void()> call);
    bool look_after_ledger();
    void wake_at(Millis when);
    void wait_for_time();
    void time_is_up();
    void minute_is_up();
    void prune();

    World world_;
    stage::Dice dice_;
    app::Pseudonyms pseudonyms_;
    app::Sender sender_;
    ledger::SegmentMatcher segments_;
    boost::asio::io_context io_{1};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::unique_ptr<ledger::Ledger> ledger_;
    std::optional<app::Shop> shop_;
    std::optional<app::Outbox> outbox_;
    std::optional<sync::Courier> courier_;
    std::optional<Instant> time_due_;
    std::uint64_t time_number_{};
    Millis posted_until_{0};
    std::optional<Millis> wake_at_;
    bool stopping_{};
    bool whole_{};
};

}  // namespace raiten::sim
