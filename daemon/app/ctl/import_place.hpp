#pragma once

#include "daemon/app/ctl/store.hpp"
#include "daemon/base/result.hpp"

#include <string>

namespace CLI {
class App;
}

namespace raiten::app::ctl {

/// Where an import goes, as the command line says it.
struct ImportPlace {
    std::string config;
    std::string db;
    std::string store;
    std::string token_key;

    bool by_settings() const { return db.empty() || !config.empty(); }
};

/// --config, --db, --store and --token-key.
void add_place(CLI::App& command, ImportPlace& asked);

/// The store by its settings, or as --db, --store and --token-key put it together. What is wrong
/// has been complained of.
Result<Store> store_asked_for(const ImportPlace& asked);

/// root works on as the owner of the file's folder, so that the daemon can use what is made there.
void become_owner_of(const std::string& file);

}  // namespace raiten::app::ctl
