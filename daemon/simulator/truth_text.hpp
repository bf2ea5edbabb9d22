#pragma once

#include "daemon/simulator/store.hpp"

#include <string>

namespace raiten::simulator {

/// What really happened on a day, as lines of JSON: `visit`, `purchase`, `passer_by`, `outage`,
/// `shift`, `fixture`; README.md shows one of each.
void write_truth(const Store& store, const Day& day, std::string& out);

/// `member,tokens,consent,birth_month,staff`, as raitenctl import members reads it.
std::string members_csv(const Store& store);

/// What a raiten.toml needs besides the store's own.
struct SettingsText {
    std::string store;      ///< "store-1"
    std::string timezone;   ///< IANA
    std::string token_key;  ///< path of the file as a TOML string, with its quotes
};

/// A raiten.toml whose readers are those of the store. Its readers take their events from the
/// local API, so that raitend runs with it as it is.
std::string settings_toml(const Store& store, const SettingsText& text);

}  // namespace raiten::simulator
