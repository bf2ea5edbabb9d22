#include "daemon/app/replay.hpp"

#include "daemon/app/campaign_files.hpp"
#include "daemon/app/card_csv.hpp"
#include "daemon/app/given_model.hpp"
#include "daemon/app/members_csv.hpp"
#include "daemon/app/model_store.hpp"
#include "daemon/app/night.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/ledger/segments.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fstream>
#include <iostream>
#include <set>

namespace raiten::app {
namespace {

using ctl::ReplayOptions;

/// What ends a replay before it began.
struct Stop {
    int code{};
    Problem problem;
};

/// A store without devices, HQ or a page: the shop alone.
class Replay {
 public:
    Replay(Settings settings, Pseudonyms pseudonyms, StoreClock clock, std::ostream& out,
           std::ostream& complaints)
        : settings_{std::move(settings)},
          pseudonyms_{std::move(pseudonyms)},
          sender_{settings_.store.tenant, settings_.store.store,   settings_.store.device, 0,
                  std::move(clock),       settings_.store.currency},
          out_{out},
          complaints_{complaints}
    {
    }
    ~Replay()
    {
        if (ledger_) ledger_->stop();
    }

    std::optional<Stop> prepare(const ReplayOptions& options)
    {
        nights_ = settings_.scoring.nights == "always" || !options.cards.empty();
        if (!options.db.empty()) {
            ledger::Ledger::Options open;
            open.path = options.db;
            open.store = sender_.tenant + "/" + sender_.store + "/" + sender_.device;
            open.horizon.amendable = settings_.visits.late_receipt + settings_.visits.max_visit;
            auto ledger = ledger::Ledger::open(std::move(open), [this](std::function<void()> call) {
                boost::asio::post(loop_, std::move(call));
            });
            if (!ledger) return Stop{ctl::exit_code::cannot_create, ledger.error()};
            ledger_ = std::move(ledger.value());
            sender_.epoch = ledger_->epoch();
        }
        if (const auto stop = open_shop(options)) return stop;
        if (!options.members.empty()) return enrol(options.members);
        return std::nullopt;
    }

    /// A card for each member with a visit, as the end of the replay finds them.
    Result<void> write_cards(const std::string& file)
    {
        std::ofstream out{file, std::ios::binary | std::ios::trunc};
        Engine& engine = shop_->engine();
        const auto models = engine.models();
        const auto ahead = sender_.clock.offset_at(engine.now());
        out << card_header(true) << '\n';
        const auto looked = with_past([&](Past& past) {
            return past.each_member(
                [&](const ledger::MemberHistory& member) {
                    if (member.left_out) return true;
                    const auto card = engine.card(member.member, engine.now());
                    out << (models ? card_row(card, ahead, models.get())
                                   : card_row(card, ahead) + ',')
                        << '\n';
                    return out.good();
                },
                ledger::Detail::figures);
        });
        if (!looked) return looked.error();
        out.close();
        if (!out) return Problem{"cannot be written", file};
        return {};
    }

    /// True if at least one line was taken.
    bool play(std::istream& in, std::optional<Instant> until)
    {
        std::string line;
        std::size_t taken = 0;
        std::size_t refused = 0;
        for (std::size_t number = 1; read_line(in, line); ++number) {
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            const auto event = parse_line(line);
            Result<void> good;
            if (!event) {
                good = event.error();
            } else {
                if (until && arrival_of(event.value()) > *until) break;
                good = nights_until(arrival_of(event.value()));
                if (good) good = admit(event.value());
            }
            if (good) {
                ++taken;
                continue;
            }
            ++refused;
            complaints_ << "line " << number << ": " << good.error().text() << '\n';
        }
        if (const auto settled = settle(until); !settled)
            complaints_ << settled.error().text() << '\n';
        if (ledger_) shop_->checkpoint();
        drain();
        if (refused > 0) complaints_ << refused << " lines refused\n";
        return taken > 0 || refused == 0;
    }

 private:
    std::optional<Stop> open_shop(const ReplayOptions& options)
    {
        Shop::Setup setup;
        setup.sender = sender_;
        setup.engine.rules = settings_.visits;
        setup.engine.clock = sender_.clock;
        setup.engine.seed = pseudonyms_.derive_seed();
        setup.engine.tenant_seed = pseudonyms_.derive_seed(control_groups);
        setup.engine.sketch_key = {pseudonyms_.derive_seed("raiten sketch v1"),
                                   pseudonyms_.derive_seed("raiten sketch v1, second half")};
        setup.engine.currency = settings_.store.currency;
        setup.engine.k_anonymity = settings_.figures.k_anonymity;
        for (const auto& reader : settings_.readers)
            setup.engine.readers.push_back(
                {reader.name, reader.zone, reader.passive, reader.hears});
        CampaignGround ground;
        ground.where = [this](const std::string& where) { return segments_.check(where); };
        ground.currency = settings_.store.currency;
        const auto folder = load_campaigns(
            options.campaigns.empty() ? settings_.campaigns.dir : options.campaigns, ground);
        if (!folder.problems.empty())
            return Stop{ctl::exit_code::configuration, folder.problems.front()};
        setup.engine.campaigns = campaigns_ = folder.campaigns;
        setup.engine.campaign_rules = settings_.campaigns.rules();

        Shop::Callbacks on;
        on.publish = [this](const Shop::Told& told) { out_ << told.json << '\n'; };
        on.trouble = [this](const Problem& problem) { complaints_ << problem.text() << '\n'; };
        shop_.emplace(std::move(setup), pseudonyms_, segments_, ledger_.get(), std::move(on));
        if (ledger_)
            if (const auto stop = resume()) return stop;
        largest_at_ = shop_->engine().now();
        return std::nullopt;
    }

    std::optional<Stop> resume()
    {
        const auto bad = [](const Problem& problem) {
            return Stop{ctl::exit_code::bad_data, problem};
        };
        if (const auto resumed = shop_->resume(); !resumed) return bad(resumed.error());
        const auto day = ledger_->scored_day();
        if (!day) return bad(day.error());
        scored_day_ = *day;
        // It began without a night, and its first one is still to come.
        if (const auto seen = shop_->engine().now(); !scored_day_ && seen > Instant{})
            scored_day_ = night_of(seen, sender_.clock, settings_.scoring.refresh_at);
        std::set<std::string> learning;
        for (const auto& campaign : campaigns_)
            if (campaign.target) learning.insert(campaign.id);
        const auto models =
            models_in_force([this](const std::string& kind) { return ledger_->model(kind); },
                            settings_.scoring.cards(), learning);
        if (!models) return bad(models.error());
        if (*models)
            shop_->engine().replace_models(std::make_shared<const scoring::Models>(**models));
        return std::nullopt;
    }

    std::optional<Stop> enrol(const std::string& file)
    {
        std::ifstream in{file, std::ios::binary};
        if (!in) return Stop{ctl::exit_code::no_input, {"cannot be read", file}};
        const auto list = read_members(in, file, pseudonyms_);
        if (!list.problems.empty()) return Stop{ctl::exit_code::bad_data, list.problems.front()};
        std::vector<ledger::Enrolment> members;
        for (const auto& row : list.rows)
            members.push_back(
                {row.name, row.staff, row.consent, row.birth_month, row.tokens, row.channels});
        const auto enrolled = shop_->enrol(members, {});
        if (!enrolled) return Stop{ctl::exit_code::bad_data, enrolled.error()};
        drain();
        return std::nullopt;
    }

    bool read_line(std::istream& in, std::string& line)
    {
        line.clear();
        for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
            if (c == '\n') return true;
            // One byte more than is allowed is kept, so that the line is refused for its length.
            if (line.size() <= ndjson_line_bytes_max) line.push_back(static_cast<char>(c));
        }
        return !line.empty();
    }

    Instant arrival_of(const RawEvent& event) const
    {
        return event.received_at.value_or(std::max(largest_at_, event.at.value_or(largest_at_)));
    }

    Result<void> admit(const RawEvent& event)
    {
        const auto arrival = arrival_of(event);
        largest_at_ = std::max(largest_at_, event.at.value_or(largest_at_));
        Result<void> good;
        shop_->admit(event, arrival, [&good, waiting = true](const Result<Answer>& answer) {
            // With a ledger the answer comes later, and is never a refusal then.
            if (waiting && !answer) good = answer.error();
        });
        poll();
        return good;
    }

    /// The nights that come by then, each when it is due. The first event's own is none: there is
    /// nothing to score yet.
    Result<void> nights_until(Instant to)
    {
        const auto refresh_at = settings_.scoring.refresh_at;
        if (!nights_) return {};
        const auto newest = night_of(to, sender_.clock, refresh_at);
        if (!scored_day_) scored_day_ = newest;
        while (*scored_day_ < newest) {
            const auto night = *scored_day_ + std::chrono::days{1};
            const auto due = night_due(night, sender_.clock, refresh_at);
            shop_->tick(due);
            drain();
            if (const auto scored = score_all(night, due); !scored) return scored;
            scored_day_ = night;
        }
        return {};
    }

    /// What a look at every member takes: the ledger's, or what is kept in memory.
    Result<void> with_past(const std::function<Result<void>(Past&)>& look)
    {
        if (!ledger_) return look(shop_->memory());
        auto histories = ledger::Histories::open(ledger_->path());
        if (!histories) return histories.error();
        LedgerPast past{std::move(histories).value()};
        return look(past);
    }

    Result<NightRules> rules_of_night(Instant at) const
    {
        auto rules = night_rules(settings_, sender_.clock);
        rules.tenant_seed = pseudonyms_.derive_seed(control_groups);
        for (const auto& campaign : campaigns_) serve(rules, campaign, at);
        if (!ledger_) return rules;
        const auto given = given_model(
            [this](const std::string& kind) { return ledger_->model(kind); }, rules.training.cards);
        if (!given) return given.error();
        rules.training.given = *given;
        return rules;
    }

    Result<void> score_all(std::chrono::sys_days night, Instant at)
    {
        return with_past([&](Past& past) { return score_all(past, night, at); });
    }

    Result<void> score_all(Past& past, std::chrono::sys_days night, Instant at)
    {
        const auto how = rules_of_night(at);
        if (!how) return how.error();
        const NightRules& rules = *how;
        const auto last = shop_->engine().models();
        auto out = reckon_night(past, rules, at, last.get(), [&](NightSlice&& slice) {
            if (!slice.scores.empty() || !slice.unscored.empty())
                shop_->take_scores(std::move(slice), at, [](bool) {});
            poll();
            return true;
        });
        if (!out) return out.error();
        out->day = night;
        shop_->take_models(*out);
        drain();
        return {};
    }

    /// Nights and timers in the order of their time, as before an event.
    Result<void> settle(std::optional<Instant> until)
    {
        Engine& engine = shop_->engine();
        while (until || engine.unsettled() > 0) {
            const auto due = engine.next_due();
            if (until && (!due || *due >= *until)) {
                if (const auto scored = nights_until(*until); !scored) return scored;
                if (engine.now() < *until) shop_->tick(*until);
                break;
            }
            if (!due) break;  // whoever is left waits for a reader that never comes back
            if (const auto scored = nights_until(*due); !scored) return scored;
            shop_->tick(*due + Millis{1});
            poll();
        }
        return {};
    }

    /// Lets the ledger answer, and waits for it where its queue is full.
    void poll()
    {
        if (!ledger_) return;
        loop_.restart();
        loop_.poll();
        while (!ledger_->room()) {
            loop_.restart();
            loop_.run_one();
        }
    }

    void drain()
    {
        while (shop_->under_way() > 0) {
            auto open = boost::asio::make_work_guard(loop_);
            loop_.restart();
            loop_.run_one();
        }
    }

    Settings settings_;
    Pseudonyms pseudonyms_;
    Sender sender_;
    std::ostream& out_;
    std::ostream& complaints_;
    boost::asio::io_context loop_{1};
    ledger::SegmentMatcher segments_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::vector<Campaign> campaigns_;
    std::optional<Shop> shop_;
    Instant largest_at_{};
    bool nights_{};
    std::optional<std::chrono::sys_days> scored_day_;
};

int told(std::ostream& complaints, int code, const Problem& problem)
{
    complaints << "raitenctl replay: " << problem.text() << '\n';
    return code;
}

}  // namespace

int replay(const ReplayOptions& options, std::istream& in, std::ostream& out,
           std::ostream& complaints)
{
    auto read = load_settings(options.config);
    if (!read.problems.empty())
        return told(complaints, ctl::exit_code::configuration, read.problems.front());
    auto pseudonyms = Pseudonyms::open(read.settings, places_from_environment(options.config));
    if (!pseudonyms) return told(complaints, ctl::exit_code::configuration, pseudonyms.error());
    const auto clock =
        make_store_clock(read.settings.store.timezone, read.settings.store.day_start);
    if (!clock) return told(complaints, ctl::exit_code::configuration, clock.error());

    Replay store{std::move(read.settings), std::move(pseudonyms.value()), clock.value(), out,
                 complaints};
    if (const auto stop = store.prepare(options))
        return told(complaints, stop->code, stop->problem);
    const bool any = store.play(in, options.until);
    if (!options.cards.empty())
        if (const auto written = store.write_cards(options.cards); !written)
            return told(complaints, ctl::exit_code::cannot_create, written.error());
    out.flush();
    if (!out) return told(complaints, ctl::exit_code::output_failed, {"cannot write the effects"});
    return any ? ctl::exit_code::good : ctl::exit_code::bad_data;
}

namespace ctl {

int run_replay(const ReplayOptions& options)
{
    std::ios::sync_with_stdio(false);
    if (options.events == "-") return replay(options, std::cin, std::cout, std::cerr);
    std::ifstream in{options.events, std::ios::binary};
    if (!in) return told(std::cerr, exit_code::no_input, {"cannot be read", options.events});
    return replay(options, in, std::cout, std::cerr);
}

}  // namespace ctl
}  // namespace raiten::app
