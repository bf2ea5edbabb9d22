#include "daemon/app/clock.hpp"
#include "daemon/app/ctl/book_csv.hpp"
#include "daemon/app/ctl/book_writer.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/import_place.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/base/iso8601.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string visits, receipts;
    ImportPlace place;
    std::string as_of;
    bool enrol{};
    bool json{};
};

/// A progress bar for each thing that is done, one after the other.
class Steps {
 public:
    void show(const char* what, std::uint64_t done, std::uint64_t of)
    {
        if (what != what_) {
            bar_.reset();
            bar_.emplace(what, "entries", of);
            what_ = what;
        }
        constexpr std::uint64_t seldom = 1024;
        if (done % seldom == 0) bar_->show(done);
    }
    void end() { bar_.reset(); }

 private:
    const char* what_{};
    std::optional<Progress> bar_;
};

class HistoryImport {
 public:
    HistoryImport(const Asked& asked, Store store, StoreClock clock, Instant now)
        : asked_{asked}, store_{std::move(store)}, clock_{std::move(clock)}, now_{now}
    {
    }

    int run()
    {
        auto pseudonyms = open_pseudonyms(store_, asked_.place.token_key);
        if (!pseudonyms) return complain(pseudonyms.error(), exit_code::no_input);
        ledger::StoreFile file;
        const auto& about = store_.settings.store;
        file.path = store_.settings.ledger.path;
        file.store = about.tenant + "/" + about.store + "/" + about.device;
        become_owner_of(file.path);
        // First of all: whoever would be refused should not wait for the files to be read.
        auto lock = ledger::FileLock::take(file.path + ".lock");
        if (!lock) return complain(in_use(lock.error()), exit_code::cannot_create);

        int code = read(&book_visits_of, asked_.visits);
        if (code == exit_code::good) code = read(&book_receipts_of, asked_.receipts);
        if (code != exit_code::good) return code;

        auto past = ledger::Past::open(file, std::move(*lock));
        if (!past) return complain(past.error(), exit_code::cannot_create);
        BookWriter writer{setup_of(pseudonyms->derive_seed()), book_, **past};
        const auto tally = writer.write();
        if (!tally) return complain(tally.error(), exit_code::cannot_create);
        const bool any = tally->members > 0 || !(*past)->ok();
        if (const auto done = any ? (*past)->commit() : Result<void>{}; !done) {
            steps_.end();
            complain(done.error().text());
            complain("nothing was imported");
            return exit_code::cannot_create;
        }
        steps_.end();
        report(*tally);
        return refusals_.count() > 0 ? exit_code::bad_data : exit_code::good;
    }

 private:
    static Problem in_use(const Problem& problem)
    {
        if (problem.what.find("in use") == std::string::npos) return problem;
        return {"raitend is at work on this ledger, and a history goes in beneath it",
                problem.where, "systemctl stop raitend, import, systemctl start raitend"};
    }

    /// An exit code.
    int read(Result<void> (*reader)(const BookInput&, ShopBook&), const std::string& name)
    {
        if (name.empty()) return exit_code::good;
        std::ifstream file;
        if (name != "-") {
            std::error_code ignored;
            file.open(name, std::ios::binary);
            if (!file || std::filesystem::is_directory(name, ignored))
                return complain(Problem{"cannot be opened", name}, exit_code::no_input);
        }
        Progress progress{"reading", "rows", std::nullopt};
        const BookInput input{name == "-" ? std::cin : file,
                              name,
                              store_.settings.visits,
                              clock_,
                              store_.settings.store.currency,
                              now_,
                              [&](std::uint64_t rows) { progress.show(rows); },
                              [&](const Problem& problem) { refusals_.take(problem); },
                              [&](const std::string& column) {
                                  complain(name + ": the column '" + column + "' is not used");
                              }};
        const auto how = reader(input, book_);
        return how ? exit_code::good : complain(how.error(), exit_code::bad_data);
    }

    BookWriter::Setup setup_of(std::uint64_t seed)
    {
        BookWriter::Setup setup;
        setup.rules = store_.settings.visits;
        setup.clock = clock_;
        setup.currency = store_.settings.store.currency;
        setup.seed = seed;
        setup.kept_from = now_ - store_.settings.ledger.retention_visits;
        setup.enrol = asked_.enrol;
        setup.visits_file = asked_.visits;
        setup.receipts_file = asked_.receipts;
        setup.refuse = [this](const Problem& problem) { refusals_.take(problem); };
        setup.progress = [this](const char* what, std::uint64_t done, std::uint64_t of) {
            steps_.show(what, done, of);
        };
        return setup;
    }

    void report(const BookTally& tally) const
    {
        const auto text = [](std::uint64_t number) { return std::to_string(number); };
        if (asked_.json)
            return print(R"({"members":)" + text(tally.members) + R"(,"enrolled":)"
                         + text(tally.enrolled) + R"(,"unchanged":)" + text(tally.unchanged)
                         + R"(,"refused_members":)" + text(tally.refused) + R"(,"refused_rows":)"
                         + text(book_.refused) + R"(,"rows_without_member":)"
                         + text(book_.rows_without_member) + R"(,"visits":)" + text(tally.visits)
                         + R"(,"purchases":)" + text(tally.purchases) + R"(,"beyond_retention":)"
                         + text(tally.beyond_retention) + R"(,"receipts":)" + text(tally.receipts)
                         + R"(,"known_receipts":)" + text(tally.known_receipts) + R"(,"unmatched":)"
                         + text(tally.unmatched) + "}");
        print(text(tally.members) + " members with " + text(tally.visits) + " visits ("
              + text(tally.purchases) + " with a purchase) and " + text(tally.receipts)
              + " receipts imported");
        const auto also = [&](std::uint64_t number, const std::string& what) {
            if (number > 0) print(text(number) + " " + what);
        };
        also(tally.enrolled, "members are new to the store");
        also(tally.unchanged, "members have this history already: nothing was changed for them");
        also(
            tally.beyond_retention,
            "visits are older than [ledger] retention_visits: counted for their members, not kept");
        also(tally.unmatched, "voids and refunds are of no known receipt: kept, without effect");
        also(tally.known_receipts, "receipts were known before and stay as they are");
        also(book_.rows_without_member, "rows name no member");
        also(book_.refused, "rows refused");
        also(tally.refused, "members refused");
    }

    const Asked& asked_;
    const Store store_;
    const StoreClock clock_;
    const Instant now_;
    ShopBook book_;
    Refusals refusals_;
    Steps steps_;
};

int import_history(const Asked& asked)
{
    Instant now = wall_now();
    if (!asked.as_of.empty()) {
        const auto given = parse_instant(asked.as_of);
        if (!given)
            return complain(
                Problem{given.error().what, "--as-of", "such as 2026-11-22T00:00:00+09:00"},
                exit_code::usage);
        now = *given;
    }
    if (asked.visits == "-" && asked.receipts == "-")
        return complain(Problem{"two files cannot both be standard input"}, exit_code::usage);
    auto store = store_asked_for(asked.place);
    if (!store) return asked.place.by_settings() ? exit_code::configuration : exit_code::usage;
    auto clock = make_store_clock(store->settings.store.timezone, store->settings.store.day_start);
    if (!clock) return complain(clock.error(), exit_code::configuration);
    return HistoryImport{asked, std::move(*store), std::move(*clock), now}.run();
}

constexpr const char* about_rules =
    "\n\nVisits: member,at[,left_at,zone]. Receipts: member,at,total[,number,kind,pos,currency,\n"
    "refers_to,sku,name,quantity,amount,category]; rows with one number are the lines of\n"
    "one receipt. at is RFC 3339, or a date alone: the start of that business day.\n"
    "Give both files in one command: the outcome and streak of a visit follow from its\n"
    "receipts, and a member's history is taken once, whole, before the first live visit.\n"
    "Sales without a visit make visits of their own. The same files again change nothing.\n"
    "raitend must not run meanwhile. Nobody is told of what is imported: no summary, no\n"
    "coupon, no event follows from it. Wrong rows, and members who are not enrolled, are\n"
    "named and left out; the exit code then is 65.";

/// `first` is the command's own file, `second` the one that may stand beside it.
void add_history(CLI::App& import, int& code, const char* first, const char* second)
{
    auto asked = std::make_shared<Asked>();
    const bool visits = std::string_view{first} == "visits";
    const std::string own = first;
    const std::string other = second;
    auto* command = add_command(
        import, own,
        visits
            ? "A shop's past: visits from CSV, with their receipts, as if the box had been there."
            : "A shop's past: receipts from CSV, and the visits behind them.",
        "raitenctl import " + own + " " + own + ".csv --" + other + " " + other + ".csv\n"
            + "raitenctl import " + own + " " + own + ".csv --enrol --config ./raiten.toml");
    command->footer(command->get_footer() + about_rules);
    command
        ->add_option("FILE", visits ? asked->visits : asked->receipts,
                     "The " + own + "; - is standard input.")
        ->required()
        ->type_name("");
    command
        ->add_option("--" + other, visits ? asked->receipts : asked->visits,
                     "The " + other + " of the same time.")
        ->type_name("FILE");
    command->add_flag("--enrol", asked->enrol,
                      "Enrol members whom the store does not know, as people who have agreed.");
    command
        ->add_option("--as-of", asked->as_of,
                     "What lies after it is the future, and retention counts from it; else now.")
        ->type_name("TIME");
    add_place(*command, asked->place);
    add_json(*command, asked->json, "Print the counts as JSON.");
    command->callback([asked, &code] { code = import_history(*asked); });
}

}  // namespace

void add_import_history(CLI::App& import, int& code)
{
    add_history(import, code, "visits", "receipts");
    add_history(import, code, "receipts", "visits");
}

}  // namespace raiten::app::ctl
