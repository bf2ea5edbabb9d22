#include "daemon/app/log.hpp"

#include "daemon/model/token.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cstdlib>
#include <map>
#include <mutex>

namespace raiten::app::log {
namespace {

constexpr auto minute = std::chrono::minutes{1};
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};
constexpr std::array<spdlog::level::level_enum, 4> spd_levels{
    spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
/// sd-daemon(3): debug 7, info 6, warning 4, error 3.
constexpr std::array<std::string_view, 4> prefixes{"<7>", "<6>", "<4>", "<3>"};

bool word_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool ends_token(char c)
{
    return static_cast<unsigned char>(c) <= 0x20 || c == '\'' || c == '"' || c == ',' || c == ')';
}

/// Where the token starts whose kind ends at this colon, or npos.
std::size_t token_start(std::string_view text, std::size_t colon)
{
    std::size_t start = colon;
    while (start > 0 && word_letter(text[start - 1])) --start;
    std::string word{text.substr(start, colon - start)};
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool known = kind_of(word + ":").has_value();
    const bool body = colon + 1 < text.size() && !ends_token(text[colon + 1]);
    return known && body ? start : std::string_view::npos;
}

bool needs_quotes(std::string_view value)
{
    if (value.empty()) return true;
    for (const char c : value)
        if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7F)
            return true;
    return false;
}

void append_escaped(std::string& out, std::string_view value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append({'\\', c});
        else if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
            out.append("\\x").append({digits[byte >> 4U], digits[byte & 15U]});
        else
            out += c;
    }
}

/// systemd says in $JOURNAL_STREAM which file its journal is; see systemd.exec(5).
bool stderr_is_journal()
{
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat about {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &about) != 0) return false;
    return std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino) == stream;
}

/// The one log of the process: standard error is one, too.
class ProcessLog {
 public:
    ProcessLog() { start(Level::info, Format::automatic); }

    void start(Level level, Format format)
    {
        const std::lock_guard lock{mutex_};
        journal_ =
            format == Format::journal || (format == Format::automatic && stderr_is_journal());
        logger_->set_pattern(journal_ ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %v");
        least_ = level;
    }

    void write(Level level, std::string_view event, Fields fields)
    {
        if (level < least_) return;
        const std::lock_guard lock{mutex_};
        const auto report = [this](std::string_view name, std::uint64_t count) {
            put(Level::warning, line_of("log.suppressed", {{"event", name}, {"count", count}}));
        };
        if (limiter_.admit(event, now(), report)) put(level, line_of(event, fields));
    }

    void sweep()
    {
        const std::lock_guard lock{mutex_};
        limiter_.sweep(now(), [this](std::string_view name, std::uint64_t count) {
            put(Level::warning, line_of("log.suppressed", {{"event", name}, {"count", count}}));
        });
    }

 private:
    static Millis now()
    {
        return std::chrono::duration_cast<Millis>(
            std::chrono::steady_clock::now().time_since_epoch());
    }

    void put(Level level, const std::string& line)
    {
        const auto n = static_cast<std::size_t>(level);
        if (journal_)
            logger_->log(spd_levels[n], std::string{prefixes[n]} + line);
        else
            logger_->log(spd_levels[n], std::string{level_names[n]} + " " + line);
    }

    static std::shared_ptr<spdlog::logger> make_logger()
    {
        auto logger = std::make_shared<spdlog::logger>(
            "raiten", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_level(spdlog::level::trace);
        logger->flush_on(spdlog::level::trace);
        return logger;
    }

    std::mutex mutex_;
    std::shared_ptr<spdlog::logger> logger_{make_logger()};
    Limiter limiter_;
    std::atomic<Level> least_{Level::info};
    bool journal_{};
};

ProcessLog& process_log()
{
    static ProcessLog log;
    return log;
}

}  // namespace

struct Limiter::State {
    struct Window {
        Millis from{};
        std::uint32_t written{};
        std::uint64_t held_back{};
    };
    std::map<std::string, Window, std::less<>> windows;
};

Limiter::Limiter() : state_{std::make_unique<State>()} {}
Limiter::~Limiter() = default;

bool Limiter::admit(std::string_view event, Millis now, const Report& report)
{
    auto& windows = state_->windows;
    auto found = windows.find(event);
    if (found == windows.end()) {
        const bool room = windows.size() < names_max;
        found = windows.try_emplace(room ? std::string{event} : "other", State::Window{now, 0, 0})
                    .first;
    }
    auto& window = found->second;
    if (now - window.from >= minute) {
        if (window.held_back > 0) report(found->first, window.held_back);
        window = {now, 0, 0};
    }
    if (window.written == lines_per_minute) {
        ++window.held_back;
        return false;
    }
    ++window.written;
    return true;
}

void Limiter::sweep(Millis now, const Report& report)
{
    for (auto& [event, window] : state_->windows) {
        if (now - window.from < minute || window.held_back == 0) continue;
        report(event, window.held_back);
        window = {now, 0, 0};
    }
}

Level level_of(std::string_view name)
{
    for (std::size_t i = 0; i < level_names.size(); ++i)
        if (level_names[i] == name) return static_cast<Level>(i);
    return Level::info;
}

Format format_of(std::string_view name)
{
    if (name == "text") return Format::text;
    return name == "journal" ? Format::journal : Format::automatic;
}

Field::Field(std::string_view k, double v) : key{k}, value{fmt::format("{}", v)} {}

std::string hide_tokens(std::string_view text)
{
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ':' || token_start(text, i) == std::string_view::npos) continue;
        out.append(text.substr(copied, i + 1 - copied)).append("…");
        while (i + 1 < text.size() && !ends_token(text[i + 1])) ++i;
        copied = i + 1;
    }
    return out.append(text.substr(copied));
}

std::string line_of(std::string_view event, Fields fields)
{
    std::string line{event};
    for (const auto& field : fields) {
        const auto value = hide_tokens(field.value);
        line.append(" ").append(field.key).append("=");
        if (!needs_quotes(value)) {
            line += value;
            continue;
        }
        line += '"';
        append_escaped(line, value);
        line += '"';
    }
    if (line.size() > line_bytes_max) line.replace(line_bytes_max - 3, std::string::npos, "…");
    return line;
}

void start(Level level, Format format)
{
    process_log().start(level, format);
}
void sweep()
{
    process_log().sweep();
}
void debug(std::string_view event, Fields fields)
{
    process_log().write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields)
{
    process_log().write(Level::info, event, fields);
}
void warning(std::string_view event, Fields fields)
{
    process_log().write(Level::warning, event, fields);
}
void error(std::string_view event, Fields fields)
{
    process_log().write(Level::error, event, fields);
}
void problem(Level level, std::string_view event, const Problem& problem)
{
    process_log().write(
        level, event,
        {{"what", problem.what}, {"where", problem.where}, {"advice", problem.advice}});
}

}  // namespace raiten::app::log
