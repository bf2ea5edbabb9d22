#include "tests/days/story.hpp"

#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <regex>

namespace raiten::test {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

const fs::path folder = fs::path{RAITEN_SOURCE_DIR} / "tests/days";

bool same_value(const Json& found, const Json& expected)
{
    if (expected.is_string() && found.is_string()) {
        const auto a = parse_instant(found.get<std::string>());
        const auto b = parse_instant(expected.get<std::string>());
        return a && b ? a.value() == b.value() : found == expected;
    }
    if (expected.is_string() && found.is_number()) {
        const auto text = expected.get<std::string>();
        return text.starts_with(">= ") && found.get<double>() >= std::stod(text.substr(3));
    }
    if (expected.is_number() && found.is_number())
        return found.get<double>() == expected.get<double>();
    return found == expected;
}

std::string difference(const Json& effect, const Json& expected)
{
    for (const auto& [key, value] : expected.items()) {
        const auto& place = key == "type" || key == "time" ? effect : effect.at("data");
        auto found = place.value(key, Json("(absent)"));
        if (key == "type")
            found =
                std::regex_replace(found.get<std::string>(), std::regex{"^raiten\\.|\\.v1$"}, "");
        if (!same_value(found, value)) return key + " is " + found.dump();
    }
    return "";
}

/// Waits for READY=1 on a socket of its own.
class Readiness {
 public:
    explicit Readiness(const std::string& path)
        : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof at.sun_path);
        std::memcpy(at.sun_path, path.data(), path.size());
        ::unlink(path.c_str());
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~Readiness()
    {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(socket_);
    }
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    bool wait() const
    {
        for (;;) {
            pollfd on{socket_, POLLIN, 0};
            if (::poll(&on, 1, 30'000) <= 0) return false;
            char text[4096];
            const auto n = ::recv(socket_, text, sizeof text, 0);
            if (n <= 0) return false;
            if (std::string_view{text, static_cast<std::size_t>(n)}.find("READY=1")
                != std::string_view::npos)
                return true;
        }
    }

 private:
    int socket_;
};

}  // namespace

std::vector<std::string> stories()
{
    std::vector<std::string> names;
    constexpr std::string_view ending{".expected.ndjson"};
    for (const auto& entry : fs::directory_iterator{folder}) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(ending)) names.push_back(name.substr(0, name.size() - ending.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string day_file(const std::string& name)
{
    return Scratch::content((folder / name).string());
}

std::string tick_of(const std::string& day)
{
    return lines_of(day).back() + "\n";
}

std::string without_tick(const std::string& day)
{
    return day.substr(0, day.size() - tick_of(day).size());
}

std::string tick_time(const std::string& day)
{
    const auto tick = Json::parse(tick_of(day));
    REQUIRE(tick.at("type") == "tick");
    return tick.at("at").get<std::string>();
}

std::string differences(const std::string& effects, const std::string& expected)
{
    const auto found = lines_of(effects);
    const auto wanted = lines_of(expected);
    std::string out;
    for (std::size_t i = 0; i < std::max(found.size(), wanted.size()); ++i) {
        if (i >= found.size()) {
            out += "missing: " + wanted[i] + "\n";
        } else if (i >= wanted.size()) {
            out += "not expected: " + found[i] + "\n";
        } else if (const auto what = difference(Json::parse(found[i]), Json::parse(wanted[i]));
                   !what.empty()) {
            out += "line " + std::to_string(i + 1) + ": " + what + "\n  expected " + wanted[i]
                   + "\n  found    " + found[i] + "\n";
        }
    }
    return out;
}

// ---- the store --------------------------------------------------------------------------------

Store::Store()
{
    fs::create_directory(path("raiten.d"));
    fs::create_directory(path("campaigns"));
    config_ = file("raiten.toml", day_file("raiten.toml"));
    file("members.csv", day_file("store.members.csv"));
    for (const auto& entry : fs::directory_iterator{folder / "campaigns"})
        file("campaigns/" + entry.path().filename().string(),
             Scratch::content(entry.path().string()));
    file("token.key", std::string(64, '7') + "\n");
    REQUIRE(::chmod(path("token.key").c_str(), 0600) == 0);
    file("raiten.d/place.toml", "[identity]\ntoken_key = \"" + path("token.key")
                                    + "\"\n[ledger]\npath = \"" + path("raiten.db")
                                    + "\"\n[http]\nsocket = \"" + path("api.sock")
                                    + "\"\ntokens_file = \"" + path("api-tokens") + "\"\n");
}

Ran Store::replay(const std::string& events, const std::vector<std::string>& more) const
{
    std::vector<std::string> words{"replay",         "--config",          config_,
                                   "--members",      path("members.csv"), "--campaigns",
                                   path("campaigns")};
    words.insert(words.end(), more.begin(), more.end());
    words.emplace_back("-");
    return raitenctl(words, events);
}

Ran Store::import_members() const
{
    return raitenctl({"import", "members", path("members.csv"), "--config", config_});
}

// ---- the service ------------------------------------------------------------------------------

Service::Service(const Store& store)
    : log_file_{store.path("log")}, door_{Door::local(store.path("api.sock"))}
{
    const Readiness readiness{store.path("notify.sock")};
    process_ = std::make_unique<Process>(std::vector<std::string>{
        "/bin/sh", "-c", R"(exec "$0" --config "$1" 2>"$2")", RAITEND, store.config(), log_file_});
    const bool ready = readiness.wait();
    INFO(log());
    REQUIRE(ready);
}

Service::~Service()
{
    process_->signal(SIGTERM);
    process_->wait();
}

int Service::stop()
{
    process_->signal(SIGTERM);
    return process_->wait();
}

std::string Service::log() const
{
    return Scratch::content(log_file_);
}

Door Service::loopback() const
{
    const auto text = log();
    std::smatch found;
    REQUIRE(std::regex_search(text, found, std::regex{"127\\.0\\.0\\.1:([0-9]+)"}));
    return Door::loopback(static_cast<unsigned>(std::stoul(found[1])));
}

}  // namespace raiten::test
