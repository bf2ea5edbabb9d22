#pragma once

#include "daemon/app/identity.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/base/result.hpp"

#include <string>

namespace raiten::app::ctl {

/// The store that a command is about: its settings and where its files lie. State lies where
/// $STATE_DIRECTORY says, else in /var/lib/raiten.
struct Store {
    Settings settings;
    Places places;
};

/// Complains about everything that is wrong with the file; the first of it is returned.
Result<Store> load_store(const std::string& config_file);

/// Where systemd's credential `name` of raitend lies before the service gets it.
std::string credential_store_path(const std::string& name);

/// The token key: `file` if it is not empty, else as raitend finds it; a credential that only the
/// service would get is read from systemd's store.
Result<Secret> find_token_key(const Store& store, const std::string& file);
Result<Pseudonyms> open_pseudonyms(const Store& store, const std::string& token_key_file);

/// The API's socket: `given` if not empty, else what the settings say, else the default. Settings
/// that cannot be read do not matter here.
std::string socket_path(const std::string& given, const std::string& config_file);

}  // namespace raiten::app::ctl
