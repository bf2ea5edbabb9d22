#include "daemon/app/app.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/settings_table.hpp"
#include "daemon/app/version.hpp"

#include <sysexits.h>
#include <CLI/CLI.hpp>

#include <iostream>

using namespace raiten;
using namespace raiten::app;

namespace {

int serve(const std::string& config_file)
{
    auto read = load_settings(config_file);
    if (!read.problems.empty()) {
        for (const auto& problem : read.problems) std::cerr << problem.text() << '\n';
        return EX_CONFIG;
    }
    log::start(log::level_of(read.settings.log.level), log::format_of(read.settings.log.format));
    const Places places = places_from_environment(config_file);
    auto app = App::open(config_file, std::move(read.settings), places);
    if (!app) {
        log::problem(log::Level::error, "raitend.cannot_start", app.error());
        return EX_TEMPFAIL;
    }
    return app.value()->run();
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App cli{
        "raitend: finds out which members are in the store, and who has come back.\n"
        "Runs as a systemd service; talk to it with raitenctl."};
    std::string config_file = "/etc/raiten/raiten.toml";
    bool check = false;
    bool reference = false;
    cli.add_option("--config", config_file, "configuration file")->type_name("FILE");
    cli.add_flag("--check-config", check, "print every mistake in the configuration and end");
    cli.add_flag("--config-reference", reference, "print what can be configured and end");
    cli.set_version_flag("--version", std::string{"raitend "} + version);
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return cli.exit(problem) == 0 ? 0 : EX_USAGE;
    }
    if (reference) {
        std::cout << settings_reference();
        return 0;
    }
    if (check) {
        const std::vector<std::string> files{config_file};
        const auto checked = check_config(files);
        std::cout << checked.text;
        return checked.exit_code;
    }
    return serve(config_file);
}
