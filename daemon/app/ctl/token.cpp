#include "daemon/app/api_tokens.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/base/hex.hpp"

#include <CLI/CLI.hpp>

namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string file;  ///< the tokens file, or "": what the settings say
    std::string role;
    std::string name;
    bool json{};
};

/// The tokens file, or nothing after a complaint.
std::optional<std::string> tokens_file(const Asked& asked)
{
    if (!asked.file.empty()) return asked.file;
    const auto store = load_store(asked.config);
    if (!store) return std::nullopt;
    return store->settings.http.tokens_file;
}

int make_new(const Asked& asked)
{
    const auto file = tokens_file(asked);
    if (!file) return exit_code::configuration;
    const bool known_role =
        std::find(api_roles.begin(), api_roles.end(), asked.role) != api_roles.end();
    const auto made = add_api_token(*file, asked.role, asked.name);
    if (!made)
        return complain(made.error(), known_role ? exit_code::cannot_create : exit_code::usage);
    if (asked.json) {
        print(R"({"name":)" + json_text(made->name) + R"(,"role":)" + json_text(asked.role)
              + R"(,"token":)" + json_text(made->token) + "}");
    } else {
        print(made->token);
        complain("this token of " + made->name + " (" + asked.role
                 + ") is shown once; only its hash is kept in " + *file);
    }
    return exit_code::good;
}

int list(const Asked& asked)
{
    const auto file = tokens_file(asked);
    if (!file) return exit_code::configuration;
    const auto read = read_api_tokens(*file);
    if (!read) return complain(read.error(), exit_code::no_input);
    for (const auto& problem : read->problems) complain(problem.text());
    for (const auto& token : read->tokens) {
        if (asked.json)
            print(R"({"name":)" + json_text(token.name) + R"(,"role":)" + json_text(token.role)
                  + R"(,"sha256":)" + json_text(to_hex(token.digest)) + "}");
        else
            print(token.role + std::string(8 - token.role.size(), ' ') + token.name);
    }
    if (read->tokens.empty() && !asked.json) complain("there are no tokens in " + *file);
    return read->problems.empty() ? exit_code::good : exit_code::bad_data;
}

int revoke(const Asked& asked)
{
    const auto file = tokens_file(asked);
    if (!file) return exit_code::configuration;
    if (const auto done = revoke_api_token(*file, asked.name); !done)
        return complain(done.error(), exit_code::failed);
    if (asked.json)
        print(R"({"revoked":)" + json_text(asked.name) + "}");
    else
        print("revoked " + asked.name);
    return exit_code::good;
}

CLI::App* add(CLI::App& token, const std::string& name, const std::string& what,
              const std::string& examples, const std::shared_ptr<Asked>& asked, int& code,
              int (*run)(const Asked&))
{
    auto* command = add_command(token, name, what, examples);
    add_config(*command, asked->config, "Where the settings name the tokens file.");
    command->add_option("--tokens-file", asked->file, "The tokens file itself.")->type_name("FILE");
    add_json(*command, asked->json, "Print JSON.");
    command->callback([asked, &code, run] { code = run(*asked); });
    return command;
}

}  // namespace

void add_token(CLI::App& app, int& code)
{
    auto* token = add_command(app, "token", "Bearer tokens of the local API.",
                              "raitenctl token new kiosk --name counter\n"
                              "raitenctl token list\n"
                              "raitenctl token revoke counter");
    token->require_subcommand(1);
    auto asked = std::make_shared<Asked>();
    auto* made = add(*token, "new", "Make a token and show it, this once.",
                     "raitenctl token new kiosk\nraitenctl token new reader --name gate-2", asked,
                     code, make_new);
    made->add_option("ROLE", asked->role, "kiosk, pos, reader or admin.")
        ->required()
        ->type_name("");
    made->add_option("--name", asked->name, "What to call it; else after its role.")
        ->type_name("NAME");
    add(*token, "list", "Who has a token.", "raitenctl token list", asked, code, list);
    add(*token, "revoke", "Take a token back; raitend notices at once.",
        "raitenctl token revoke gate-2", asked, code, revoke)
        ->add_option("NAME", asked->name, "As list shows it.")
        ->required()
        ->type_name("");
}

}  // namespace raiten::app::ctl
