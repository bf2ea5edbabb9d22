#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/secret.hpp"
#include "daemon/app/settings_table.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string folder{"/etc/raiten"};
    std::string state;  ///< "": the key goes to systemd's credential store
    bool json{};
};

/// A file that was not there before, on the disk when this returns.
Result<void> create_file(const std::string& path, const std::string& text)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                            S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    if (file < 0) return Problem{std::string{"cannot be created: "} + std::strerror(errno), path};
    std::size_t at = 0;
    while (at < text.size()) {
        const auto n = ::write(file, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        at += static_cast<std::size_t>(n);
    }
    const bool good = at == text.size() && ::fsync(file) == 0;
    Problem problem{std::string{"cannot be written: "} + std::strerror(errno), path};
    ::close(file);
    if (good) return {};
    ::unlink(path.c_str());
    return problem;
}

Result<void> make_folder(const std::string& path, bool secret)
{
    std::error_code error;
    const bool made = std::filesystem::create_directories(path, error);
    if (error) return Problem{"cannot be made: " + error.message(), path};
    if (made && secret) ::chmod(path.c_str(), S_IRWXU);
    return {};
}

int init(const Asked& asked)
{
    const auto config = asked.folder + "/raiten.toml";
    const auto key =
        asked.state.empty() ? credential_store_path("token.key") : asked.state + "/token.key";
    const auto key_folder = std::filesystem::path{key}.parent_path().string();
    for (const auto& path : {config, key})
        if (std::filesystem::exists(path))
            return complain(Problem{"is already there; nothing was changed", path,
                                    path == key ? "a new key would make every member a stranger"
                                                : "edit it, or move it away first"},
                            exit_code::cannot_create);
    for (const auto& made : {make_folder(asked.folder, false), make_folder(key_folder, true)})
        if (!made) return complain(made.error(), exit_code::cannot_create);
    if (const auto made = create_token_key(key); !made)
        return complain(made.error(), exit_code::cannot_create);
    if (const auto made = create_file(config, settings_sample()); !made) {
        ::unlink(key.c_str());  // so that the next try finds neither
        return complain(made.error(), exit_code::cannot_create);
    }
    if (asked.json) {
        print(R"({"config":)" + json_text(config) + R"(,"token_key":)" + json_text(key) + "}");
        return exit_code::good;
    }
    print("made " + config);
    print("made " + key + " (keep a copy where no store can lose it: without it, or");
    print("     with another one, every member is a stranger; all stores of a tenant share it)");
    print("next:");
    print("  1. in " + config + " set [store] tenant, store, device, timezone,");
    print("     currency, and a [[reader]] for each device");
    print("  2. raitend --check-config " + config);
    print("  3. raitenctl import members members.csv --config " + config);
    print("  4. systemctl enable --now raitend, then: raitenctl doctor");
    return exit_code::good;
}

}  // namespace

void add_init(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command =
        add_command(app, "init", "Make a first raiten.toml and a new token key.",
                    "raitenctl init\nraitenctl init --dir ./store --state ./store/state");
    command->add_option("--dir", asked->folder, "Where raiten.toml goes; else /etc/raiten.")
        ->type_name("DIR");
    command
        ->add_option("--state", asked->state,
                     "Where token.key goes; else it becomes systemd's credential "
                     "/etc/credstore/raiten.token.key.")
        ->type_name("DIR");
    add_json(*command, asked->json, "Print the names of what was made as JSON.");
    command->callback([asked, &code] { code = init(*asked); });
}

}  // namespace raiten::app::ctl
