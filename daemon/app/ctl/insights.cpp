#include "daemon/app/insights.hpp"

#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/app/store_clock.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

/// What sets loyal members apart: from raitend, or from a ledger's file.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket, db;
    bool json{};
    int window{30};
};

constexpr double told_below = 0.05;

std::string behaviour_of(const Json& experience)
{
    const auto zone = text_at(experience, "zone");
    if (!zone.empty()) return "visited " + zone;
    auto name = text_at(experience, "behaviour");
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string percent(const Json& rate)
{
    return rate.is_number() ? std::to_string(std::lround(rate.get<double>() * 100)) + " %" : "-";
}

std::string group_of(const Json& group)
{
    return shown(group, "members") + ", " + percent(at(group, "rate"));
}

std::string points(const Json& share)
{
    if (!share.is_number()) return "?";
    const auto rounded = std::lround(share.get<double>() * 100);
    return (rounded > 0 ? "+" : "") + std::to_string(rounded);
}

std::string difference_of(const Json& difference)
{
    const auto& q = at(difference, "q");
    if (!q.is_number()) return "-";
    return points(at(difference, "value")) + " (" + points(at(difference, "lower")) + " "
           + points(at(difference, "upper")) + ")" + (q.get<double>() < told_below ? "*" : "");
}

void say(const std::string& text)
{
    print(wrapped(text, Table::columns_max));
}

void show(const Json& answer)
{
    const auto& members = at(answer, "members");
    const auto window = shown(answer, "window_days"), retention = shown(answer, "retention_days");
    say(shown(members, "members") + " members are compared; " + percent(at(members, "rate"))
        + " of them came again within " + retention + " d after their first " + window
        + " d. Left out: " + shown(members, "too_recent") + " whose time is not over, "
        + shown(members, "incomplete") + " whose first visit is not kept.");
    Table table{{"IN THE FIRST " + window + " d", "DID", "DID NOT", "POINTS", "EQUAL VISITS"}};
    for (const auto& each : at(answer, "experiences"))
        table.add({behaviour_of(each), group_of(at(each, "did")), group_of(at(each, "did_not")),
                   difference_of(at(each, "difference")),
                   difference_of(at(each, "with_equal_visits"))});
    print("");
    if (table.empty()) {
        say("No behaviour yet that at least " + shown(answer, "k_anonymity")
            + " members showed and as many did not.");
        return;
    }
    std::fputs(table.text().c_str(), stdout);
    print("");
    const auto& stay = at(answer, "median_first_visit_min");
    say("DID, DID NOT: members, and how many of them came again. POINTS: the difference in "
        "percentage points with its 95 % interval. EQUAL VISITS: the same among members who came "
        "equally often in these days. *: of those marked, less than 5 % are expected to be "
        "chance."
        + (stay.is_number() ? " A long first visit: over " + plain(stay.dump()) + " min." : "")
        + " Behaviours that are not shown for too few members: " + shown(answer, "hidden") + ".");
    say("This tells who stays, not why: whether a behaviour makes members stay is for a campaign "
        "with a control group to tell.");
}

/// The answer, or the exit code after a complaint.
Result<std::string> of_service(const Asked& asked, int& code)
{
    const auto reply = ApiClient{socket_path(asked.socket, asked.config)}.get(
        "/api/v1/insights?window=" + std::to_string(asked.window));
    code = reply ? exit_code::failed : exit_code::unavailable;
    if (!reply) return reply.error();
    if (reply->status / 100 != 2) return refusal_of(*reply);
    return {boost::system::in_place_value, reply->body};
}

Result<std::string> of_file(const Asked& asked, const Settings& settings, int& code)
{
    code = exit_code::configuration;
    const auto clock = make_store_clock(settings.store.timezone, settings.store.day_start);
    if (!clock) return clock.error();
    code = exit_code::no_input;
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(asked.db, unreadable))
        return Problem{"there is no such file", asked.db, "--db names a ledger"};
    code = exit_code::bad_data;
    auto past = ledger::Histories::open(asked.db);
    if (!past) return past.error();
    const std::atomic<bool> cancelled{false};
    const auto found = insights(*past, std::chrono::days{asked.window}, insight_ground(settings),
                                *clock, cancelled);
    if (!found) return found.error();
    return {boost::system::in_place_value, insights_json(*found, *clock)};
}

int ask(const Asked& asked)
{
    int code = exit_code::good;
    std::optional<Store> store;
    if (!asked.db.empty()) {
        auto loaded = load_store(asked.config);
        if (!loaded) return exit_code::configuration;
        store = std::move(loaded).value();
    }
    const auto body = store ? of_file(asked, store->settings, code) : of_service(asked, code);
    if (!body) return complain(body.error(), code);
    return show_body(*body, asked.json, show);
}

}  // namespace

void add_insights(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(
        app, "insights", "What members who stay did in their first days, beside those who left.",
        "raitenctl insights\nraitenctl insights --db ledger.sqlite --config raiten.toml --json");
    command
        ->add_option("--window", asked->window,
                     "Behaviours of so many days from the first visit on; else 30.")
        ->check(CLI::Range(static_cast<int>(scoring::window_min.count()),
                           static_cast<int>(scoring::window_max.count())))
        ->type_name("DAYS");
    command
        ->add_option("--db", asked->db,
                     "A ledger's file, such as replay --db leaves; else raitend is asked.")
        ->type_name("FILE");
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH")
        ->excludes("--db");
    add_config(*command, asked->config,
               "Where the settings name the socket, or for --db the store.");
    add_json(*command, asked->json, "Print the answer as raitend gives it.");
    command->callback([asked, &code] { code = ask(*asked); });
}

}  // namespace raiten::app::ctl
