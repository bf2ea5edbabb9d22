#include "daemon/app/api_tokens.hpp"
#include "daemon/app/clock.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/findings.hpp"
#include "daemon/app/ctl/store.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket;
    bool json{};
};

bool clock_is_synchronised()
{
    timex answer{};
    return ::adjtimex(&answer) != TIME_ERROR;
}

/// Whether somebody holds the lock; nothing where that cannot be told.
std::optional<bool> is_locked(const std::string& file)
{
    const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0) return errno == ENOENT ? std::optional{false} : std::nullopt;
    const bool locked = ::flock(number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(number);
    return locked;
}

class Doctor {
 public:
    explicit Doctor(const Asked& asked) : asked_{asked} {}

    int examine()
    {
        tell(clock_finding(wall_now(), clock_is_synchronised()));
        auto read = load_settings(asked_.config);
        if (!read.problems.empty()) {
            for (const auto& problem : read.problems)
                tell({"config", Grade::fail, Problem{problem.what, problem.where}.text(),
                      problem.advice});
            look_at_daemon({}, false);
            return code_;
        }
        const Store store{std::move(read.settings), places_from_environment(asked_.config)};
        tell({"config", Grade::ok, asked_.config});
        look_at_token_key(store);
        look_at_api_tokens(store.settings.http.tokens_file);
        const bool running = look_at_ledger(store.settings.ledger.path);
        look_at_certificates(store.settings);
        look_at_daemon(store.settings, running);
        return code_;
    }

 private:
    void tell(const Finding& finding)
    {
        constexpr std::array<const char*, 3> grades{"ok", "warn", "fail"};
        const std::string grade = grades[static_cast<std::size_t>(finding.grade)];
        if (finding.grade == Grade::fail) code_ = exit_code::failed;
        if (asked_.json)
            return print(R"({"check":)" + json_text(finding.about) + R"(,"grade":")" + grade
                         + R"(","what":)" + json_text(finding.what) + R"(,"advice":)"
                         + json_text(finding.advice) + "}");
        print(grade + std::string(6 - grade.size(), ' ')
              + plain(finding.about + ": " + finding.what));
        if (!finding.advice.empty()) print("      -> " + plain(finding.advice));
    }

    void look_at_token_key(const Store& store)
    {
        const auto key = find_token_key(store, {});
        if (key) return tell({"token key", Grade::ok, "readable, for its owner alone"});
        const auto& problem = key.error();
        tell({"token key", Grade::fail, Problem{problem.what, problem.where}.text(),
              problem.advice.empty() ? "raitenctl init makes one; a tenant's stores share it"
                                     : problem.advice});
    }

    void look_at_api_tokens(const std::string& file)
    {
        const auto read = read_api_tokens(file);
        if (!read) return tell({"API tokens", Grade::fail, read.error().text(), ""});
        for (const auto& problem : read->problems)
            tell({"API tokens", Grade::warn, Problem{problem.what, problem.where}.text(),
                  problem.advice});
        if (read->tokens.empty())
            return tell({"API tokens", Grade::warn, "nobody may use the kiosk page or the API",
                         "raitenctl token new kiosk"});
        tell({"API tokens", Grade::ok, std::to_string(read->tokens.size()) + " in " + file});
    }

    /// Whether a raitend holds the ledger.
    bool look_at_ledger(const std::string& file)
    {
        std::error_code error;
        const auto folder = std::filesystem::path{file}.parent_path().string();
        tell(disk_finding(folder.empty() ? "." : folder));
        const bool there = std::filesystem::exists(file, error);
        if (error) {
            tell({"ledger", Grade::fail, file + ": " + error.message(), "be root"});
        } else if (!there) {
            tell({"ledger", Grade::warn, file + ": is not there yet",
                  "raitend makes it at its first start"});
        } else {
            tell({"ledger", Grade::ok, file});
        }
        return is_locked(file + ".lock").value_or(false);
    }

    void look_at_certificates(const Settings& settings)
    {
        const std::array<std::pair<const char*, const std::string*>, 3> files{
            {{"API certificate", &settings.http.certificate},
             {"MQTT certificate", &settings.mqtt.certificate},
             {"MQTT authority", &settings.mqtt.ca}}};
        for (const auto& [about, file] : files)
            if (!file->empty()) tell(certificate_finding(about, *file, wall_now()));
    }

    void look_at_daemon(const Settings& settings, bool holds_ledger)
    {
        auto socket = asked_.socket.empty() ? settings.http.socket : asked_.socket;
        if (socket.empty()) socket = "/run/raiten/api.sock";
        const auto reply = ApiClient{socket}.get("/api/v1/status");
        if (!reply) {
            const auto& problem = reply.error();
            return tell({"raitend", Grade::fail, Problem{problem.what, problem.where}.text(),
                         holds_ledger ? "it runs and holds the ledger: journalctl -u raitend"
                                      : problem.advice});
        }
        if (reply->status != 200)
            return tell({"raitend", Grade::fail, refusal_of(*reply).what, "journalctl -u raitend"});
        status_findings(reply->body, !settings.mqtt.brokers.empty(), wall_now(),
                        [this](const Finding& finding) { tell(finding); });
    }

    const Asked& asked_;
    int code_{exit_code::good};
};

}  // namespace

void add_doctor(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(app, "doctor",
                                "Find what is wrong and say what to do; exit code 1 if anything "
                                "fails.",
                                "raitenctl doctor\nraitenctl doctor --config ./raiten.toml --json");
    add_config(*command, asked->config, "The store's settings; else /etc/raiten/raiten.toml.");
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_json(*command, asked->json, "One JSON object a finding.");
    command->callback([asked, &code] { code = Doctor{*asked}.examine(); });
}

}  // namespace raiten::app::ctl
