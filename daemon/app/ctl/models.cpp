#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/member_card.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <set>

/// What scores are made with: versions of models, and the parameters of those in force.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket;
    bool json{};
    std::uint32_t limit{50};
};

void show(const Json& answer)
{
    Table table{{"MADE", "MODEL", "VERSION", "SOURCE", "TAKEN", "WHY"}};
    for (const auto& m : at(answer, "models"))
        table.add({time_shown(m, "made_at"), shown(m, "kind"), shown(m, "version"),
                   shown(m, "source"), text_at(m, "accepted") == "true" ? "yes" : "no",
                   shown(m, "reason")});
    if (table.empty()) return print("no models yet: the first night makes them");
    std::fputs(table.text().c_str(), stdout);
    print("");
    print("In force:");
    std::set<std::string> told;
    for (const auto& m : at(answer, "models")) {
        const auto kind = text_at(m, "kind");
        const auto facts = facts_text(at(m, "parameters"));
        if (text_at(m, "accepted") != "true" || !told.insert(kind).second || facts.empty())
            continue;
        std::fputs(labelled(kind, facts).c_str(), stdout);
    }
}

int ask(const Asked& asked)
{
    const ApiClient client{socket_path(asked.socket, asked.config)};
    return show_answer(client.get("/api/v1/models?limit=" + std::to_string(asked.limit)),
                       asked.json, show);
}

}  // namespace

void add_models(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(app, "models",
                                "Which models scores were made with, when, and with what "
                                "parameters; also those that were not taken, and why.",
                                "raitenctl models\nraitenctl models --limit 5 --json");
    command->add_option("--limit", asked->limit, "At most so many versions, the newest first.")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_config(*command, asked->config, "Where the settings name the socket.");
    add_json(*command, asked->json, "Print raitend's answer as it is.");
    command->callback([asked, &code] { code = ask(*asked); });
}

}  // namespace raiten::app::ctl
