#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/base/iso8601.hpp"

#include <CLI/CLI.hpp>

namespace raiten::app::ctl {

void add_replay(CLI::App& app, int& code)
{
    struct Asked {
        ReplayOptions options;
        std::string until;
        bool json{};
    };
    auto asked = std::make_shared<Asked>();
    auto& options = asked->options;
    auto* command = add_command(
        app, "replay", "Run the engine over recorded events; its effects as NDJSON.",
        "raitenctl replay --config raiten.toml --members members.csv events.ndjson\n"
        "raitenctl decode btsnoop day.btsnoop | raitenctl replay --config raiten.toml -");
    command->footer(command->get_footer()
                    + "\n\nThe service, with [engine] clock = \"events\" and a new ledger, streams the\n"
                      "same bytes for the same lines, but no time passes there after the last one.\n"
                      "So end a recording with {\"type\":\"tick\",\"at\":TIME}; or say --until TIME\n"
                      "here and send that line there.");
    command
        ->add_option("EVENTS", options.events, "Normalised events in order of arrival; - is stdin.")
        ->required()
        ->type_name("");
    command->add_option("--config", options.config, "The store's settings.")
        ->required()
        ->type_name("FILE");
    command->add_option("--members", options.members, "Member list, as for import members.")
        ->type_name("FILE");
    command->add_option("--campaigns", options.campaigns, "Folder with campaigns.")
        ->type_name("DIR");
    command
        ->add_option(
            "--cards", options.cards,
            "At the end every member's score card goes there, as score --reasons has it; for "
            "that all are scored every night.")
        ->type_name("FILE.csv");
    command->add_option("--db", options.db, "Keep the ledger in this file.")->type_name("FILE");
    command
        ->add_option(
            "--until", asked->until,
            "Leave out what arrives later and stop the clock here; else when all visits have "
            "settled.")
        ->type_name("TIME");
    add_json(*command, asked->json, "Said for uniformity: the output always is JSON.");
    command->callback([asked, &code] {
        if (!asked->until.empty()) {
            const auto until = parse_instant(asked->until);
            if (!until) {
                code = complain(
                    Problem{until.error().what, "--until", "such as 2026-11-22T10:00:00+09:00"},
                    exit_code::usage);
                return;
            }
            asked->options.until = *until;
        }
        code = run_replay(asked->options);
    });
}

}  // namespace raiten::app::ctl
