#include "tests/sim/world.hpp"

#include "daemon/ledger/directory.hpp"
#include "tests/sim/daemon.hpp"
#include "tests/sim/head_office.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/troubles.hpp"
#include "tests/support/temp_folder.hpp"

namespace raiten::sim {
namespace {

constexpr std::chrono::hours busy_span{5};
constexpr std::chrono::hours settling_span{3};
constexpr std::chrono::hours patience{2};
constexpr Millis ask_again{7'000};

Instant birthday()
{
    using namespace std::chrono;
    return sys_days{year{2090} / 1 / 10} + hours{1};
}

std::vector<Campaign> campaigns(std::uint64_t seed)
{
    Campaign back;
    back.id = "back";
    back.moment = Moment::non_purchase_return;
    back.offers.push_back({"B300",
                           {{"en", "300 off"}},
                           Money::from_ten_thousandths(3'000'000),
                           Money::from_ten_thousandths(3'000'000),
                           {}});
    back.control = seed % 2 == 0 ? 0.0 : 0.3;
    if (seed % 3 == 0) back.valid_for = std::chrono::minutes{20};
    return {back};
}

class World {
 public:
    explicit World(const WorldPlan& plan)
        : plan_{plan},
          deliberate_{plan.seed % 4 == 3},
          dice_{plan.seed * 4 + 1},
          disk_{plan.seed * 4 + 2, trace_, [this] { return clock_.now(); }},
          mounted_{disk_},
          office_{plan.seed * 4 + 3, clock_, trace_},
          daemon_world_{clock_,
                        disk_,
                        trace_,
                        [this] { return wall(); },
                        folder_.file("ledger.db"),
                        {std::string{door}, std::string{hall}}},
          oracle_{plan.seed % 5 != 4, wanted(plan.seed)},
          acts_{store_script({plan.seed, busy_span, deliberate_})}
    {
        disk_.lie = plan.lie;
        daemon_world_.hq_ack = plan.seed % 5 != 4;
        daemon_world_.hq_events = wanted(plan.seed);
        daemon_world_.campaigns = campaigns(plan.seed);
        daemon_world_.published = [this](const app::Shop::Told& told) {
            trace_.tell(clock_.now(), std::to_string(told.cursor) + " " + told.json);
            oracle_.published(told.cursor, told.json);
        };
        daemon_world_.trouble = [](const Problem& problem) {
            throw Broken{"the ledger gave up: " + problem.text()};
        };
    }
    void run();
    void report(WorldReport& out) const;

 private:
    static std::vector<std::string> wanted(std::uint64_t seed)
    {
        if (seed % 3 == 1) return {"coupon", "summary", "visit", "return"};
        return {"coupon", "summary"};
    }
    Instant wall() const { return birthday() + clock_.now() + clock_step_; }
    void say(std::string what) { trace_.tell(clock_.now(), std::move(what)); }
    void at(Millis when, std::function<void()> what)
    {
        clock_.after(when - clock_.now(), std::move(what));
    }

    // ---- what happens
    void plan_acts();
    void tell(Act& act);
    void kiosks();
    void redeem(CouponId coupon, const std::string& where, const std::shared_ptr<bool>& answered);

    // ---- what goes wrong
    void plan_troubles();
    void light(const Crash& crash);
    void crash(Crash::Kind kind, Millis away);
    void end_gently(Millis away);
    void start();
    void hear(std::string_view reader, bool up);

    // ---- how it is looked at
    void run_until(Millis when);
    void turn();
    Books look();
    void compare_presence(const Books& books);

    const WorldPlan plan_;
    const bool deliberate_;
    Trace trace_;
    Clockwork clock_;
    stage::Dice dice_;
    Disk disk_;
    MountedDisk mounted_;
    HeadOffice office_;
    test::TempFolder folder_;  ///< holds the lock only
    Daemon::World daemon_world_;
    Oracle oracle_;
    std::vector<Act> acts_;
    std::unique_ptr<Daemon> daemon_;
    std::uint64_t lives_{};
    bool enrolled_{};
    bool starting_{};
    std::optional<Crash> lit_;
    std::uint64_t fuse_of_next_life_{};
    Millis clock_step_{0};
    std::set<std::string_view> deaf_;
    std::vector<Books::Settled> settled_;
    WorldReport tally_;
};

// ---- what happens ------------------------------------------------------------------------------

void World::plan_acts()
{
    for (auto& act : acts_) {
        at(act.happens, [this, &act] { act.event.at = wall(); });
        at(std::max(act.told, act.happens + Millis{1}), [this, &act] { tell(act); });
        for (const auto again : act.told_again)
            at(std::max(again, act.happens + Millis{2}), [this, &act] { tell(act); });
    }
    for (auto when = Millis{600'000}; when < busy_span; when += Millis{420'000})
        at(when, [this] { kiosks(); });
}

void World::tell(Act& act)
{
    if (!daemon_ || !enrolled_) {
        if (act.lasting) clock_.after(ask_again, [this, &act] { tell(act); });
        return;
    }
    if (!act.lasting)
        return daemon_->shop().admit(act.event, wall(), [](const Result<app::Answer>&) {});
    oracle_.told(act.name);
    daemon_->shop().admit(act.event, wall(), [this, &act](const Result<app::Answer>& answer) {
        if (!answer) return say("refused: " + act.name);
        if (answer->verdict != Verdict::accepted && answer->verdict != Verdict::duplicate)
            throw Broken{"told " + act.name + ", answered verdict "
                         + std::to_string(static_cast<int>(answer->verdict)) + " "
                         + answer->reason};
        say("answered: " + act.name);
        oracle_.answered(act.name);
    });
    clock_.after(ask_again, [this, &act] {
        if (!oracle_.was_answered(act.name)) tell(act);
    });
}

/// Up to three of them take the same coupon at the same moment.
void World::kiosks()
{
    if (!daemon_) return;
    const auto page = daemon_->ledger().coupons(std::nullopt, std::nullopt, 50);
    if (!page) return;
    for (const auto& coupon : page->coupons) {
        if (coupon.state != CouponState::triggered && coupon.state != CouponState::delivered)
            continue;
        if (dice_.below(3) == 0)
            daemon_->shop().deliver(coupon.id, "kiosk", wall(), [](const Result<app::Answer>&) {});
        if (dice_.below(2) == 0) continue;
        for (auto n = 1 + dice_.below(3); n > 0; --n)
            redeem(coupon.id, "kiosk-" + std::to_string(n), std::make_shared<bool>(false));
    }
}

void World::redeem(CouponId coupon, const std::string& where, const std::shared_ptr<bool>& answered)
{
    if (*answered) return;
    clock_.after(ask_again, [=, this] { redeem(coupon, where, answered); });
    if (!daemon_) return;
    daemon_->shop().redeem(coupon, where, wall(), [=, this](const Result<app::Answer>& answer) {
        if (!answer || *answered) return;
        *answered = true;
        say(text_of(coupon) + " at " + where + ": "
            + std::to_string(static_cast<int>(answer->verdict)));
        if (answer->verdict == Verdict::accepted) oracle_.redeemed(text_of(coupon), where);
    });
}

// ---- what goes wrong ---------------------------------------------------------------------------

void World::plan_troubles()
{
    const auto all = draw_troubles(plan_.seed * 4, busy_span, deliberate_);
    for (const auto& one : all.crashes) at(one.at, [this, one] { light(one); });
    for (const auto& one : all.disk) {
        at(one.at, [this, one] {
            say("disk trouble");
            disk_.faults = one.what;
        });
        at(one.at + one.span, [this] { disk_.faults = {}; });
    }
    for (const auto& one : all.office) {
        at(one.at, [this, one] {
            say("trouble with head office");
            office_.faults = one.what;
            if (one.crash) office_.crash(one.forgets);
        });
        at(one.at + one.span, [this] { office_.faults = {}; });
    }
    for (const auto& one : all.clock)
        at(one.at, [this, one] {
            say("the clock is set by " + std::to_string(one.by.count()));
            clock_step_ += one.by;
        });
    for (const auto& one : all.deaf) {
        const auto reader = one.at_the_door ? door : hall;
        at(one.at, [this, reader] { hear(reader, false); });
        at(one.at + one.span, [this, reader] { hear(reader, true); });
    }
}

void World::hear(std::string_view reader, bool up)
{
    if (up)
        deaf_.erase(reader);
    else
        deaf_.insert(reader);
    if (daemon_)
        daemon_->shop().admit({wall(), {}, app::RawReaderState{std::string{reader}, up, "wire"}},
                              wall(), [](const Result<app::Answer>&) {});
}

void World::light(const Crash& one)
{
    if (!daemon_ || lit_) return;
    fuse_of_next_life_ = one.again;
    if (one.kind == Crash::Kind::gentle) return end_gently(one.away);
    if (one.fuse == 0) return crash(one.kind, one.away);
    lit_ = one;
    disk_.light_fuse(one.fuse);
}

void World::end_gently(Millis away)
{
    say("asked to end");
    daemon_->end([this, away, life = lives_] {
        clock_.after(Millis{1}, [this, away, life] {
            if (life == lives_ && daemon_) crash(Crash::Kind::gentle, away);
        });
    });
}

void World::crash(Crash::Kind kind, Millis away)
{
    const bool power = kind == Crash::Kind::power_cut;
    say(power ? "power cut" : kind == Crash::Kind::kill ? "killed" : "ended");
    ++(power ? tally_.power_cuts : kind == Crash::Kind::kill ? tally_.kills : tally_.restarts);
    if (daemon_) tally_.retries += daemon_->ledger().state().retries;
    lit_.reset();
    daemon_.reset();
    if (power) disk_.cut_power();
    if (starting_) return;
    starting_ = true;
    clock_.after(away, [this] { start(); });
}

void World::start()
{
    starting_ = false;
    disk_.own();
    if (fuse_of_next_life_ > 0) {
        lit_ = Crash{{}, Crash::Kind::power_cut, fuse_of_next_life_, 0, Millis{1'000}};
        disk_.light_fuse(std::exchange(fuse_of_next_life_, 0));
    }
    say("start " + std::to_string(++lives_));
    const auto again = [this](const std::string& why) {
        if (disk_.blown()) return crash(lit_->kind, lit_->away);
        say("did not start: " + why);
        const auto& f = disk_.faults;
        if (f.read_error + f.write_error + f.sync_error == 0 && !f.full)
            throw Broken{"does not start: " + why};
        starting_ = true;
        clock_.after(Millis{1'000}, [this] { start(); });
    };
    try {
        auto started = Daemon::start(daemon_world_, dice_.word());
        if (!started) return again(started.error().text());
        daemon_ = std::move(started.value());
    } catch (const ledger::ReadFailed& failed) {
        return again(failed.what());
    }
    if (disk_.blown()) return crash(lit_->kind, lit_->away);
    const auto books = look();
    compare_presence(books);
    if (!enrolled_) {
        std::vector<ledger::Enrolment> members;
        for (int who = 0; who < store_members; ++who) {
            ledger::Enrolment one{member_name_of(who), false, true, {}, {}};
            one.tokens.push_back(daemon_->shop().pseudonyms().token(card_of(who)).value());
            one.tokens.push_back(daemon_->shop().pseudonyms().token(beacon_of(who)).value());
            members.push_back(std::move(one));
        }
        const auto made = daemon_->shop().enrol(
            members, [this](const Result<void>& how) { enrolled_ = enrolled_ || how.has_value(); });
        if (!made) throw Broken{"enrolment: " + made.error().text()};
    }
    for (const auto reader : {door, hall})
        if (!deaf_.contains(reader)) hear(reader, true);
}

// ---- how it is looked at -----------------------------------------------------------------------

void World::turn()
{
    if (daemon_) daemon_->turn();
    if (lit_ && disk_.blown()) crash(lit_->kind, lit_->away);
}

void World::run_until(Millis when)
{
    while (clock_.now() < when) {
        try {
            clock_.run_until(when, [this] { turn(); });
        } catch (const ledger::ReadFailed& failed) {
            say(failed.what());  // the process ends, and systemd starts it again
            crash(Crash::Kind::kill, Millis{1'000});
        }
    }
}

Books World::look()
{
    const auto kept = std::exchange(disk_.faults, {});
    if (!plan_.sabotage.empty()) {
        auto opened = ledger::Database::open(daemon_world_.path,
                                             ledger::Database::Access::read_write, Millis{0});
        if (opened) (*opened)->script(plan_.sabotage);
    }
    auto books = read_books(daemon_world_.path);
    disk_.faults = kept;
    oracle_.check(books, office_);
    return books;
}

void World::compare_presence(const Books& books)
{
    std::map<std::string, Books::Visit> present;
    for (const auto& visit : daemon_->shop().engine().present())
        present[text_of(visit.id)] = {visit.opened_at.time_since_epoch().count(),
                                      visit.left_at.time_since_epoch().count(),
                                      static_cast<int>(visit.state)};
    if (present == books.unsettled) return;
    std::string text = "the engine's visits and the ledger's differ:";
    for (const auto& [id, v] : present)
        text += " +" + id + "/" + std::to_string(v.left_at) + "/" + std::to_string(v.state);
    for (const auto& [id, v] : books.unsettled)
        text += " -" + id + "/" + std::to_string(v.left_at) + "/" + std::to_string(v.state);
    throw Broken{text};
}

void World::run()
{
    plan_acts();
    if (plan_.faults) plan_troubles();
    start();
    run_until(busy_span);
    // From here on nothing goes wrong any more: everything has to come right by itself.
    run_until(busy_span + std::chrono::hours{1} + std::chrono::minutes{5});
    fuse_of_next_life_ = 0;
    disk_.faults = {};
    office_.faults = {};
    for (const auto reader : std::set{deaf_}) hear(reader, true);
    say("all is well from here on");
    run_until(clock_.now() + settling_span);
    const auto limit = clock_.now() + patience;
    for (;;) {
        const auto books = look();
        const auto lacking = oracle_.missing(books, office_);
        if (lacking.empty()) {
            oracle_.check_head_office(books, office_);
            settled_ = books.settled;
            break;
        }
        if (clock_.now() > limit) throw Broken{"never: " + lacking};
        run_until(clock_.now() + Millis{60'000});
    }
    bool ended = false;
    daemon_->end([&] { ended = true; });
    run_until(clock_.now() + Millis{5'000});
    if (!ended) throw Broken{"does not end"};
    tally_.retries += daemon_->ledger().state().retries;
    daemon_.reset();
    start();
}

void World::report(WorldReport& out) const
{
    out = tally_;
    out.hash = trace_.hash();
    out.trace = trace_.text();
    out.deliberate = deliberate_;
    out.settled = settled_;
    out.answers = oracle_.answers();
    out.redemptions = oracle_.redemptions();
}

}  // namespace

WorldReport run_world(const WorldPlan& plan)
{
    WorldReport out;
    World world{plan};
    std::string broken;
    try {
        world.run();
    } catch (const Broken& promise) {
        broken = promise.what();
    } catch (const std::logic_error& mistake) {
        broken = std::string{"the process would have ended: "} + mistake.what();
    }
    world.report(out);
    out.broken = broken;
    return out;
}

}  // namespace raiten::sim
