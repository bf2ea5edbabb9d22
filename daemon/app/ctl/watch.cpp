#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace raiten::app::ctl {
namespace {

constexpr int retry_pause_ms = 1'000;

struct Asked {
    std::string config{default_config};
    std::string socket;
    std::uint64_t count{};  ///< 0: until interrupted
    bool json{};
};

/// "raiten.visit.opened.v1" -> "visit opened".
std::string words_of(std::string type)
{
    if (type.starts_with("raiten.")) type.erase(0, 7);
    if (const auto version = type.rfind(".v"); version != std::string::npos) type.erase(version);
    for (char& c : type)
        if (c == '.') c = ' ';
    return type;
}

std::string detail_of(const std::string& what, const Json& data)
{
    if (what == "visit opened") {
        const auto streak = text_at(data, "streak");
        return text_at(data, "zone") + (streak == "0" || streak.empty() ? "" : " streak " + streak);
    }
    if (what == "visit ended") return "stayed " + span_shown(data, "dwell_s");
    if (what == "visit settled" || what == "visit amended")
        return text_at(data, "outcome") + " " + money_shown(data, "spend");
    if (what == "return detected")
        return "streak " + text_at(data, "streak") + ", after " + span_shown(data, "gap_s");
    if (what == "return corrected")
        return "streak " + text_at(data, "was_streak") + " is " + text_at(data, "streak");
    if (what.starts_with("coupon "))
        return text_at(data, "coupon") + " " + text_at(data, "campaign") + " "
               + text_at(data, "offer");
    return {};
}

/// One line for a person: time of the store, what, who, more.
std::string line_of(const StreamEvent& event)
{
    const auto envelope = Json::parse(event.data, nullptr, false);
    const auto type = text_at(envelope, "type");
    const auto what = words_of(type.empty() ? event.type : type);
    const auto& data = at(envelope, "data");
    const auto column = [](const std::string& text, std::size_t cells) {
        const auto cut = cut_to(plain(text), cells);
        return cut + std::string(cells - cells_of(cut), ' ') + "  ";
    };
    auto line = column(clock_time(text_at(envelope, "time")), 8) + column(what, 16)
                + column(text_at(data, "member"), 16);
    line = cut_to(line + plain(detail_of(what, data)), Table::columns_max);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

extern "C" void leave(int)
{
    ::_exit(exit_code::good);  // every line is already out
}

int watch(const Asked& asked)
{
    std::signal(SIGINT, leave);
    const ApiClient client{socket_path(asked.socket, asked.config)};
    std::string last_id;
    std::uint64_t seen = 0;
    bool ever_opened = false;
    const auto take = [&](const StreamEvent& event) {
        last_id = event.id;
        print(asked.json ? event.data : line_of(event));
        std::fflush(stdout);
        return asked.count == 0 || ++seen < asked.count;
    };
    for (;;) {
        const auto end = client.follow("/api/v1/stream", last_id, take);
        if (!end.problem) return exit_code::good;
        if (std::ferror(stdout) != 0) return exit_code::output_failed;
        if (end.opened || !ever_opened) complain(*end.problem, 0);
        ever_opened = ever_opened || end.opened;
        if (!ever_opened) return exit_code::unavailable;
        ::poll(nullptr, 0, retry_pause_ms);
    }
}

}  // namespace

void add_watch(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(app, "watch", "Show what happens as it happens, until Ctrl-C.",
                                "raitenctl watch\nraitenctl watch --json --count 10");
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_config(*command, asked->config, "Where the settings name the socket.");
    command->add_option("--count", asked->count, "Stop after so many events.")->type_name("N");
    add_json(*command, asked->json, "One event a line, as raitend tells it.");
    command->callback([asked, &code] { code = watch(*asked); });
}

}  // namespace raiten::app::ctl
