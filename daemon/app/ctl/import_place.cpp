#include "daemon/app/ctl/import_place.hpp"

#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"

#include <CLI/CLI.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace raiten::app::ctl {
namespace {

/// "tenant/store/device".
bool take_identity(const std::string& text, Settings::Store& store)
{
    const auto first = text.find('/');
    const auto second = text.find('/', first + 1);
    if (first == std::string::npos || second == std::string::npos) return false;
    store.tenant = text.substr(0, first);
    store.store = text.substr(first + 1, second - first - 1);
    store.device = text.substr(second + 1);
    return !store.tenant.empty() && !store.store.empty() && !store.device.empty()
           && store.device.find('/') == std::string::npos;
}

}  // namespace

Result<Store> store_asked_for(const ImportPlace& asked)
{
    if (asked.by_settings()) {
        auto store = load_store(asked.config.empty() ? default_config : asked.config);
        if (store && !asked.db.empty()) store->settings.ledger.path = asked.db;
        return store;
    }
    Problem problem{"--db needs to know whose it is",
                    {},
                    "--config FILE, or --store TENANT/STORE/DEVICE and --token-key FILE"};
    Store store;
    store.settings.ledger.path = asked.db;
    if (take_identity(asked.store, store.settings.store) && !asked.token_key.empty()) return store;
    complain(problem.text());
    return problem;
}

void become_owner_of(const std::string& file)
{
    const auto folder = std::filesystem::path{file}.parent_path();
    struct stat about {};
    if (::geteuid() != 0 || ::stat(folder.empty() ? "." : folder.c_str(), &about) != 0) return;
    if (::setegid(about.st_gid) != 0 || ::seteuid(about.st_uid) != 0)
        complain("cannot act for the owner of " + folder.string() + "; files will be root's");
}

void add_place(CLI::App& command, ImportPlace& asked)
{
    add_config(command, asked.config, "The store's settings; else /etc/raiten/raiten.toml.");
    command.add_option("--db", asked.db, "Into this ledger file, never into the running raitend.")
        ->type_name("FILE");
    command.add_option("--store", asked.store, "Without --config: TENANT/STORE/DEVICE.")
        ->type_name("NAMES");
    command.add_option("--token-key", asked.token_key, "The token key, instead of the settings'.")
        ->type_name("FILE");
}

}  // namespace raiten::app::ctl
