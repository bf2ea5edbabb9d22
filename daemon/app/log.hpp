#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

/// What the service says of itself, a line each: `reader.up reader=ent-1 zone="back door"`. The
/// first word is the stable name of the event. Whatever looks like a token is cut to its kind.
namespace raiten::app::log {

enum class Level : std::uint8_t { debug, info, warning, error };
/// text: with the time and the level; journal: with the priority prefix of sd-daemon(3).
enum class Format : std::uint8_t { automatic, text, journal };

Level level_of(std::string_view name);    ///< "debug", "info", "warning", "error"; else info
Format format_of(std::string_view name);  ///< "text", "journal"; else automatic

/// key=value. The value is quoted where it needs to be.
struct Field {
    std::string_view key;
    std::string value;

    Field(std::string_view k, std::string_view v) : key{k}, value{v} {}
    Field(std::string_view k, const char* v) : key{k}, value{v} {}
    Field(std::string_view k, const std::string& v) : key{k}, value{v} {}
    Field(std::string_view k, bool v) : key{k}, value{v ? "true" : "false"} {}
    Field(std::string_view k, double v);
    Field(std::string_view k, std::integral auto v) : key{k}, value{std::to_string(v)} {}
};
using Fields = std::initializer_list<Field>;

/// "reader.up reader=ent-1": values with blanks, quotes or control characters in quotes, with
/// backslashes; tokens hidden; cut at line_bytes_max.
std::string line_of(std::string_view event, Fields fields);
/// "no member for card:2900000000018" -> "no member for card:…".
std::string hide_tokens(std::string_view text);

inline constexpr std::size_t line_bytes_max = 2048;

/// Lets lines_per_minute lines of one event name through in each minute, and says afterwards how
/// many were held back (`log.suppressed event=NAME count=N`). Names are few: those beyond
/// names_max share one limit.
class Limiter {
 public:
    static constexpr std::uint32_t lines_per_minute = 20;
    static constexpr std::size_t names_max = 256;

    using Report = std::function<void(std::string_view event, std::uint64_t held_back)>;

    Limiter();
    ~Limiter();
    /// `now`: a clock that never goes back. Whether this line may be written.
    bool admit(std::string_view event, Millis now, const Report& report);
    /// Reports of minutes that are over although nothing more of that name came.
    void sweep(Millis now, const Report& report);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The process's own log, on standard error. Before start(): level info, format automatic.
void start(Level level, Format format);
/// To be called about once a minute, so that the count of held-back lines is told.
void sweep();

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warning(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});
/// A problem as a line: what=… where=… advice=…
void problem(Level level, std::string_view event, const Problem& problem);

}  // namespace raiten::app::log
