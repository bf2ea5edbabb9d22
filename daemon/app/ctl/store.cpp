#include "daemon/app/ctl/store.hpp"

#include "daemon/app/ctl/console.hpp"

#include <unistd.h>

namespace raiten::app::ctl {

Result<Store> load_store(const std::string& config_file)
{
    auto read = load_settings(config_file);
    for (const auto& problem : read.problems) complain(problem.text());
    if (!read.problems.empty()) return read.problems.front();
    return Store{std::move(read.settings), places_from_environment(config_file)};
}

std::string credential_store_path(const std::string& name)
{
    return "/etc/credstore/raiten." + name;
}

namespace {

/// A credential's name as the service finds it, for whom systemd did not start: its place in the
/// credential store, where it lies there and not in the state directory.
std::string where_it_lies(const std::string& name, const Places& places)
{
    const bool is_credential = !name.empty() && name.find('/') == std::string::npos;
    const auto in_state = places.state_directory + "/" + name;
    const auto in_store = credential_store_path(name);
    const bool stored = is_credential && places.credentials_directory.empty()
                        && ::access(in_state.c_str(), F_OK) != 0
                        && ::access(in_store.c_str(), F_OK) == 0;
    return stored ? in_store : name;
}

}  // namespace

Result<Secret> find_token_key(const Store& store, const std::string& file)
{
    auto places = store.places;
    auto name = store.settings.identity.token_key;
    if (!file.empty()) {
        name = file.find('/') == std::string::npos ? "./" + file : file;
        if (name[0] != '/') places.state_directory = ".";
    }
    name = where_it_lies(name, places);
    auto secret = read_secret(name, places);
    if (!secret) return secret.error();
    auto key = parse_token_key(std::move(*secret));
    if (!key) return Problem{key.error().what, name, key.error().advice};
    return key;
}

Result<Pseudonyms> open_pseudonyms(const Store& store, const std::string& token_key_file)
{
    auto key = find_token_key(store, token_key_file);
    if (!key) return key.error();
    auto made = Pseudonyms::make(std::move(*key));
    if (!made) return made;
    const auto tags = where_it_lies(store.settings.identity.eid_tags, store.places);
    if (const auto good = made->enrol_tags(tags, store.places); !good) return good.error();
    return made;
}

std::string socket_path(const std::string& given, const std::string& config_file)
{
    if (!given.empty()) return given;
    const auto read = load_settings(config_file);
    const auto& socket = read.settings.http.socket;
    return read.problems.empty() && !socket.empty() ? socket : "/run/raiten/api.sock";
}

}  // namespace raiten::app::ctl
