#include "daemon/app/campaign_figures.hpp"

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
#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>

/// How campaigns stand, and what they changed: from raitend, or from a ledger's file.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket, db, id;
    bool json{};
};

constexpr std::string_view indent{"               "};

/// A name and what belongs to it, over as many lines as it takes.
void fact(const std::string& name, const std::string& text)
{
    std::istringstream lines{wrapped(plain(text), Table::columns_max - indent.size())};
    std::string head = name;
    head.resize(std::max(head.size(), indent.size()), ' ');
    for (std::string line; std::getline(lines, line); head = indent) print(head + line);
}

std::string fixed(double value, int decimals)
{
    std::array<char, 400> text{};  // the largest double has 309 digits
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string number(const Json& value, int decimals)
{
    return value.is_number() ? fixed(value.get<double>(), decimals) : "?";
}

/// "+2.1 (0.4 to 3.8)"; `scale` 100 makes points of shares.
std::string interval(const Json& interval, double scale, int decimals)
{
    const auto part = [&](const char* key, const char* sign) {
        const auto& value = at(interval, key);
        if (!value.is_number()) return std::string{"?"};
        const auto scaled = value.get<double>() * scale;
        return (scaled > 0 ? sign : "") + fixed(scaled, decimals);
    };
    return part("value", "+") + " (" + part("low", "") + " to " + part("high", "") + ")";
}

std::string share(const Json& value)
{
    return value.is_number() ? fixed(value.get<double>() * 100, 1) + " %" : "-";
}

/// "segment 70, gap 10": without those that are 0.
std::string counted(const Json& counts)
{
    std::string out;
    if (!counts.is_object()) return "-";
    for (const auto& [name, count] : counts.items())
        if (count.is_number_unsigned() && count != 0)
            out += (out.empty() ? "" : ", ") + name + " " + count.dump();
    return out.empty() ? "none" : out;
}

std::string words(std::string name)
{
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

void show_standing(const Json& c)
{
    const auto& notation = at(c, "campaign");
    fact("campaign", shown(c, "id") + (text_at(c, "in_force") == "true" ? "" : " (not in force)"));
    fact("moment", words(shown(notation, "moment")));
    if (!text_at(notation, "where").empty()) fact("where", text_at(notation, "where"));
    fact("control", share(at(c, "control")) + " of the members get nothing");
    const auto& budget = at(c, "budget");
    const auto currency = " " + shown(c, "currency");
    fact("budget",
         shown(budget, "used") + " used, " + shown(budget, "reserved") + " reserved"
             + (at(budget, "left").is_null() ? currency + ", no limit"
                                             : ", " + shown(budget, "left") + " of "
                                                   + shown(budget, "limit") + currency + " left"));
    if (const auto& stock = at(c, "stock"); !stock.is_null())
        fact("stock", shown(stock, "left") + " of " + shown(stock, "count") + " left"
                          + (text_at(stock, "daily") == "true" ? " today" : ""));
    if (const auto& lease = at(c, "lease"); !lease.is_null())
        fact("lease",
             "version " + shown(lease, "version") + " until " + time_shown(lease, "until") + "; of "
                 + shown(lease, "budget") + currency + " " + shown(lease, "budget_used") + " used, "
                 + shown(lease, "budget_reserved") + " reserved, " + shown(lease, "budget_returned")
                 + " returned; of " + shown(lease, "stock") + " pieces "
                 + shown(lease, "stock_used") + " used, " + shown(lease, "stock_reserved")
                 + " reserved, " + shown(lease, "stock_returned") + " returned");
    const auto& funnel = at(c, "funnel");
    fact("occasions", shown(funnel, "asked") + ": " + shown(funnel, "given") + " given, "
                          + shown(funnel, "withheld") + " withheld");
    fact("passed over", words(counted(at(funnel, "passed_over"))));
    Table arms{{"OFFER", "GIVEN", "ANSWERED", "CHANCE NOW"}};
    for (const auto& arm : at(c, "arms"))
        arms.add({shown(arm, "offer"), shown(arm, "given"), shown(arm, "answered"),
                  share(at(arm, "probability"))});
    print("");
    std::fputs(arms.text().c_str(), stdout);
    print("");
}

void show_groups(const Json& effect)
{
    Table table{{"GROUP", "MEMBERS", "DECISIONS", "BOUGHT", "RATE", "SPEND"}};
    for (const char* name : {"given", "withheld"}) {
        const auto& group = at(effect, name);
        table.add({name, shown(group, "members"), shown(group, "decisions"), shown(group, "bought"),
                   share(at(group, "rate")),
                   at(group, "spend").is_number() ? number(at(group, "spend"), 2) : "-"});
    }
    std::fputs(table.text().c_str(), stdout);
    print("");
}

void show_figures(const Json& effect)
{
    const auto currency = " " + shown(effect, "currency");
    if (const auto& figures = at(effect, "figures"); !figures.is_null()) {
        fact("rate", interval(at(figures, "rate"), 100, 1) + " points: purchases a decision more");
        fact("spend", interval(at(figures, "spend"), 1, 2) + currency + " a decision more");
        fact("purchases", interval(at(figures, "purchases"), 1, 1) + " more in all");
        const auto& cost = at(figures, "purchase_cost");
        const auto upper =
            at(cost, "high").is_number() ? number(at(cost, "high"), 2) : "any amount";
        fact("cost", cost.is_null()
                         ? "no purchases more that could have cost anything"
                         : number(at(cost, "value"), 2) + " (" + number(at(cost, "low"), 2) + " to "
                               + upper + ")" + currency + " for one purchase more");
        print("");
        fact("", "In brackets: 95 % intervals, of a campaign that is over.");
    }
    if (const auto& look = at(effect, "look"); !look.is_null())
        fact("at any time",
             interval(at(look, "rate"), 100, 1) + " points, "
                 + (text_at(look, "rate_shown") == "true" ? "a difference is shown"
                                                          : "no difference is shown so far")
                 + ". These intervals may be looked at every day.");
}

void show_effect(const Json& c)
{
    const auto& effect = at(c, "effect");
    fact("coupons", counted(at(c, "states")));
    fact("decisions", shown(effect, "decisions") + " in the figures, all over before "
                          + time_shown(c, "settled_before") + "; " + shown(effect, "pending")
                          + " pending; left out: " + words(counted(at(effect, "left_out"))));
    const auto& ratio = at(effect, "sample_ratio");
    fact("sample ratio", shown(ratio, "withheld") + " of " + shown(ratio, "members")
                             + " members withheld, " + number(at(ratio, "expected"), 1)
                             + " expected, p = " + number(at(ratio, "p"), 4));
    fact("verdict", words(shown(effect, "verdict")) + ": " + shown(effect, "words"));
    print("");
    show_groups(effect);
    show_figures(effect);
}

void show_list(const Json& answer)
{
    Table table{{"CAMPAIGN", "MOMENT", "GIVEN", "WITHHELD", "LEFT", "POINTS", "VERDICT"}};
    for (const auto& c : at(answer, "campaigns")) {
        const auto& effect = at(c, "effect");
        const auto& figures = at(effect, "figures");
        table.add({shown(c, "id"), words(shown(at(c, "campaign"), "moment")),
                   shown(at(c, "funnel"), "given"), shown(at(c, "funnel"), "withheld"),
                   shown(at(c, "budget"), "left"),
                   figures.is_null() ? "-" : interval(at(figures, "rate"), 100, 1),
                   words(shown(effect, "verdict"))});
    }
    if (table.empty()) return print("no campaigns are running");
    std::fputs(table.text().c_str(), stdout);
    print("");
    print(
        wrapped("LEFT: of the budget. POINTS: purchases a decision more than without the offer, "
                "in percentage points, with the 95 % interval of a campaign that is over. "
                "raitenctl campaigns show CAMPAIGN says the rest.",
                Table::columns_max));
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
    const auto found = campaigns_figures(*past, {asked.id}, settings.visits, *clock, cancelled);
    if (!found) return found.error();
    return {boost::system::in_place_value,
            campaigns_figures_json(*found, settings.store.currency, *clock)};
}

int show_one(const Asked& asked)
{
    if (asked.db.empty()) {
        const ApiClient client{socket_path(asked.socket, asked.config)};
        return show_answer(client.get("/api/v1/campaigns/" + url_encoded(asked.id)), asked.json,
                           [](const Json& c) {
                               show_standing(c);
                               show_effect(c);
                           });
    }
    const auto store = load_store(asked.config);
    if (!store) return exit_code::configuration;
    int code = exit_code::good;
    const auto body = of_file(asked, store->settings, code);
    if (!body) return complain(body.error(), code);
    return show_body(*body, asked.json, [&](const Json& answer) {
        Json one = at(at(answer, "campaigns"), asked.id.c_str());
        one["settled_before"] = at(answer, "settled_before");
        fact("campaign", asked.id);
        show_effect(one);
    });
}

CLI::App* add(CLI::App& campaigns, const char* name, const char* what, const char* examples,
              const std::shared_ptr<Asked>& asked)
{
    auto* command = add_command(campaigns, name, what, examples);
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_json(*command, asked->json, "Print the answer as raitend gives it.");
    return command;
}

}  // namespace

void add_campaign_figures(CLI::App& campaigns, int& code)
{
    auto all = std::make_shared<Asked>();
    auto* list = add(campaigns, "list", "Which campaigns are running, and what they changed.",
                     "raitenctl campaigns list\nraitenctl campaigns list --json", all);
    add_config(*list, all->config, "Where the settings name the socket.");
    list->callback([all, &code] {
        const ApiClient client{socket_path(all->socket, all->config)};
        code = show_answer(client.get("/api/v1/campaigns"), all->json, show_list);
    });

    auto one = std::make_shared<Asked>();
    auto* show = add(campaigns, "show",
                     "How one campaign stands: whom it passed over and why, budget, stock, offers, "
                     "and what it changed beside those from whom it was withheld.",
                     "raitenctl campaigns show came-back\n"
                     "raitenctl campaigns show came-back --db ledger.sqlite --config raiten.toml",
                     one);
    show->add_option("CAMPAIGN", one->id, "Its id.")->required()->type_name("");
    show->add_option("--db", one->db,
                     "A ledger's file, such as replay --db leaves: only what it changed.")
        ->type_name("FILE")
        ->excludes("--socket");
    add_config(*show, one->config, "Where the settings name the socket, or for --db the store.");
    show->callback([one, &code] { code = show_one(*one); });
}

}  // namespace raiten::app::ctl
