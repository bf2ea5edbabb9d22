#include "tests/house/floors.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace raiten::house {
namespace {

using Names = std::vector<std::string_view>;

struct Room {
    std::string_view folder;
    bool pure;           ///< below the line
    Names may_include;   ///< of ours, besides itself
    Names may_use = {};  ///< of others, below the line, besides the standard library
};

/// The floor plan, from the ground up. The README shows the same as a picture.
const std::array rooms{
    Room{"daemon/base", true, {}, {"boost/system/"}},
    Room{"daemon/model", true, {"daemon/base"}, {"boost/system/"}},
    Room{"daemon/scoring",
         true,
         {"daemon/base", "daemon/model"},
         {"boost/system/", "boost/math/", "nlopt.h"}},
    Room{"daemon/decision",
         true,
         {"daemon/base", "daemon/model"},
         {"boost/system/", "boost/math/"}},
    Room{"daemon/kpi", true, {"daemon/base", "daemon/model"}, {"boost/system/"}},
    Room{"daemon/simulator", true, {"daemon/base", "daemon/model"}, {"boost/system/"}},
    Room{"daemon/engine",
         true,
         {"daemon/base", "daemon/model", "daemon/scoring", "daemon/decision", "daemon/kpi"},
         {"boost/system/"}},
    Room{"drivers",
         true,
         {"daemon/base", "daemon/model"},
         {"boost/system/", "nlohmann/", "openssl/", "re2/", "expat.h", "pugixml.hpp"}},
    Room{"daemon/ledger",
         false,
         {"daemon/base", "daemon/model", "daemon/engine", "daemon/decision", "daemon/scoring"}},
    Room{"daemon/http", false, {"daemon/base", "daemon/model"}},
    Room{"daemon/paho", false, {"daemon/base"}},
    Room{"daemon/wire", false, {"daemon/base", "daemon/model", "daemon/paho"}},
    Room{"sync", false, {"daemon/base", "daemon/model", "daemon/paho"}},
    Room{"sync/hq", false, {"daemon/base", "daemon/model", "daemon/paho", "sync"}},
    Room{"daemon/app",
         false,
         {"daemon/base", "daemon/model", "daemon/scoring", "daemon/decision", "daemon/kpi",
          "daemon/engine", "daemon/simulator", "drivers", "daemon/ledger", "daemon/http", "daemon/wire",
          "sync"}},
};

/// Headers of others that belong in few places. `source_only`: they cost seconds, so that a
/// header which includes one makes everybody pay.
struct Guest {
    std::string_view prefix;
    Names lives_in;
    bool source_only;
};

const std::array guests{
    Guest{"boost/beast", {"daemon/http", "daemon/app"}, true},
    Guest{
        "nlohmann/json.hpp",
        {"drivers", "daemon/ledger", "daemon/http", "daemon/wire", "sync", "sync/hq", "daemon/app"},
        true},
    Guest{"re2/", {"drivers", "daemon/app"}, true},
    Guest{"mqtt/", {"sync", "sync/hq", "daemon/wire"}, true},
    Guest{"MQTT", {"sync", "sync/hq", "daemon/wire"}, true},
    Guest{"winscard.h", {"daemon/wire"}, true},
    Guest{"expat.h", {"drivers"}, true},
    Guest{"sqlite3", {"daemon/ledger"}, false},
    Guest{"libpq", {"sync/hq"}, true},
    Guest{"toml++/", {"daemon/app"}, true},
    Guest{"CLI/", {"daemon/app", "sync/hq"}, true},
    Guest{"systemd/", {"daemon/app"}, true},
};

/// Standard headers that open a door to the clock, the disk, threads or dice.
constexpr std::array doors{"fstream", "iostream", "filesystem",         "thread", "future",
                           "random",  "ctime",    "condition_variable", "mutex",  "stop_token"};

struct Include {
    std::string target;
    bool ours;  ///< written with quotes
};

std::optional<Include> include_in(std::string_view line)
{
    const auto skip = [&] {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    };
    skip();
    if (!line.starts_with('#')) return std::nullopt;
    line.remove_prefix(1);
    skip();
    if (!line.starts_with("include")) return std::nullopt;
    line.remove_prefix(7);
    skip();
    const auto end = line.find_first_of("\">", 1);
    if (end == std::string_view::npos) return std::nullopt;
    return Include{std::string{line.substr(1, end - 1)}, line.front() == '"'};
}

/// The innermost room that the path lies in.
const Room* room_of(std::string_view path)
{
    const Room* found = nullptr;
    for (const auto& room : rooms) {
        const bool inside = path.starts_with(room.folder) && path.size() > room.folder.size()
                            && path[room.folder.size()] == '/';
        if (inside && (found == nullptr || room.folder.size() > found->folder.size()))
            found = &room;
    }
    return found;
}

bool has(const Names& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string wrong_with_ours(const Room& room, std::string_view target)
{
    if (target.starts_with("raiten_embedded/")) return {};  // generated beside the build
    const Room* there = room_of(target);
    if (there == nullptr) return "a quoted include starts at a room of the house";
    if (there == &room || has(room.may_include, there->folder)) return {};
    return std::string{room.folder} + " must not know " + std::string{there->folder};
}

/// drivers/escpos/make_code_pages.cpp: writes a source while building; the product never runs
/// it.
bool is_building_tool(std::string_view file)
{
    return file.substr(file.rfind('/') + 1).starts_with("make_") && file.ends_with(".cpp");
}

std::string wrong_with_guest(const Room& room, std::string_view file, std::string_view target)
{
    for (const auto& guest : guests) {
        if (!target.starts_with(guest.prefix)) continue;
        if (!has(guest.lives_in, room.folder))
            return std::string{guest.prefix} + " does not belong in " + std::string{room.folder};
        if (guest.source_only && !file.ends_with(".cpp"))
            return std::string{guest.prefix} + " is heavy: only in .cpp files";
    }
    if (!room.pure || is_building_tool(file)) return {};
    if (std::find(doors.begin(), doors.end(), target) != doors.end())
        return "below the line there is no clock, disk, thread or dice";
    const bool standard = target.find_first_of("./") == std::string_view::npos;
    const bool allowed = std::any_of(room.may_use.begin(), room.may_use.end(),
                                     [&](auto prefix) { return target.starts_with(prefix); });
    if (standard || allowed) return {};
    return "below the line, " + std::string{room.folder} + " does not use this library";
}

}  // namespace

std::vector<std::string> floor_violations(std::string_view file, std::string_view text)
{
    const Room* room = room_of(file);
    if (room == nullptr) return {std::string{file} + ": this folder is on no floor of the plan"};

    std::vector<std::string> wrong;
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        const auto include = include_in(line);
        if (!include) continue;
        const auto why = include->ours ? wrong_with_ours(*room, include->target)
                                       : wrong_with_guest(*room, file, include->target);
        if (!why.empty())
            wrong.push_back(std::string{file} + " includes " + include->target + ": " + why);
    }
    return wrong;
}

}  // namespace raiten::house
