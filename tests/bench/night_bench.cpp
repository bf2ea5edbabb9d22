// The nightly refresh of a large store, through the parts that a live store uses: 200,000 members
// with ten visits each, read from the ledger's file, scored, and committed slice by slice. Figures
// on standard output are rates beside the promised ones; what a night consists of is told on
// standard error.
#include "daemon/app/identity.hpp"
#include "daemon/app/night_desk.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/ledger/past.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/night/heap.hpp"
#include "tests/bench/night/past.hpp"
#include "tests/support/same_segments.hpp"
#include "tests/support/temp_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::bench;

namespace {

double megabytes(std::size_t bytes)
{
    return static_cast<double>(bytes) / 1e6;
}

/// Of all threads, in seconds.
double process_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double wall_seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// ---- the store
// -----------------------------------------------------------------------------------

app::NightRules night_rules()
{
    app::NightRules rules;
    rules.training.cards.rfm_window = days_of_past;
    return rules;
}

struct NightCost {
    double worked{}, wall{};
    double longest_take{}, longest_turn{};  ///< of the loop, processor seconds
    std::size_t slices{}, moves{}, held_before{}, held_after{}, held_most{};
    std::shared_ptr<const scoring::Models> models;
};

/// The loop, the ledger with its thread, and the desk with its own.
class Store {
 public:
    explicit Store(const std::string& path) : path_{path}
    {
        ledger::Ledger::Options options;
        options.path = path;
        options.store = store_name;
        options.commit.linger = Millis{0};  // a night here need not wait for company
        auto ledger = ledger::Ledger::open(std::move(options), [this](std::function<void()> call) {
            boost::asio::post(loop_, std::move(call));
        });
        if (!ledger) stop_on(ledger.error());
        ledger_ = std::move(ledger.value());
        auto pseudonyms =
            app::Pseudonyms::make(app::Secret{std::string(app::token_key_bytes, 'k')}, 64);
        if (!pseudonyms) stop_on(pseudonyms.error());
        pseudonyms_.emplace(std::move(pseudonyms.value()));
        app::Shop::Setup setup;
        setup.sender = {"shop", "1", "box", ledger_->epoch(), {}, "JPY"};
        shop_.emplace(std::move(setup), *pseudonyms_, nobody_, ledger_.get(),
                      app::Shop::Callbacks{});
        if (const auto resumed = shop_->resume(); !resumed) stop_on(resumed.error());
    }

    /// As App lives it.
    NightCost night(std::chrono::sys_days day)
    {
        NightCost cost;
        const Instant at = day + std::chrono::hours{2};
        bool over = false;
        shop_->tick(at);  // as the minute before did
        held_most = held.load();
        cost.held_before = held;
        const double worked = process_seconds(), wall = wall_seconds();
        {
            app::NightDesk desk{loop_.get_executor(), path_, true,
                                [&](app::NightSlice slice, std::function<void(bool)> done) {
                                    ++cost.slices;
                                    const double begun = bench::worked_seconds();
                                    shop_->take_scores(std::move(slice), at, std::move(done), true);
                                    cost.longest_take = std::max(cost.longest_take,
                                                                 bench::worked_seconds() - begun);
                                },
                                [&](const Result<app::NightOut>& out) {
                                    if (!out) stop_on(out.error());
                                    shop_->take_models(*out);
                                    cost.models = out->models;
                                    cost.moves = out->moves;
                                    over = true;
                                }};
            desk.start(night_rules(), day, at, models_);
            while (!over || shop_->under_way() > 0)
                cost.longest_turn = std::max(cost.longest_turn, turn());
        }
        cost.worked = process_seconds() - worked;
        cost.wall = wall_seconds() - wall;
        cost.held_most = held_most;
        models_.reset();
        cost.held_after = held;
        models_ = cost.models;
        return cost;
    }

    app::Shop& shop() { return *shop_; }
    ledger::Ledger& ledger() { return *ledger_; }

    ~Store() { ledger_->stop(); }

 private:
    double turn()
    {
        const auto open = boost::asio::make_work_guard(loop_);
        loop_.restart();
        const double begun = bench::worked_seconds();
        loop_.run_one();
        return bench::worked_seconds() - begun;
    }

    std::string path_;
    boost::asio::io_context loop_{1};
    std::unique_ptr<ledger::Ledger> ledger_;
    std::optional<app::Pseudonyms> pseudonyms_;
    raiten::test::SameSegments nobody_{false};
    std::optional<app::Shop> shop_;
    std::shared_ptr<const scoring::Models> models_;
};

// ---- figures
// -------------------------------------------------------------------------------------

void tell(const char* name, const NightCost& cost)
{
    std::fprintf(stderr,
                 "%s: %.1f s of processor (all threads), %.1f s of wall, %zu slices, %zu moves,"
                 " longest slice %.2f ms, longest turn of the loop %.2f ms, heap before %.2f MB,"
                 " after %.2f MB, most %.1f MB\n",
                 name, cost.worked, cost.wall, cost.slices, cost.moves, cost.longest_take * 1e3,
                 cost.longest_turn * 1e3, megabytes(cost.held_before), megabytes(cost.held_after),
                 megabytes(cost.held_most));
}

void print_night(const std::string& name, const NightCost& cost)
{
    tell(name.c_str(), cost);
    bench::print((name + ", members scored and committed").c_str(), members / cost.worked,
                 "members/s", {"required", members / 60.0}, 1.0);
    bench::print((name + ", slices that the loop could take at the longest").c_str(),
                 1 / cost.longest_turn, "/s", {"required", 200}, 1.0);
}

/// Where a night's time goes, on this thread alone.
void tell_parts(const std::string& path, std::chrono::sys_days day)
{
    const Instant at = day + std::chrono::hours{2};
    const auto open = [&] {
        auto histories = ledger::Histories::open(path);
        if (!histories) stop_on(histories.error());
        return std::move(histories).value();
    };
    {
        auto histories = open();
        std::size_t visits = 0;
        const double begun = bench::worked_seconds();
        const auto read = histories.each_member([&](const ledger::MemberHistory& history) {
            visits += history.visits.size();
            return true;
        });
        if (!read) stop_on(read.error());
        std::fprintf(stderr, "  one look at %zu visits: %.2f s\n", visits,
                     bench::worked_seconds() - begun);
    }
    app::LedgerPast past{open()};
    std::size_t empty = 0, bytes = 0;
    double begun = bench::worked_seconds(), trained = 0;
    const auto out = app::reckon_night(past, night_rules(), at, nullptr, [&](app::NightSlice&& s) {
        if (s.scores.empty()) {
            ++empty;
            return true;
        }
        if (trained == 0) trained = bench::worked_seconds() - begun;
        bytes += s.scores.size();
        return true;
    });
    if (!out) stop_on(out.error());
    std::fprintf(stderr,
                 "  reckoned without committing: %.2f s, of these %.2f s until the models were made"
                 " and the first slice\n",
                 bench::worked_seconds() - begun, trained);
    for (const auto& row : out->versions)
        std::fprintf(stderr, "  model %s: %s (%s), %zu bytes\n", row.kind.c_str(),
                     row.accepted ? "taken" : "kept", row.reason.c_str(), row.body.size());
}

/// Each card's time is its own: the mean and the 99th percentile, in seconds.
struct CardCost {
    double mean{}, p99{};
};
template <class Make>
CardCost card_cost(const Make& make)
{
    constexpr std::size_t cards = 20'000;
    std::vector<double> times;
    times.reserve(cards);
    for (std::size_t n = 0; n < cards; ++n) {
        const double begun = bench::worked_seconds();
        make(n);
        times.push_back(bench::worked_seconds() - begun);
    }
    CardCost cost;
    for (const double time : times) cost.mean += time / cards;
    std::sort(times.begin(), times.end());
    cost.p99 = times[cards * 99 / 100];
    return cost;
}

void print_card(const char* name, const CardCost& cost, bool promised)
{
    std::fprintf(stderr, "%s: mean %.1f us, p99 %.1f us\n", name, cost.mean * 1e6, cost.p99 * 1e6);
    if (promised) bench::print(name, 1 / cost.p99, "/s", {"required", 20'000}, 1.0);
}

void print_cards(Store& store, const scoring::Models& models, Instant at)
{
    auto& engine = store.shop().engine();
    std::vector<scoring::Habits> habits;
    for (std::uint64_t n = 1; n <= 1'000; ++n)
        if (auto found = store.ledger().members().habits(MemberId{n}))
            habits.push_back(std::move(*found));
    const auto today = scoring::today_at(at, StoreClock{});
    print_card("a card, its habits at hand, 99 of 100", card_cost([&](std::size_t n) {
                   ScoreCard card;
                   scoring::score(card, habits[n % habits.size()], models, today);
                   bench::keep(card);
               }),
               true);
    print_card("a card of the engine, member just seen, 99 of 100", card_cost([&](std::size_t n) {
                   const auto card = engine.card(MemberId{1 + n % 8}, at);
                   bench::keep(card);
               }),
               false);
    print_card("a card of the engine, member from the file, 99 of 100",
               card_cost([&](std::size_t n) {
                   const auto card = engine.card(MemberId{1 + n * 7919 % members}, at);
                   bench::keep(card);
               }),
               false);
}

/// Nobody stands where the last night left them.
void move_everybody(const std::string& path)
{
    auto opened =
        ledger::Database::open(path, ledger::Database::Access::read_write, std::chrono::seconds{1});
    if (!opened) stop_on(opened.error());
    (*opened)->run("UPDATE score SET stage = (stage + 1) % 6");
    if (const auto good = (*opened)->outcome(); !good) stop_on(good.error());
}

std::uintmax_t bytes_of(const std::string& path)
{
    std::error_code ec;
    const auto bytes = std::filesystem::file_size(path, ec);
    return ec ? 0 : bytes;
}

void print_memory(const NightCost& cost)
{
    constexpr double models_max = 8e6;
    constexpr double member_max = 32;
    const auto grown = cost.held_after > cost.held_before ? cost.held_after - cost.held_before : 0;
    const auto most = cost.held_most - cost.held_before;
    std::fprintf(stderr,
                 "  kept from night to night: %.3f MB; at the most while it lasts: %.1f MB,"
                 " %.0f bytes a member\n",
                 megabytes(grown), megabytes(most), static_cast<double>(most) / members);
    bench::print("memory promised for scores over memory kept",
                 (models_max + member_max * members) / std::max(1.0, static_cast<double>(grown)),
                 "times", {"required", 1}, 1.0);
}

}  // namespace

int main()
{
    const test::TempFolder folder;
    const auto path = folder.file("ledger.sqlite");
    const double begun = wall_seconds();
    write_past(path);
    std::fprintf(stderr, "a past of %.0f MB written in %.1f s\n", megabytes(bytes_of(path)),
                 wall_seconds() - begun);
    const auto day = std::chrono::floor<std::chrono::days>(newest) + std::chrono::days{1};
    tell_parts(path, day);

    const auto before = bytes_of(path);
    {
        Store store{path};
        const auto first = store.night(day);
        print_night("the first night", first);
        print_memory(first);
        std::fprintf(stderr, "  log after it: %.0f MB\n", megabytes(bytes_of(path + "-wal")));
        print_night("a night with a night before", store.night(day + std::chrono::days{1}));
        print_cards(store, *first.models, day + std::chrono::hours{40});
    }
    std::fprintf(stderr, "the ledger grew by %.0f bytes a member\n",
                 static_cast<double>(bytes_of(path) - before) / members);
    move_everybody(path);
    Store store{path};
    print_night("a night on which everybody moves", store.night(day + std::chrono::days{2}));
    return 0;
}
