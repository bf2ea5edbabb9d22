#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/import_place.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/members_csv.hpp"
#include "daemon/ledger/ledger.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <span>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t slice_members = 1'000;

struct Asked {
    std::string file;
    ImportPlace place;
    std::string socket;
    bool json{};
};

struct Tally {
    std::size_t imported{};
    std::size_t refused{};

    void refuse(const Problem& problem)
    {
        ++refused;
        complain(problem.text());
    }
};

/// Where the ledger posts its answers; the calling thread picks them up.
class Mailbox {
 public:
    ledger::Committer::Post post()
    {
        return [this](std::function<void()> letter) {
            const std::lock_guard held{mutex_};
            letters_.push_back(std::move(letter));
            arrived_.notify_one();
        };
    }
    void run_until(const bool& done)
    {
        while (!done) {
            std::unique_lock held{mutex_};
            arrived_.wait(held, [&] { return !letters_.empty(); });
            const auto letter = std::move(letters_.front());
            letters_.pop_front();
            held.unlock();
            letter();
        }
    }

 private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> letters_;
};

class Offline {
 public:
    Offline(ledger::Ledger& ledger, Mailbox& mailbox, std::string file, Tally& tally)
        : ledger_{ledger}, mailbox_{mailbox}, file_{std::move(file)}, tally_{tally}
    {
    }

    /// All that can be taken. A slice that is refused is halved until its bad rows stand alone.
    /// A Problem only if the ledger fails.
    Result<void> take(std::span<const MemberRow> rows)
    {
        if (rows.empty()) return {};
        std::vector<ledger::Enrolment> list;
        for (const auto& row : rows)
            list.push_back(
                {row.name, row.staff, row.consent, row.birth_month, row.tokens, row.channels});
        bool done = false;
        Result<void> how;
        const auto begun = ledger_.enrol(list, [&](const Result<void>& answer) {
            how = answer;
            done = true;
        });
        if (begun) {
            mailbox_.run_until(done);
            if (how) tally_.imported += rows.size();
            return how;
        }
        if (rows.size() == 1) {
            tally_.refuse({begun.error().what, file_ + ": line " + std::to_string(rows[0].line),
                           begun.error().advice});
            return {};
        }
        const auto half = rows.size() / 2;
        if (const auto first = take(rows.first(half)); !first) return first;
        return take(rows.subspan(half));
    }

 private:
    ledger::Ledger& ledger_;
    Mailbox& mailbox_;
    std::string file_;
    Tally& tally_;
};

void report(const std::vector<std::string>& unused, const std::vector<Problem>& problems,
            Tally& tally)
{
    for (const auto& column : unused) complain("the column '" + column + "' is not used");
    for (const auto& problem : problems) tally.refuse(problem);
}

int import_offline(std::istream& in, const Asked& asked, const Store& store, Tally& tally)
{
    auto pseudonyms = open_pseudonyms(store, asked.place.token_key);
    if (!pseudonyms) return complain(pseudonyms.error(), exit_code::no_input);
    const auto list = read_members(in, asked.file, *pseudonyms);
    report(list.unused_columns, list.problems, tally);
    if (list.rows.empty()) return exit_code::good;

    ledger::Ledger::Options options;
    options.path = store.settings.ledger.path;
    const auto& about = store.settings.store;
    options.store = about.tenant + "/" + about.store + "/" + about.device;
    become_owner_of(options.path);
    Mailbox mailbox;
    auto ledger = ledger::Ledger::open(std::move(options), mailbox.post());
    if (!ledger) return complain(ledger.error(), exit_code::cannot_create);
    Offline offline{**ledger, mailbox, asked.file, tally};
    Progress progress{"importing", "members", list.rows.size()};
    const std::span<const MemberRow> rows{list.rows};
    for (std::size_t at = 0; at < rows.size(); at += slice_members) {
        const auto taken =
            offline.take(rows.subspan(at, std::min(slice_members, rows.size() - at)));
        if (!taken) return complain(taken.error(), exit_code::cannot_create);
        progress.show(at);
    }
    return exit_code::good;
}

std::string channel_list(Channels channels)
{
    std::string list;
    for (std::size_t i = 0; i < channel_count; ++i)
        if (const auto channel = static_cast<Channel>(i); (channels & bit_of(channel)) != 0)
            list += (list.empty() ? "" : ",") + json_text(text_of(channel));
    return "[" + list + "]";
}

std::string body_of(const MemberLine& row)
{
    std::string tokens;
    for (const auto& token : row.tokens) tokens += (tokens.empty() ? "" : ",") + json_text(token);
    std::string body = "{";
    if (!row.name.empty()) body += R"("member":)" + json_text(row.name) + ",";
    body += R"("tokens":[)" + tokens + R"(],"consent":)" + (row.consent ? "true" : "false");
    if (row.birth_month) body += R"(,"birth_month":)" + std::to_string(*row.birth_month);
    if (row.channels) body += R"(,"channels":)" + channel_list(*row.channels);
    return body + R"(,"staff":)" + (row.staff ? "true" : "false") + "}";
}

int import_online(std::istream& in, const Asked& asked, const ApiClient& client, Tally& tally)
{
    const auto list = read_member_lines(in, asked.file);
    report(list.unused_columns, list.problems, tally);
    Progress progress{"importing", "members", list.rows.size()};
    std::uint64_t done = 0;
    for (const auto& row : list.rows) {
        const auto reply = client.post("/api/v1/members", body_of(row));
        if (!reply) return complain(reply.error(), exit_code::unavailable);
        if (reply->status / 100 == 2)
            ++tally.imported;
        else
            tally.refuse(
                {refusal_of(*reply).what, asked.file + ": line " + std::to_string(row.line)});
        progress.show(++done);
    }
    return exit_code::good;
}

int import_members(const Asked& asked)
{
    std::ifstream file;
    if (asked.file != "-") {
        std::error_code ignored;
        file.open(asked.file, std::ios::binary);
        if (!file || std::filesystem::is_directory(asked.file, ignored))
            return complain(Problem{"cannot be opened", asked.file}, exit_code::no_input);
    }
    std::istream& in = asked.file == "-" ? std::cin : file;
    const auto store = store_asked_for(asked.place);
    if (!store) return asked.place.by_settings() ? exit_code::configuration : exit_code::usage;
    Tally tally;
    int code = exit_code::good;
    const ApiClient client{asked.socket.empty() ? store->settings.http.socket : asked.socket};
    const bool running =
        asked.place.db.empty() && !client.socket().empty() && client.get("/healthz");
    if (running)
        code = import_online(in, asked, client, tally);
    else
        code = import_offline(in, asked, *store, tally);
    if (asked.json)
        print(R"({"imported":)" + std::to_string(tally.imported) + R"(,"refused":)"
              + std::to_string(tally.refused) + "}");
    else if (code == exit_code::good)
        print(std::to_string(tally.imported) + " members imported, " + std::to_string(tally.refused)
              + " rows refused");
    if (code != exit_code::good) return code;
    return tally.refused > 0 ? exit_code::bad_data : exit_code::good;
}

}  // namespace

void add_import(CLI::App& app, int& code)
{
    auto* import = add_command(app, "import", "Take lists and a shop's past into the store.",
                               "raitenctl import members members.csv\n"
                               "raitenctl import visits visits.csv --receipts receipts.csv");
    import->require_subcommand(1);
    add_import_history(*import, code);
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(
        *import, "members",
        "Enrol members from CSV: member,tokens,consent[,birth_month][,staff][,channels]. Into the "
        "running raitend, or into its files while it does not run. Wrong rows are named and left "
        "out; the exit code then is 65.",
        "raitenctl import members members.csv\n"
        "raitenctl import members members.csv --config ./raiten.toml\n"
        "raitenctl import members - --db ledger.db --store acme/s1/d1 --token-key key");
    command->add_option("FILE", asked->file, "The list; - is standard input.")
        ->required()
        ->type_name("");
    add_place(*command, asked->place);
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_json(*command, asked->json, "Print the counts as JSON.");
    command->callback([asked, &code] { code = import_members(*asked); });
}

}  // namespace raiten::app::ctl
