#include "daemon/app/files.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/app/settings_table.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

namespace raiten::app {

Places places_from_environment(const std::string& config_file)
{
    Places places;
    const auto directory = std::filesystem::absolute(config_file).parent_path().string();
    if (!directory.empty()) places.config_directory = directory;
    if (const char* state = std::getenv("STATE_DIRECTORY"); state != nullptr && *state != '\0')
        places.state_directory = split(state, ':').front();
    if (const char* secrets = std::getenv("CREDENTIALS_DIRECTORY"); secrets != nullptr)
        places.credentials_directory = secrets;
    return places;
}

Result<std::vector<SettingsFile>> read_settings_files(const std::string& config_file)
{
    std::vector<SettingsFile> files;
    const auto directory = std::filesystem::path{config_file}.parent_path() / "raiten.d";
    const auto more = list_files(directory.string(), ".toml", settings_files_max);
    if (!more) return more.error();
    std::vector<std::string> paths{config_file};
    paths.insert(paths.end(), more.value().begin(), more.value().end());
    for (const auto& path : paths) {
        auto text = read_file(path, settings_file_bytes_max);
        if (!text) return text.error();
        files.push_back({path, std::move(text).value()});
    }
    return files;
}

SettingsRead load_settings(const std::string& config_file)
{
    const auto files = read_settings_files(config_file);
    if (!files) return {{}, {files.error()}};
    return parse_settings(files.value(), places_from_environment(config_file));
}

ConfigCheck check_config(std::span<const std::string> config_files)
{
    if (config_files.empty())
        return {64, "no configuration was named: raitend --check-config --config FILE\n"};
    ConfigCheck check;
    for (const auto& file : config_files) {
        const auto read = load_settings(file);
        for (const auto& problem : read.problems) check.text += problem.text() + "\n";
        if (read.problems.empty())
            check.text +=
                file + ": good (" + std::to_string(read.settings.readers.size()) + " readers)\n";
        else
            check.text += file + ": " + std::to_string(read.problems.size())
                          + (read.problems.size() == 1 ? " mistake\n" : " mistakes\n");
        if (!read.problems.empty()) check.exit_code = 78;
    }
    return check;
}

SettingsChange difference(const Settings& now, const Settings& next)
{
    std::set<std::string> paths;
    for (const auto* settings : {&now, &next})
        for (const auto& [path, value] : settings->shown) paths.insert(path);
    SettingsChange change;
    for (const auto& path : paths) {
        const auto before = now.shown.find(path);
        const auto after = next.shown.find(path);
        const bool both = before != now.shown.end() && after != next.shown.end();
        if (both && before->second == after->second) continue;
        const auto dot = path.find('.');
        const auto* key = find_key(path.substr(0, dot), path.substr(dot + 1));
        (key != nullptr && key->live ? change.live : change.restart).push_back(path);
    }
    return change;
}

}  // namespace raiten::app
