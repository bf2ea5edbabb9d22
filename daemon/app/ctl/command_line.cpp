#include "daemon/app/ctl/command_line.hpp"

#include "daemon/app/ctl/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <sstream>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t screen_columns = 80;
constexpr std::size_t name_columns = 24;

/// CLI11's help, with lines that end before the screen does.
class Help final : public CLI::Formatter {
 public:
    Help() { column_width(name_columns); }

    std::string make_option_desc(const CLI::Option* option) const override
    {
        return wrapped(CLI::Formatter::make_option_desc(option), screen_columns - name_columns);
    }
    std::string make_description(const CLI::App* app) const override
    {
        return wrapped(CLI::Formatter::make_description(app), screen_columns) + "\n";
    }
    std::string make_subcommand(const CLI::App* sub) const override
    {
        std::stringstream out;
        CLI::detail::format_help(out, sub->get_display_name(true),
                                 wrapped(sub->get_description(), screen_columns - name_columns),
                                 name_columns);
        return out.str();
    }
    std::string make_footer(const CLI::App* app) const override
    {
        const auto footer = app->get_footer();
        return footer.empty() ? footer : "\n" + footer + "\n";
    }
};

}  // namespace

std::string wrapped(const std::string& text, std::size_t columns)
{
    std::string out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (!out.empty()) out += '\n';
        std::istringstream words{line};
        std::size_t used = 0;
        for (std::string word; words >> word;) {
            if (used > 0 && used + 1 + word.size() > columns) {
                out += '\n';
                used = 0;
            }
            if (used > 0) out += ' ';
            out += word;
            used += word.size() + (used > 0 ? 1 : 0);
        }
    }
    return out;
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& examples)
{
    auto* command = parent.add_subcommand(name, what);
    std::string footer{"Examples:"};
    std::istringstream lines{examples};
    for (std::string line; std::getline(lines, line);) footer += "\n  " + line;
    command->footer(footer);
    return command;
}

void add_json(CLI::App& command, bool& json, const std::string& what)
{
    command.add_flag("--json", json, what);
}

void add_config(CLI::App& command, std::string& file, const std::string& what)
{
    command.add_option("--config", file, what)->type_name("FILE");
}

int run(int count, const char* const* words)
{
    CLI::App app{
        "Looks after a Raiten store device: asks the running raitend over its unix "
        "socket, or works on files.",
        "raitenctl"};
    app.formatter(std::make_shared<Help>());
    app.set_version_flag("--version", "raitenctl " RAITEN_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  raitenctl doctor\n"
        "  raitenctl visits --state open\n"
        "  raitenctl decode btsnoop entrance.btsnoop\n"
        "  raitenctl COMMAND --help");
    int code = exit_code::good;
    add_look(app, code);
    add_kpi(app, code);
    add_insights(app, code);
    add_backtest(app, code);
    add_models(app, code);
    add_watch(app, code);
    add_doctor(app, code);
    add_decode(app, code);
    add_replay(app, code);
    add_import(app, code);
    add_token(app, code);
    add_init(app, code);
    add_campaigns(app, code);
    add_score(app, code);
    add_simulate(app, code);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        // Help and the version come this way too, as success.
        return app.exit(error) == 0 ? exit_code::good : exit_code::usage;
    }
    std::fflush(stdout);
    return std::ferror(stdout) != 0 && code == exit_code::good ? exit_code::output_failed : code;
}

}  // namespace raiten::app::ctl
